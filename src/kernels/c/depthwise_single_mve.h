// Depthwise convolutions for Helium that have a single output of each channel, of 8 to 16 taps that all lie
// inside of the image: windows are gathered from the image itself, eight taps at a time, without planes.
// Constants are packed as depthwise_rows_mve.h says.
#ifndef TEFF_KERNELS_C_DEPTHWISE_SINGLE_MVE_H
#define TEFF_KERNELS_C_DEPTHWISE_SINGLE_MVE_H

#include "mve.h"
#include "rows.h"

// The assembly knows these members by their offsets.
typedef struct teff_single_mve {
  const int8_t* x;                    //  0
  const int8_t* w;                    //  4
  int8_t* y;                          //  8
  int32_t taps;                       // 12
  int32_t number;                     // 16: of the scaling
  const teff_channels_mve* channels;  // 20
  int32_t fours;                      // 24: so many times four channels
  uint16_t places[16];                // 28: of the taps from x on; 0 behind them
} teff_single_mve;

// The scalings of a program's layers that are made so, a bit each: who knows that some never occur may say so
// before this file is included, and their code falls away.
#ifndef TEFF_SINGLES_MVE
#define TEFF_SINGLES_MVE 15
#endif
// Whether these are all results, and places have 16 bits.
TEFF_KERNEL int teff_is_single_mve(const teff_depthwise_rows* p) {
  const teff_window* w = &p->window;
  const int32_t taps = w->kernel_h * w->kernel_w;
  return !p->small && (TEFF_SINGLES_MVE >> p->result.scaling & 1) && w->out_h == 1 && w->out_w == 1 &&
         w->channels % 4 == 0 && taps >= 8 && taps <= 16 && w->dilation_h == 1 && w->dilation_w == 1 &&
         w->pad_top == 0 && w->pad_left == 0 && w->kernel_h <= w->in_h && w->kernel_w <= w->in_w &&
         p->in.rows >= w->in_h &&
         (w->kernel_h - 1) * p->in.row_bytes + (w->kernel_w - 1) * w->channels < 65536;
}
// Four channels are read before they are written: results may overlay the same channels of any pixel.
TEFF_KERNEL int teff_single_may_overlay_mve(const teff_depthwise_rows* p, const int8_t* x, const int8_t* y) {
  return (x - y) % p->window.channels == 0 ||
         teff_apart_mve(x, (ptrdiff_t)p->in.rows * p->in.row_bytes, y, p->window.channels);
}

#if TEFF_HAS_MVE

// One channel: r1 moves on to the next one's bytes as its weights have it. Weights behind the taps are zero.
#define TEFF_SINGLE_SUM_MVE(sum, next) \
  "vldrb.s16 q2, [r1, q0]\n"           \
  "vldrb.s16 q3, [r3]\n"               \
  "vmladav.s16 " sum                   \
  ", q2, q3\n"                         \
  "vldrb.s16 q2, [r1, q1]\n"           \
  "vpst\n"                             \
  "vldrbt.s16 q3, [r3, #8]\n"          \
  "vmladava.s16 " sum                  \
  ", q2, q3\n"                         \
  "add r3, r7\n" next "\n"
#define TEFF_SINGLE_EACH_MVE(STEP, t, u, s) STEP("q4", t, u, s)
#define TEFF_SINGLE_KERNEL_MVE(name, RESULT)                                               \
  TEFF_ASSEMBLY void teff_single_##name##_mve(TEFF_IN_R0(const teff_single_mve*)) {        \
    __asm volatile(TEFF_ENTER_MVE                                                        \
                   "ldrd r1, r3, [r0]\n"                                                 \
                   "ldrd r5, r7, [r0, #8]\n"                                             \
                   "ldrd r12, r11, [r0, #16]\n"                                          \
                   "ldr lr, [r0, #24]\n"                                                 \
                   "adds r0, #28\n"                                                      \
                   "vldrh.u16 q0, [r0]\n"                                                \
                   "vldrh.u16 q1, [r0, #16]\n"                                           \
                   "sub r2, r7, #8\n"                                                    \
                   "vctp.16 r2\n"                                                        \
                   "dls lr, lr\n"                                                        \
                   "1:\n"                                                                \
                   TEFF_SINGLE_SUM_MVE("r2", "adds r1, #2")                              \
                   TEFF_SINGLE_SUM_MVE("r6", "subs r1, #1")                              \
                   TEFF_SINGLE_SUM_MVE("r8", "adds r1, #2")                              \
                   TEFF_SINGLE_SUM_MVE("r10", "adds r1, #1")                             \
                   "vmov q4[2], q4[0], r2, r6\n"                                         \
                   "vmov q4[3], q4[1], r8, r10\n"                                        \
                   RESULT(TEFF_SINGLE_EACH_MVE, "q5", "q6", "r12")                       \
                   "vstrb.32 q4, [r5], #4\n"                                             \
                   "le lr, 1b\n" TEFF_LEAVE_MVE); \
  }
TEFF_SINGLE_KERNEL_MVE(high, TEFF_RESULT_HIGH_MVE)
TEFF_SINGLE_KERNEL_MVE(high2, TEFF_RESULT_HIGH2_MVE)
TEFF_SINGLE_KERNEL_MVE(right, TEFF_RESULT_RIGHT_MVE)
TEFF_SINGLE_KERNEL_MVE(tflite, TEFF_RESULT_TFLITE_MVE)

#else

// Four channels are read before they are written.
TEFF_KERNEL void teff_single_c_mve(int32_t scaling, const teff_single_mve* p) {
  for (int32_t c = 0; c < 4 * p->fours; c += 4) {
    int8_t bytes[4];
    for (int32_t i = 0; i < 4; ++i) {
      const int8_t* w = p->w + (c + (i % 2 * 2 + i / 2)) * p->taps;
      uint32_t sum = 0;
      for (int32_t k = 0; k < p->taps; ++k) sum += (uint32_t)(p->x[c + i + p->places[k]] * w[k]);
      bytes[i] = teff_byte_mve(scaling, p->number, p->channels + c / 4, i, (int32_t)sum);
    }
    __builtin_memcpy(p->y + c, bytes, 4);
  }
}
#define TEFF_SINGLE_KERNEL_MVE(name, SCALING) \
  TEFF_SHARED void teff_single_##name##_mve(const teff_single_mve* p) { teff_single_c_mve(SCALING, p); }
TEFF_SINGLE_KERNEL_MVE(high, TEFF_SCALE_HIGH)
TEFF_SINGLE_KERNEL_MVE(high2, TEFF_SCALE_HIGH2)
TEFF_SINGLE_KERNEL_MVE(right, TEFF_SCALE_RIGHT)
TEFF_SINGLE_KERNEL_MVE(tflite, TEFF_SCALE_TFLITE)

#endif

TEFF_KERNEL int teff_makes_singles_mve(int32_t scaling, int32_t kind) {
  return (TEFF_SINGLES_MVE >> kind & 1) && teff_is_scaling_mve(scaling, kind);
}
TEFF_KERNEL void teff_run_single_mve(int32_t scaling, const teff_single_mve* p) {
  if (teff_makes_singles_mve(scaling, TEFF_SCALE_HIGH)) teff_single_high_mve(p);
  if (teff_makes_singles_mve(scaling, TEFF_SCALE_HIGH2)) teff_single_high2_mve(p);
  if (teff_makes_singles_mve(scaling, TEFF_SCALE_RIGHT)) teff_single_right_mve(p);
  if (teff_makes_singles_mve(scaling, TEFF_SCALE_TFLITE)) teff_single_tflite_mve(p);
}

TEFF_KERNEL void teff_depthwise_single_mve(const teff_depthwise_rows* p, const int8_t* x, const void* packed,
                                           int8_t* y) {
  const teff_window* w = &p->window;
  const teff_channels_mve* channels = (const teff_channels_mve*)packed;
  teff_single_mve s = {x,
                       (const int8_t*)(channels + w->channels / 4),
                       y,
                       w->kernel_h * w->kernel_w,
                       teff_scaling_number_mve(&p->result),
                       channels,
                       w->channels / 4,
                       {0}};
  for (int32_t j = 0, k = 0; j < w->kernel_w; ++j)
    for (int32_t i = 0; i < w->kernel_h; ++i, ++k)
      s.places[k] = (uint16_t)(i * p->in.row_bytes + j * w->channels);
  teff_run_single_mve(p->result.scaling, &s);
  if (teff_is_clamped_mve(&p->result)) teff_clamp_mve(y, w->channels, p->result.lo, p->result.hi);
}

#endif
