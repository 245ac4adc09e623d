// Depthwise convolution row by row for Helium. Packed: for every four channels their teff_channels_mve, then
// the weights, [channels to a multiple of 4][columns of the window][kernel_h], of every four channels in the
// order 0, 2, 1, 3 (so do sums come into the lanes of a vector). Columns that dilation leaves out have
// weights of zero.
//
// For a row of outputs and up to 16 channels, the rows of the image that the taps read are written into
// planes in scratch, [channel][column][kernel_h]: what a window sees of a channel is then one run of bytes,
// and its sum one or a few inner products of 16 bytes, whatever the window. Wide rows are done in strips.
#ifndef TEFF_KERNELS_C_DEPTHWISE_ROWS_MVE_H
#define TEFF_KERNELS_C_DEPTHWISE_ROWS_MVE_H

#include "depthwise_single_mve.h"
#include "depthwise_together_mve.h"

// All pixels of a strip and some channels, three pixels by four channels at a time; the last three pixels
// overlap others. The assembly knows these members by their offsets.
typedef struct teff_planes_mve {
  const int8_t* x;         //  0: window of the first pixel in the first plane
  const int8_t* last_x;    //  4: window of the third but last pixel (of the first, if there are fewer)
  int8_t* y;               //  8: the first pixel's bytes
  int8_t* last_y;          // 12
  int32_t x_step, y_step;  // 16, 20: three pixels
  int32_t second, third;   // 24, 28: from a pixel's bytes to those of the next two, 0 where there are none
  const teff_channels_mve* channels;  // 32
  const int8_t* w;                    // 36
  int32_t number;                     // 40: of the scaling
  int32_t left, fours;                // 44: fours that are to do, 48: so many times four channels
  int32_t pitch;                      // 52: from plane to plane
  int32_t taps, x_pixel;              // 56, 60: bytes of a window, from a window to the next pixel's
  int32_t w_fix, x_fix;  // 64, 68: from where a sum's loop has left w and x to the next channel's
  int8_t* now;           // 72: the pixel's bytes of the four channels
  teff_scale_mve scale;  // 76: of the loop that takes any scaling
} teff_planes_mve;

#if TEFF_HAS_MVE

// Two channels, a row of weights each, by three pixels: CHANNEL(a, b, c) for the sums of one. n is the taps
// in the last load of weights, d1 and d2 are the distances of the second and the third window from the first.
#define TEFF_PAIR_TO_LANES_MVE(lane) \
  "vmov q5[2 + " lane "], q5[" lane  \
  "], r2, r8\n"                      \
  "vmov q6[2 + " lane "], q6[" lane  \
  "], r4, r10\n"                     \
  "vmov q7[2 + " lane "], q7[" lane "], r6, r12\n"
#define TEFF_CHANNEL_PAIR_MVE(CHANNEL, lane, n, d1, d2) \
  CHANNEL("r2", "r4", "r6", n, d1, d2)                  \
  CHANNEL("r8", "r10", "r12", n, d1, d2) TEFF_PAIR_TO_LANES_MVE(lane)

// Windows of at most 16 taps; of at most 32; of at most 64.
#define TEFF_CHANNEL_16_MVE(w, a, b, c, d1, d2)     \
  "vldrb.8 q1, [r1]\nvmladav.s8 " a ", " w          \
  ", q1\n"                                          \
  "vldrb.8 q2, [r1, #" d1 "]\nvmladav.s8 " b ", " w \
  ", q2\n"                                          \
  "vldrb.8 q3, [r1, #" d2 "]\nvmladav.s8 " c ", " w ", q3\nadd r1, lr\n"
#define TEFF_PAIR_16_MVE(lane, n, d1, d2)                    \
  "vpstt\nvldrbt.8 q0, [r9], #" n "\nvldrbt.8 q4, [r9], #" n \
  "\n" TEFF_CHANNEL_16_MVE("q0", "r2", "r4", "r6", d1, d2)   \
      TEFF_CHANNEL_16_MVE("q4", "r8", "r10", "r12", d1, d2) TEFF_PAIR_TO_LANES_MVE(lane)
#define TEFF_WINDOW_32_MVE(a, d) \
  "vldrb.8 q1, [r1, #" d         \
  "]\n"                          \
  "vmladav.s8 " a                \
  ", q0, q1\n"                   \
  "vldrb.8 q2, [r1, #16 + " d    \
  "]\n"                          \
  "vmladava.s8 " a ", q4, q2\n"
#define TEFF_CHANNEL_32_MVE(a, b, c, n, d1, d2)                                      \
  "vldrb.8 q0, [r9], #16\n"                                                          \
  "vpst\n"                                                                           \
  "vldrbt.8 q4, [r9], #" n "\n" TEFF_WINDOW_32_MVE(a, "0") TEFF_WINDOW_32_MVE(b, d1) \
      TEFF_WINDOW_32_MVE(c, d2) "add r1, lr\n"
#define TEFF_WINDOW_64_MVE(a, d) \
  "vldrb.8 q4, [r1, #" d         \
  "]\n"                          \
  "vmladav.s8 " a                \
  ", q0, q4\n"                   \
  "vldrb.8 q4, [r1, #16 + " d    \
  "]\n"                          \
  "vmladava.s8 " a               \
  ", q1, q4\n"                   \
  "vldrb.8 q4, [r1, #32 + " d    \
  "]\n"                          \
  "vmladava.s8 " a               \
  ", q2, q4\n"                   \
  "vldrb.8 q4, [r1, #48 + " d    \
  "]\n"                          \
  "vmladava.s8 " a ", q3, q4\n"
#define TEFF_CHANNEL_64_MVE(a, b, c, n, d1, d2)                                      \
  "vldrb.8 q0, [r9], #16\n"                                                          \
  "vldrb.8 q1, [r9], #16\n"                                                          \
  "vldrb.8 q2, [r9], #16\n"                                                          \
  "vpst\n"                                                                           \
  "vldrbt.8 q3, [r9], #" n "\n" TEFF_WINDOW_64_MVE(a, "0") TEFF_WINDOW_64_MVE(b, d1) \
      TEFF_WINDOW_64_MVE(c, d2) "add r1, lr\n"

// At most 16 taps, pixels any distance apart.
#define TEFF_CHANNEL_FEW_MVE(a, b, c, n, d1, d2) \
  "ldrd r5, r7, [r0, #56]\n"                     \
  "add r3, r1, r7\n"                             \
  "vpst\n"                                       \
  "vldrbt.8 q0, [r9]\n"                          \
  "add r9, r5\n"                                 \
  "vldrb.8 q1, [r1]\n"                           \
  "vmladav.s8 " a                                \
  ", q0, q1\n"                                   \
  "add r5, r3, r7\n"                             \
  "vldrb.8 q2, [r3]\n"                           \
  "vmladav.s8 " b                                \
  ", q0, q2\n"                                   \
  "vldrb.8 q3, [r5]\n"                           \
  "vmladav.s8 " c                                \
  ", q0, q3\n"                                   \
  "add r1, lr\n"

// Any number of taps.
#define TEFF_CHANNEL_ANY_MVE(a, b, c, n, d1, d2) \
  "ldr lr, [r0, #60]\n"                          \
  "add r3, r1, lr\n"                             \
  "add r5, r3, lr\n"                             \
  "ldr lr, [r0, #56]\n"                          \
  "mov " a                                       \
  ", #0\n"                                       \
  "mov " b                                       \
  ", #0\n"                                       \
  "mov " c                                       \
  ", #0\n"                                       \
  "dlstp.8 lr, lr\n"                             \
  "2: vldrb.8 q0, [r9], #16\n"                   \
  "vldrb.8 q1, [r1], #16\n"                      \
  "vmladava.s8 " a                               \
  ", q0, q1\n"                                   \
  "vldrb.8 q2, [r3], #16\n"                      \
  "vmladava.s8 " b                               \
  ", q0, q2\n"                                   \
  "vldrb.8 q3, [r5], #16\n"                      \
  "vmladava.s8 " c                               \
  ", q0, q3\n"                                   \
  "letp lr, 2b\n"                                \
  "ldrd r3, r5, [r0, #64]\n"                     \
  "add r9, r3\n"                                 \
  "add r1, r5\n"

#define TEFF_PAIR_32_MVE(lane, n, d1, d2) TEFF_CHANNEL_PAIR_MVE(TEFF_CHANNEL_32_MVE, lane, n, d1, d2)
#define TEFF_PAIR_64_MVE(lane, n, d1, d2) TEFF_CHANNEL_PAIR_MVE(TEFF_CHANNEL_64_MVE, lane, n, d1, d2)
#define TEFF_PAIR_FEW_MVE(lane, n, d1, d2) TEFF_CHANNEL_PAIR_MVE(TEFF_CHANNEL_FEW_MVE, lane, n, d1, d2)
#define TEFF_PAIR_ANY_MVE(lane, n, d1, d2) TEFF_CHANNEL_PAIR_MVE(TEFF_CHANNEL_ANY_MVE, lane, n, d1, d2)

// r3, r5 and r7 point to the bytes of the three pixels; sums of any length need these registers and have to
// come back to them.
#define TEFF_KEEP_Y_MVE ""
#define TEFF_RELOAD_Y_MVE    \
  "ldr r3, [r0, #72]\n"      \
  "ldrd r5, r7, [r0, #24]\n" \
  "add r5, r3\n"             \
  "add r7, r3\n"             \
  "add r4, r3, #4\n"         \
  "str r4, [r0, #72]\n"

// From the three pixels at r1 to the next, or to the last three; x and y of the last are the end.
#define TEFF_NEXT_PIXELS_MVE \
  "ldrd r1, r5, [r0]\n"      \
  "cmp r1, r5\n"             \
  "beq 5f\n"                 \
  "ldrd r2, r4, [r0, #8]\n"  \
  "ldrd r6, r8, [r0, #16]\n" \
  "add r1, r6\n"             \
  "add r2, r8\n"             \
  "cmp r1, r5\n"             \
  "itt hs\n"                 \
  "movhs r1, r5\n"           \
  "movhs r2, r4\n"           \
  "str r1, [r0]\n"           \
  "str r2, [r0, #8]\n"       \
  "b 4b\n"                   \
  "5:\n"

// Pixels are stored from the last to the first: those that are not there share the address of one that is.
#define TEFF_PLANES_MVE(SCALE, PAIR, RELOAD, TAPS, n, d1, d2)                      \
  __asm volatile(TEFF_ENTER_MVE TAPS                                               \
                 "vctp.8 r2\n"                                                     \
                 "ldr r1, [r0]\n"                                                  \
                 "ldr lr, [r0, #52]\n"                                             \
                 "4: ldr r3, [r0, #8]\n"                                           \
                 "ldrd r5, r7, [r0, #24]\n"                                        \
                 "str r3, [r0, #72]\n"                                             \
                 "add r5, r3\n"                                                    \
                 "add r7, r3\n"                                                    \
                 "ldrd r11, r9, [r0, #32]\n"                                       \
                 "ldr r10, [r0, #48]\n"                                            \
                 "str r10, [r0, #44]\n"                                            \
                 "3:\n" PAIR("0", n, d1, d2)                                       \
                     PAIR("1", n, d1, d2) "ldrd r2, r10, [r0, #40]\n" RELOAD SCALE \
                                          "vstrb.32 q7, [r7], #4\n"                \
                                          "vstrb.32 q6, [r5], #4\n"                \
                                          "vstrb.32 q5, [r3], #4\n"                \
                                          "subs r10, #1\n"                         \
                                          "str r10, [r0, #44]\n"                   \
                                          "bne 3b\n" TEFF_NEXT_PIXELS_MVE TEFF_LEAVE_MVE)

#define TEFF_PLANES_KERNEL_MVE(name, RESULT, PAIR, RELOAD, TAPS, n, d1, d2)                   \
  TEFF_ASSEMBLY void teff_planes_##name##_mve(TEFF_IN_R0(teff_planes_mve*)) {                 \
    TEFF_PLANES_MVE(RESULT(TEFF_THREE_MVE, "q0", "q1", "r2"), PAIR, RELOAD, TAPS, n, d1, d2); \
  }
// Squares of 3, 5 and 7 with strides of 1 and 2, before an activation: these are what networks are made of.
#define TEFF_PLANES_SQUARE_MVE(name, RESULT, PAIR, n, d1, d2) \
  TEFF_PLANES_KERNEL_MVE(name, RESULT, PAIR, TEFF_KEEP_Y_MVE, "mov r2, #" n "\n", n, d1, d2)
#define TEFF_PLANES_SQUARES_MVE(name, RESULT)                                   \
  TEFF_PLANES_SQUARE_MVE(3_1_##name, RESULT, TEFF_PAIR_16_MVE, "9", "3", "6")   \
  TEFF_PLANES_SQUARE_MVE(3_2_##name, RESULT, TEFF_PAIR_16_MVE, "9", "6", "12")  \
  TEFF_PLANES_SQUARE_MVE(5_1_##name, RESULT, TEFF_PAIR_32_MVE, "9", "5", "10")  \
  TEFF_PLANES_SQUARE_MVE(5_2_##name, RESULT, TEFF_PAIR_32_MVE, "9", "10", "20") \
  TEFF_PLANES_SQUARE_MVE(7_1_##name, RESULT, TEFF_PAIR_64_MVE, "1", "7", "14")  \
  TEFF_PLANES_SQUARE_MVE(7_2_##name, RESULT, TEFF_PAIR_64_MVE, "1", "14", "28")
#define TEFF_PLANES_ANY_MVE(name, RESULT)                                                                   \
  TEFF_PLANES_KERNEL_MVE(few_##name, RESULT, TEFF_PAIR_FEW_MVE, TEFF_RELOAD_Y_MVE, "ldr r2, [r0, #56]\n", , \
                         , )                                                                                \
  TEFF_PLANES_KERNEL_MVE(any_##name, RESULT, TEFF_PAIR_ANY_MVE, TEFF_RELOAD_Y_MVE, "mov r2, #16\n", , , )
TEFF_PLANES_SQUARES_MVE(high, TEFF_RESULT_HIGH_MVE)
TEFF_PLANES_ANY_MVE(high, TEFF_RESULT_HIGH_MVE)
TEFF_PLANES_ANY_MVE(high2, TEFF_RESULT_HIGH2_MVE)
TEFF_PLANES_ANY_MVE(right, TEFF_RESULT_RIGHT_MVE)
TEFF_PLANES_ANY_MVE(tflite, TEFF_RESULT_TFLITE_MVE)
TEFF_ASSEMBLY void teff_planes_all_mve(TEFF_IN_R0(teff_planes_mve*)) {
  TEFF_PLANES_MVE(TEFF_SCALE_SUMS_MVE("76"), TEFF_PAIR_ANY_MVE, TEFF_RELOAD_Y_MVE, "mov r2, #16\n", , , );
}

#else

TEFF_KERNEL void teff_planes_c_mve(teff_scale_mve scale, teff_planes_mve* p) {
  for (;;) {
    const int32_t last = p->third > p->second ? 2 : p->second > 0;
    for (int32_t i = 0; i <= last; ++i)
      for (int32_t c = 0; c < 4 * p->fours; ++c) {
        const int32_t plane = teff_plane_of_channel_mve(c);
        uint32_t sum = 0;
        for (int32_t k = 0; k < p->taps; ++k)
          sum += (uint32_t)(p->x[plane * p->pitch + i * p->x_pixel + k] * p->w[plane * p->taps + k]);
        p->y[i * p->second + c] = scale(p->number, p->channels + c / 4, c % 4, (int32_t)sum);
      }
    if (p->x == p->last_x) return;
    const int end = p->last_x - p->x <= p->x_step;
    p->x = end ? p->last_x : p->x + p->x_step;
    p->y = end ? p->last_y : p->y + p->y_step;
  }
}
#define TEFF_PLANES_KERNEL_MVE(name, SCALE) \
  TEFF_SHARED void teff_planes_##name##_mve(teff_planes_mve* p) { teff_planes_c_mve(SCALE, p); }
#define TEFF_PLANES_SQUARES_MVE(name, SCALE) \
  TEFF_PLANES_KERNEL_MVE(3_1_##name, SCALE)  \
  TEFF_PLANES_KERNEL_MVE(3_2_##name, SCALE)  \
  TEFF_PLANES_KERNEL_MVE(5_1_##name, SCALE)  \
  TEFF_PLANES_KERNEL_MVE(5_2_##name, SCALE)  \
  TEFF_PLANES_KERNEL_MVE(7_1_##name, SCALE) TEFF_PLANES_KERNEL_MVE(7_2_##name, SCALE)
TEFF_PLANES_SQUARES_MVE(high, teff_scale_high_mve)
#define TEFF_PLANES_ANY_MVE(name, SCALE) \
  TEFF_PLANES_KERNEL_MVE(few_##name, SCALE) TEFF_PLANES_KERNEL_MVE(any_##name, SCALE)
TEFF_PLANES_ANY_MVE(high, teff_scale_high_mve)
TEFF_PLANES_ANY_MVE(high2, teff_scale_high2_mve)
TEFF_PLANES_ANY_MVE(right, teff_scale_right_mve)
TEFF_PLANES_ANY_MVE(tflite, teff_scale_tflite_mve)
TEFF_SHARED void teff_planes_all_mve(teff_planes_mve* p) { teff_planes_c_mve(p->scale, p); }

#endif

typedef void (*teff_run_planes_mve)(teff_planes_mve*);

// Windows of at most 16 taps, of any number, and squares of 3, 5 and 7 with strides of 1 and 2 (2 to 7).
TEFF_KERNEL int teff_planes_kind_mve(const teff_depthwise_rows* p) {
  const teff_window* w = &p->window;
  const int32_t columns = (w->kernel_w - 1) * w->dilation_w + 1, size = w->kernel_h;
  if (p->result.scaling != TEFF_SCALE_HIGH || size != columns || size % 2 == 0 || size < 3 || size > 7 ||
      w->stride_w > 2)
    return size * columns > 16;
  return size - 2 + w->stride_w;
}
// The loops and scalings that go together in a program's layers, a bit each, teff_planes_bit_mve: who knows
// that some never occur may say so before this file is included, and their code falls away.
#ifndef TEFF_PLANES_KINDS_MVE
#define TEFF_PLANES_KINDS_MVE 0xFFFFFFFF
#endif
TEFF_KERNEL uint32_t teff_planes_bit_mve(int kind, int32_t scaling) {
  return UINT32_C(1) << (8 * scaling + kind);
}

#define TEFF_PLANES_IF_MVE(name, scaling, number)                                         \
  if (kind == (number) && (TEFF_PLANES_KINDS_MVE & teff_planes_bit_mve(number, scaling))) \
    return teff_planes_##name##_mve;
#define TEFF_PLANES_FOR_MVE(name, SCALING)               \
  if (teff_is_scaling_mve(p->result.scaling, SCALING)) { \
    TEFF_PLANES_IF_MVE(few_##name, SCALING, 0)           \
    TEFF_PLANES_IF_MVE(any_##name, SCALING, 1)           \
  }
TEFF_KERNEL teff_run_planes_mve teff_planes_of_mve(const teff_depthwise_rows* p) {
  const int kind = teff_planes_kind_mve(p);
  if (p->small) return teff_planes_all_mve;
  TEFF_PLANES_IF_MVE(3_1_high, TEFF_SCALE_HIGH, 2)
  TEFF_PLANES_IF_MVE(3_2_high, TEFF_SCALE_HIGH, 3)
  TEFF_PLANES_IF_MVE(5_1_high, TEFF_SCALE_HIGH, 4)
  TEFF_PLANES_IF_MVE(5_2_high, TEFF_SCALE_HIGH, 5)
  TEFF_PLANES_IF_MVE(7_1_high, TEFF_SCALE_HIGH, 6)
  TEFF_PLANES_IF_MVE(7_2_high, TEFF_SCALE_HIGH, 7)
  TEFF_PLANES_FOR_MVE(high, TEFF_SCALE_HIGH)
  TEFF_PLANES_FOR_MVE(high2, TEFF_SCALE_HIGH2)
  TEFF_PLANES_FOR_MVE(right, TEFF_SCALE_RIGHT)
  TEFF_PLANES_FOR_MVE(tflite, TEFF_SCALE_TFLITE)
  return 0;
}

// A plane is the strip of one channel. Few bytes keep scratch small.
TEFF_KERNEL teff_strips_mve teff_plane_strips_mve(const teff_window* w) {
  return teff_strips_of_mve(w, w->kernel_h, 320, 6);
}

// The planes of 16 channels, and what is loaded or stored behind them and not used.
TEFF_KERNEL int32_t teff_plane_bytes_mve(const teff_window* w, teff_strips_mve strips) {
  return (16 * strips.bytes + 3 * w->stride_w * w->kernel_h + 64 + 7) / 8 * 8;
}
// What does not change from group to group of channels.
typedef struct teff_planes_job_mve {
  teff_to_planes_mve in;
  teff_planes_mve out;
  teff_run_planes_mve run;
  const int8_t *image, *first_x;
  int32_t pixels, channels;
  int32_t last_y;  // from the first pixel to the third but last
  const teff_channels_mve* constants;
  const int8_t* weights;
  int8_t* bytes;  // of channels that do not make four
} teff_planes_job_mve;

// `fours` times four channels, from channel `first` on, from the planes at x to y.
TEFF_KERNEL void teff_strip_fours_mve(teff_planes_job_mve* s, const int8_t* x, int32_t first, int32_t fours,
                                      int8_t* y) {
  s->out.x = x;
  s->out.y = y, s->out.last_y = y + s->last_y;
  s->out.channels = s->constants + first / 4;
  s->out.w = s->weights + first * s->out.taps;
  s->out.fours = fours;
  s->run(&s->out);
}

// The last one to three channels of a strip are made as four, somewhere else: four bytes for each pixel.
TEFF_KERNEL void teff_strip_rest_mve(const teff_planes_job_mve* job, int32_t plane, int32_t first,
                                     int32_t rest, int8_t* y) {
  teff_planes_job_mve s;
  teff_copy_struct_mve(&s, job, sizeof s);
  const int32_t offset = plane * s.out.pitch, last = s.last_y / s.channels;
  s.out.last_x += offset;
  s.last_y = 4 * last;
  s.out.y_step = 12, s.out.second = s.out.second ? 4 : 0, s.out.third = s.pixels > 2 ? 8 : s.out.second;
  teff_strip_fours_mve(&s, s.first_x + offset, first, 1, s.bytes);
  for (int32_t i = 0; i < s.pixels; ++i)
    for (int32_t k = 0; k < rest; ++k) y[i * s.channels + first + k] = s.bytes[4 * i + k];
}

// All channels of a strip, 16 at a time, the last ones 8.
TEFF_KERNEL void teff_strip_channels_mve(teff_planes_job_mve* s, int8_t* y) {
  for (int32_t c = 0; c < s->channels;) {
    s->in.x = s->image + c;
    const int32_t here = teff_group_to_planes_mve(&s->in, s->channels - c, TEFF_SMALL ? 8 : 16),
                  rest = here % 4;
    if (here >= 4) teff_strip_fours_mve(s, s->first_x, c, here / 4, y + c);
    if (rest > 0) teff_strip_rest_mve(s, here - rest, c + here - rest, rest, y);
    c += here;
  }
}

// A strip: which of its columns lie inside of the image, and where its pixels are.
TEFF_KERNEL void teff_begin_strip_mve(teff_planes_job_mve* s, teff_strip_mve strip, int8_t* planes) {
  const int32_t last = teff_max_s32(strip.pixels - 3, 0), step = s->channels;
  s->pixels = strip.pixels;
  s->in.planes = planes + strip.before * s->in.kernel_h;
  s->in.columns = strip.inside;
  s->out.last_x = planes + last * s->out.x_pixel;
  s->last_y = last * step;
  s->out.y_step = 3 * step;
  s->out.second = strip.pixels > 1 ? step : 0;
  s->out.third = strip.pixels > 2 ? 2 * step : s->out.second;
}

// What is the same for all strips. `rows` has room for the taps' rows.
TEFF_KERNEL void teff_begin_strips_mve(teff_planes_job_mve* s, const teff_depthwise_rows* p,
                                       teff_strips_mve strips, const void* packed, const int32_t* rows) {
  const teff_window* w = &p->window;
  const int32_t taps = strips.window * w->kernel_h, rounded = (taps + 15) / 16 * 16;
  teff_clear_struct_mve(s, sizeof *s);  // (it is copied as a whole before all of it is set)
  s->in.rows = rows;
  s->in.kernel_h = s->in.count = w->kernel_h;
  s->in.step = s->channels = w->channels;
  s->in.pitch = s->out.pitch = strips.bytes;
  s->in.x_zero = p->x_zero;
  s->out.taps = taps;
  s->out.x_pixel = w->stride_w * w->kernel_h;
  s->out.x_step = 3 * s->out.x_pixel;
  s->out.w_fix = taps - rounded;
  s->out.x_fix = strips.bytes - rounded;
  s->out.number = teff_scaling_number_mve(&p->result);
  s->constants = (const teff_channels_mve*)packed;
  s->weights = (const int8_t*)(s->constants + (w->channels + 3) / 4);
}

// `rows` of a column: where the image was high, it is wide.
TEFF_KERNEL void teff_turn_column_mve(teff_window* w, teff_range rows) {
  w->in_w = w->in_h, w->in_h = 1;
  w->out_w = rows.end - rows.begin, w->out_h = 1;
  w->kernel_w = w->kernel_h, w->kernel_h = 1;
  w->stride_w = w->stride_h, w->stride_h = 1;
  w->dilation_w = 1;
  w->pad_left = w->pad_top - rows.begin * w->stride_w, w->pad_top = 0;
}

// The planes, the bytes of up to three channels that do not make four, and where the taps' rows begin:
// written last, so that all of it is used.
TEFF_KERNEL int32_t teff_planes_scratch_mve(const teff_window* w) {
  const teff_strips_mve strips = teff_plane_strips_mve(w);
  return teff_plane_bytes_mve(w, strips) + 4 * strips.pixels + 4 * w->kernel_h;
}
// For calls that do not make all rows.
TEFF_KERNEL int32_t teff_depthwise_rows_mve_part_scratch(const teff_depthwise_rows* p) {
  return teff_planes_scratch_mve(&p->window);
}
TEFF_KERNEL int32_t teff_depthwise_rows_mve_scratch(const teff_depthwise_rows* p) {
  const teff_range all = {0, p->window.out_h};
  teff_window w = p->window;
  if (teff_is_column_mve(p)) teff_turn_column_mve(&w, all);
  const int32_t whole = teff_lanes_kind_mve(p) ? teff_lanes_scratch_mve(p) : teff_planes_scratch_mve(&w);
  return teff_max_s32(teff_depthwise_rows_mve_part_scratch(p), whole);
}

TEFF_SHARED void teff_all_strips_mve(const teff_depthwise_rows* p, teff_run_planes_mve run,
                                     teff_scale_mve scale, const int8_t* x, const void* packed, int8_t* y,
                                     void* scratch, teff_range rows) {
  const teff_window* w = &p->window;
  const teff_strips_mve strips = teff_plane_strips_mve(w);
  int8_t *planes = (int8_t*)scratch, *bytes = planes + teff_plane_bytes_mve(w, strips);
  int32_t* tap_rows = (int32_t*)(void*)(bytes + 4 * strips.pixels);
  teff_planes_job_mve s;
  teff_begin_strips_mve(&s, p, strips, packed, tap_rows);
  s.run = run;
  s.out.scale = scale;  // of the loop that takes any
  s.first_x = planes;
  s.image = x;
  s.bytes = bytes;
  for (int32_t row = rows.begin; row < rows.end; ++row) {
    int8_t* to = y + teff_row_offset(p->out, w->out_h, row);
    for (int32_t begin = 0; begin < w->out_w; begin += strips.pixels) {
      // Columns left and right of the image are written once where all strips are alike.
      if (row == rows.begin || strips.pixels < w->out_w) teff_fill_mve(planes, p->x_zero, 16 * strips.bytes);
      teff_begin_strip_mve(&s, teff_strip_at_mve(w, p->in, strips, row, begin, tap_rows), planes);
      teff_strip_channels_mve(&s, to + begin * w->channels);
    }
    if (teff_is_clamped_mve(&p->result))
      teff_clamp_mve(to, w->out_w * w->channels, p->result.lo, p->result.hi);
  }
}

TEFF_KERNEL void teff_depthwise_rows_mve(teff_depthwise_rows p, const int8_t* x, const void* packed,
                                         int8_t* y, void* scratch, teff_range rows) {
  const ptrdiff_t in_bytes = (ptrdiff_t)p.in.rows * p.in.row_bytes,
                  out_bytes = (ptrdiff_t)p.out.rows * p.out.row_bytes;
  const int whole = rows.begin == 0 && rows.end == p.window.out_h;
  // Chosen first: what the compiler knows of p it knows until others see it.
  const teff_scale_mve scale = p.small ? teff_scale_for_mve(p.result.scaling) : 0;
  teff_run_planes_mve run = teff_planes_of_mve(&p);
  if (whole && teff_is_single_mve(&p) && teff_single_may_overlay_mve(&p, x, y)) {
    teff_depthwise_single_mve(&p, x, packed, y);
    return;
  }
  const int kind = whole ? teff_lanes_kind_mve(&p) : TEFF_LANES_NONE;
  if (kind != TEFF_LANES_NONE) {
    if (teff_lanes_may_overlay_mve(&p, kind, x, y))
      rows.begin =
          teff_lanes_image_rows_mve(&p, kind, x, packed, y, scratch, teff_depthwise_rows_mve_scratch(&p));
    if (rows.begin == rows.end) return;
  } else if (teff_is_column_mve(&p) && whole && teff_apart_mve(x, in_bytes, y, out_bytes)) {
    const teff_range first = {0, 1};
    teff_turn_column_mve(&p.window, rows);
    run = teff_planes_of_mve(&p);
    rows = first;
  }
  teff_all_strips_mve(&p, run, scale, x, packed, y, scratch, rows);
}

#endif
