// A fully connected layer for Helium. Packed: for every four outputs their teff_channels_mve; then the
// weights of every four outputs, by columns: the first 1 to 16 inputs, as many as leave a multiple of 16,
// then 16 by 16; of each the four rows one after the other; then 16 bytes that are loaded and not used.
#ifndef TEFF_KERNELS_C_DENSE_MVE_H
#define TEFF_KERNELS_C_DENSE_MVE_H

#include "mve.h"

// The assembly knows these members by their offsets.
typedef struct teff_fours_mve {
  const int8_t* x;                    //  0
  const int8_t* w;                    //  4
  const teff_channels_mve* channels;  //  8
  int8_t* y;                          // 12
  int32_t fours;                      // 16: so many times four outputs
  int32_t number;                     // 20: of the scaling
  int32_t first;                      // 24: inputs in the first columns
  int32_t more;                       // 28: times 16 inputs that follow
  teff_scale_mve scale;               // 32: of the loop that takes any scaling
} teff_fours_mve;

// How many inputs the first columns have.
TEFF_KERNEL int32_t teff_first_inputs_mve(int32_t inputs) { return (inputs - 1) % 16 + 1; }

#if TEFF_HAS_MVE

#define TEFF_ONE_MVE(STEP, t, u, s) STEP("q5", t, u, s)

// 16 columns of four rows.
#define TEFF_SIXTEEN_MVE(dot)    \
  "vldrb.8 q0, [r1], #16\n"      \
  "vldrb.8 q1, [r3], #64\n" dot  \
  " r2, q0, q1\n"                \
  "vldrb.8 q2, [r3, #-48]\n" dot \
  " r6, q0, q2\n"                \
  "vldrb.8 q3, [r3, #-32]\n" dot \
  " r8, q0, q3\n"                \
  "vldrb.8 q4, [r3, #-16]\n" dot " r10, q0, q4\n"
#define TEFF_SIXTY_FOUR_MVE(dot) \
  TEFF_SIXTEEN_MVE(dot)          \
  TEFF_SIXTEEN_MVE("vmladava.s8") TEFF_SIXTEEN_MVE("vmladava.s8") TEFF_SIXTEEN_MVE("vmladava.s8")

// The first columns, predicated; zeros of x meet what lies behind a row.
#define TEFF_FIRST_ROW_MVE(sum) "vldrb.8 q1, [r3]\nadd r3, r12\nvmladav.s8 " sum ", q0, q1\n"
#define TEFF_FIRST_COLUMNS_MVE \
  "ldrd r12, lr, [r0, #24]\n"                                     \
  "vpst\n"                                                        \
  "vldrbt.8 q0, [r1]\n"                                           \
  "add r1, r12\n"                                                 \
  TEFF_FIRST_ROW_MVE("r2") TEFF_FIRST_ROW_MVE("r6")               \
  TEFF_FIRST_ROW_MVE("r8") TEFF_FIRST_ROW_MVE("r10")              \
  "wls lr, lr, 2f\n"                                              \
  "1:\n" TEFF_SIXTEEN_MVE("vmladava.s8") "le lr, 1b\n"            \
  "2:\n"
// A multiple of 64 inputs.
#define TEFF_SIXTY_FOURS_MVE \
  "ldr lr, [r0, #28]\n"                                  \
  TEFF_SIXTY_FOUR_MVE("vmladav.s8")                      \
  "wls lr, lr, 2f\n"                                     \
  "1:\n" TEFF_SIXTY_FOUR_MVE("vmladava.s8") "le lr, 1b\n" \
  "2:\n"

// 128 inputs.
#define TEFF_TWO_SIXTY_FOURS_MVE TEFF_SIXTY_FOUR_MVE("vmladav.s8") TEFF_SIXTY_FOUR_MVE("vmladava.s8")

#define TEFF_FOURS_MVE(SUMS, SCALE)                   \
  __asm volatile(TEFF_ENTER_MVE                       \
                 "ldrd r3, r11, [r0, #4]\n"           \
                 "ldrd r5, r9, [r0, #12]\n"           \
                 "ldrd r7, r12, [r0, #20]\n"          \
                 "vctp.8 r12\n"                       \
                 "3: ldr r1, [r0]\n" SUMS             \
                 "vmov q5[2], q5[0], r2, r8\n"        \
                 "vmov q5[3], q5[1], r6, r10\n" SCALE \
                 "vstrb.32 q5, [r5], #4\n"            \
                 "subs r9, #1\n"                      \
                 "bne 3b\n" TEFF_LEAVE_MVE)

#define TEFF_DENSE_MVE(name, RESULT)                                                  \
  TEFF_ASSEMBLY void teff_fours_##name##_mve(TEFF_IN_R0(teff_fours_mve*)) {           \
    TEFF_FOURS_MVE(TEFF_FIRST_COLUMNS_MVE, RESULT(TEFF_ONE_MVE, "q0", "q1", "r7"));   \
  }                                                                                   \
  TEFF_ASSEMBLY void teff_fours_64_##name##_mve(TEFF_IN_R0(teff_fours_mve*)) {        \
    TEFF_FOURS_MVE(TEFF_SIXTY_FOURS_MVE, RESULT(TEFF_ONE_MVE, "q0", "q1", "r7"));     \
  }                                                                                   \
  TEFF_ASSEMBLY void teff_fours_128_##name##_mve(TEFF_IN_R0(teff_fours_mve*)) {       \
    TEFF_FOURS_MVE(TEFF_TWO_SIXTY_FOURS_MVE, RESULT(TEFF_ONE_MVE, "q0", "q1", "r7")); \
  }
TEFF_DENSE_MVE(high, TEFF_RESULT_HIGH_MVE)
TEFF_DENSE_MVE(high2, TEFF_RESULT_HIGH2_MVE)
TEFF_DENSE_MVE(right, TEFF_RESULT_RIGHT_MVE)
TEFF_DENSE_MVE(tflite, TEFF_RESULT_TFLITE_MVE)
TEFF_ASSEMBLY void teff_fours_any_mve(TEFF_IN_R0(teff_fours_mve*)) {
  TEFF_FOURS_MVE(TEFF_FIRST_COLUMNS_MVE, "mov r2, r7\n" TEFF_SCALE_SUMS_MVE("32"));
}

#else

TEFF_KERNEL void teff_fours_c_mve(teff_scale_mve scale, const teff_fours_mve* p, int32_t inputs) {
  const int8_t* w = p->w;
  for (int32_t four = 0; four < p->fours; ++four) {
    uint32_t sums[4] = {0, 0, 0, 0};
    for (int32_t i = 0, columns = p->first; i < inputs; i += columns, w += 4 * columns, columns = 16)
      for (int32_t row = 0; row < 4; ++row)
        for (int32_t k = 0; k < columns; ++k) sums[row] += (uint32_t)(p->x[i + k] * w[row * columns + k]);
    for (int32_t row = 0; row < 4; ++row)
      p->y[4 * four + row] = scale(p->number, p->channels + four, row, (int32_t)sums[row]);
  }
}
#define TEFF_DENSE_MVE(name, SCALE)                                \
  TEFF_SHARED void teff_fours_##name##_mve(teff_fours_mve* p) {    \
    teff_fours_c_mve(SCALE, p, p->first + 16 * p->more);           \
  }                                                                \
  TEFF_SHARED void teff_fours_64_##name##_mve(teff_fours_mve* p) { \
    teff_fours_c_mve(SCALE, p, 64 + 64 * p->more);                 \
  }                                                                \
  TEFF_SHARED void teff_fours_128_##name##_mve(teff_fours_mve* p) { teff_fours_c_mve(SCALE, p, 128); }
TEFF_DENSE_MVE(high, teff_scale_high_mve)
TEFF_DENSE_MVE(high2, teff_scale_high2_mve)
TEFF_DENSE_MVE(right, teff_scale_right_mve)
TEFF_DENSE_MVE(tflite, teff_scale_tflite_mve)
TEFF_SHARED void teff_fours_any_mve(teff_fours_mve* p) {
  teff_fours_c_mve(p->scale, p, p->first + 16 * p->more);
}

#endif

typedef void (*teff_run_fours_mve)(teff_fours_mve*);

#define TEFF_FOURS_FOR_MVE(name, inputs)              \
  ((inputs) == 128      ? teff_fours_128_##name##_mve \
   : (inputs) % 64 == 0 ? teff_fours_64_##name##_mve  \
                        : teff_fours_##name##_mve)

TEFF_KERNEL teff_run_fours_mve teff_fours_for_mve(int32_t scaling, int32_t inputs) {
  if (teff_is_scaling_mve(scaling, TEFF_SCALE_HIGH)) return TEFF_FOURS_FOR_MVE(high, inputs);
  if (teff_is_scaling_mve(scaling, TEFF_SCALE_HIGH2)) return TEFF_FOURS_FOR_MVE(high2, inputs);
  if (teff_is_scaling_mve(scaling, TEFF_SCALE_RIGHT)) return TEFF_FOURS_FOR_MVE(right, inputs);
  return teff_is_scaling_mve(scaling, TEFF_SCALE_TFLITE) ? TEFF_FOURS_FOR_MVE(tflite, inputs) : 0;
}

TEFF_KERNEL int32_t teff_dense_mve_scratch(const teff_dense* p) {
  (void)p;
  return 0;
}

// Fours that lie in the range as a whole go straight to y, others by way of four bytes.
TEFF_KERNEL void teff_dense_mve(teff_dense p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
                                teff_range r) {
  const int by_64 = !p.small && p.inputs % 64 == 0;
  const int32_t first = teff_first_inputs_mve(p.inputs),
                more = by_64 ? p.inputs / 64 - 1 : (p.inputs - first) / 16;
  const teff_channels_mve* channels = (const teff_channels_mve*)packed;
  const int8_t* w = (const int8_t*)(channels + (p.outputs + 3) / 4);
  const teff_run_fours_mve run =
      p.small ? teff_fours_any_mve : teff_fours_for_mve(p.result.scaling, p.inputs);
  (void)scratch;
  for (int32_t o = r.begin; o < r.end;) {
    int8_t bytes[4];
    const int32_t four = o / 4, whole = o % 4 == 0 ? (r.end - o) / 4 : 0;
    teff_fours_mve job = {x,
                          w + (ptrdiff_t)4 * four * p.inputs,
                          channels + four,
                          whole > 0 ? y + o : bytes,
                          whole > 0 ? whole : 1,
                          teff_scaling_number_mve(&p.result),
                          first,
                          more,
                          p.small ? teff_scale_for_mve(p.result.scaling) : 0};
    run(&job);
    const int32_t end = whole > 0 ? o + 4 * whole : teff_min_s32(4 * four + 4, r.end);
    for (; whole == 0 && o < end; ++o) y[o] = bytes[o % 4];
    o = end;
  }
  if (teff_is_clamped_mve(&p.result)) teff_clamp_mve(y + r.begin, r.end - r.begin, p.result.lo, p.result.hi);
}

#endif
