// Rows of images become planes for Helium's depthwise convolutions: what a row of windows sees of one channel
// lies together, [channel][column][row], of up to 16 channels; of every four channels in the order 0, 2,
// 1, 3.
#ifndef TEFF_KERNELS_C_TO_PLANES_MVE_H
#define TEFF_KERNELS_C_TO_PLANES_MVE_H

#include "mve.h"

// Rows of the image that become planes of 8 or 16 channels. The assembly knows these members by their
// offsets.
typedef struct teff_to_planes_mve {
  int8_t* planes;            //  0: where the first column that lies inside of the image goes
  const int32_t* rows;       //  4: that column in each of the taps' rows; -1 outside of the image
  int32_t kernel_h;          //  8: bytes of a column in a plane
  int32_t columns, step;     // 12, 16: columns inside, and from one to the next in the image
  int32_t pitch, x_zero;     // 20, 24
  const int8_t* x;           // 28: the first of the channels
  int32_t channels;          // 32: of up to 8
  const uint16_t* plane_of;  // 36: where a vector's lanes go
  int32_t count;             // 40: rows
} teff_to_planes_mve;

#if TEFF_HAS_MVE

// Rows into planes: r2 points to the rows, r3 counts them, r1 to where a row's first column goes. LOAD(q)
// reads the channels of the pixel at r7, SCATTER(q, first, second) writes them to the planes that are that
// far off; two columns at a time (q3 and q4 are the second's distances). Rows outside of the image are all
// x_zero; of these there may be a column more than asked for, which is as much outside.
#define TEFF_TO_PLANES_MVE(LOAD, SCATTER) \
  __asm volatile(TEFF_ENTER_MVE                       \
                 "ldrd r1, r2, [r0]\n"                \
                 "ldrd r3, r4, [r0, #8]\n"            \
                 "ldrd r5, r6, [r0, #16]\n"           \
                 "ldrd r9, r8, [r0, #24]\n"           \
                 "ldrd r10, r12, [r0, #32]\n"         \
                 "vctp.16 r10\n"                      \
                 "vldrh.16 q1, [r12]\n"               \
                 "vmul.i16 q1, q1, r6\n"              \
                 "lsl r6, r6, #1\n"                   \
                 "vadd.i16 q2, q1, r6\n"              \
                 "vadd.i16 q3, q1, r3\n"              \
                 "vadd.i16 q4, q2, r3\n"              \
                 "vdup.8 q6, r9\n"                   \
                 "lsl r12, r3, #1\n"                  \
                 "lsr r11, r4, #1\n"                  \
                 "ldr r3, [r0, #40]\n"                \
                 "3: ldr r7, [r2], #4\n"              \
                 "mov r10, r1\n"                      \
                 "cmp r7, #0\n"                       \
                 "blt 6f\n"                           \
                 "add r7, r8\n"                       \
                 "wls lr, r11, 2f\n"                  \
                 "1:\n" LOAD("q0") "add r7, r5\n" LOAD("q5") "add r7, r5\n" \
                 SCATTER("q0", "q1", "q2") SCATTER("q5", "q3", "q4") \
                 "add r10, r12\n"                     \
                 "le lr, 1b\n"                        \
                 "2: tst r4, #1\n"                    \
                 "beq 5f\n" LOAD("q0") SCATTER("q0", "q1", "q2") \
                 "5: add r1, #1\n"                    \
                 "subs r3, #1\n"                      \
                 "bne 3b\n" TEFF_LEAVE_MVE            \
                 "6: add r7, r4, #1\n"                \
                 "lsr r7, r7, #1\n"                   \
                 "cmp r7, #0\n"\
"beq 5b\n"\
"dls lr, r7\n"\
                 "7: vmov q0, q6\n"                   \
                 "vmov q5, q6\n" SCATTER("q0", "q1", "q2") SCATTER("q5", "q3", "q4") \
                 "add r10, r12\n"                     \
                 "le lr, 7b\n"                        \
                 "b 5b\n")

// 16 channels: the even and the odd ones are the low and the high bytes of words of 16 bits, whose low bytes
// a scattering store takes.
#define TEFF_LOAD_16_MVE(q) "vldrb.8 " q ", [r7]\n"
#define TEFF_SCATTER_16_MVE(q, even, odd) \
  "vstrb.16 " q ", [r10, " even           \
  "]\n"                                   \
  "vshr.u16 " q ", " q                    \
  ", #8\n"                                \
  "vstrb.16 " q ", [r10, " odd "]\n"
// Up to 8 channels.
#define TEFF_LOAD_8_MVE(q) "vpst\nvldrbt.u16 " q ", [r7]\n"
#define TEFF_SCATTER_8_MVE(q, each, none) "vstrb.16 " q ", [r10, " each "]\n"

TEFF_ASSEMBLY void teff_to_planes_16_mve(TEFF_IN_R0(const teff_to_planes_mve*)) {
  TEFF_TO_PLANES_MVE(TEFF_LOAD_16_MVE, TEFF_SCATTER_16_MVE);
}
TEFF_ASSEMBLY void teff_to_planes_8_mve(TEFF_IN_R0(const teff_to_planes_mve*)) {
  TEFF_TO_PLANES_MVE(TEFF_LOAD_8_MVE, TEFF_SCATTER_8_MVE);
}

#else

TEFF_KERNEL int32_t teff_plane_of_channel_mve(int32_t c) {
  return c % 4 == 1 ? c + 1 : c % 4 == 2 ? c - 1 : c;
}

TEFF_KERNEL void teff_to_planes_c_mve(const teff_to_planes_mve* p, int32_t channels) {
  for (int32_t i = 0; i < p->count; ++i)
    for (int32_t j = 0; j < p->columns; ++j)
      for (int32_t c = 0; c < channels; ++c)
        p->planes[teff_plane_of_channel_mve(c) * p->pitch + j * p->kernel_h + i] =
            p->rows[i] >= 0 ? p->x[p->rows[i] + j * p->step + c] : (int8_t)p->x_zero;
}
TEFF_SHARED void teff_to_planes_16_mve(const teff_to_planes_mve* p) { teff_to_planes_c_mve(p, 16); }
TEFF_SHARED void teff_to_planes_8_mve(const teff_to_planes_mve* p) { teff_to_planes_c_mve(p, p->channels); }

#endif

// The first 16 of `left` channels, if `most` are as many, or up to 8; returns how many.
TEFF_KERNEL int32_t teff_group_to_planes_mve(teff_to_planes_mve* in, int32_t left, int32_t most) {
  static const uint16_t kPlaneOfEven[8] = {0, 1, 4, 5, 8, 9, 12, 13},
                        kPlaneOfEach[8] = {0, 2, 1, 3, 4, 6, 5, 7};
  const int32_t here = most >= 16 && left >= 16 ? 16 : teff_min_s32(left, 8);
  in->channels = here;
  in->plane_of = here == 16 ? kPlaneOfEven : kPlaneOfEach;
  if (in->columns > 0) (here == 16 ? teff_to_planes_16_mve : teff_to_planes_8_mve)(in);
  return here;
}

#endif
