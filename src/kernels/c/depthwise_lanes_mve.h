// The inner loops of depthwise convolutions for Helium that have four outputs of one channel in the lanes of
// a vector: where windows of several outputs lie within sixteen bytes of a plane (depthwise_rows_mve.h), one
// load serves two of them, with the weights a byte further on for the second. In assembly for each way of
// scaling.
//
// A turn makes outputs whose windows begin at bytes 0 to 3 of a plane from `x` on; FIVES: four rows of five
// outputs in planes that have rows of six bytes.
#ifndef TEFF_KERNELS_C_DEPTHWISE_LANES_MVE_H
#define TEFF_KERNELS_C_DEPTHWISE_LANES_MVE_H

#include "mve.h"

// Where a plane's channel is among the results, and its constants, in bytes.
typedef struct teff_place_mve {
  int32_t channel, constants;
} teff_place_mve;

// Some channels, one after the other. The assembly knows these members by their offsets.
typedef struct teff_lanes_mve {
  const int8_t* x;                     //  0: the first window in the first plane
  int32_t pitch;                       //  4: from plane to plane
  int8_t* y;                           //  8: the first output of the first channel
  int32_t y_step;                      // 12: from four outputs to the next
  int32_t turns;                       // 16
  int32_t taps;                        // 20: bytes of a row of weights
  const int8_t* w;                     // 24
  int32_t number;                      // 28: of the scaling
  const teff_place_mve* places;        // 32
  const teff_channels_mve* constants;  // 36
  int32_t channels;                    // 40: a multiple of four
  int32_t tap_lanes;                   // 44: lanes that have a weight, a bit each
  const uint8_t* tap_of;               // 48: and which
  const int32_t* apart;                // 52: of four outputs, from the first one on
  int32_t lanes;                       // 56: outputs that are there, four bits each
  int32_t rest;                        // 60: FIVES: rows more, one by one
  int32_t back, y_back;                // 64, 68: LINE: how far the last turn goes back, which is one more
  int32_t next;                        // 72: from where a plane's turns leave x to the next plane
  const int8_t* w_end;                 // 76: of the weights of these channels
} teff_lanes_mve;

#if TEFF_HAS_MVE

// From sums in q4 to bytes in its lanes: r10 is the bias, q5 the multiplier, r12 the offset, and r3 the
// shift.
// The shift is the number, which stays in r3.
#define TEFF_LANES_SETUP_NUMBER_MVE ""
#define TEFF_LANES_HIGH_MVE "vmulh.s32 q4, q4, q5\nvadd.i32 q4, q4, r12\n"
#define TEFF_LANES_HIGH2_MVE   \
  "vshr.s32 q3, q4, #31\n"     \
  "vqdmlash.s32 q4, q5, r12\n" \
  "vadd.i32 q4, q4, q3\n"
// The shift is -s in r12; the number 2 * zero + 1 becomes the offset when it is shifted by s - 1.
#define TEFF_LANES_SETUP_RIGHT_MVE \
  "ldr r4, [r0, #28]\n"            \
  "mvn r2, r12\n"                  \
  "add r3, r12, #24\n"             \
  "lsl r12, r4, r2\n"
#define TEFF_LANES_RIGHT_MVE    \
  "vshr.s32 q3, q4, #31\n"      \
  "vqrdmlash.s32 q4, q5, r12\n" \
  "vadd.i32 q4, q4, q3\n"

#define TEFF_LANES_RESULT_MVE(SCALE) \
  "vadd.i32 q4, q4, r10\n" SCALE     \
  "vqshl.s32 q4, r3\n"               \
  "vshr.s32 q4, q4, #24\n"
#define TEFF_LANES_FOUR_MVE(SCALE) \
  "vmov q4[2], q4[0], r2, r6\n"    \
  "vmov q4[3], q4[1], r4, r8\n" TEFF_LANES_RESULT_MVE(SCALE)
#define TEFF_LANES_STORE_MVE "vstrb.32 q4, [r5, q6]\nadd r5, r7\n"
#define TEFF_LANES_STORE_SOME_MVE "vpst\nvstrbt.32 q4, [r5, q6]\nadd r5, r7\n"

// Four outputs; x moves on by `step`.
#define TEFF_LANES_TURN_MVE(SCALE, STORE, step) \
  "vldrb.8 q2, [r1], #" step                    \
  "\n"                                          \
  "vldrb.8 q3, [r1, #2 - " step                 \
  "]\n"                                         \
  "vmladav.s8 r2, q0, q2\n"                     \
  "vmladav.s8 r4, q1, q2\n"                     \
  "vmladav.s8 r6, q0, q3\n"                     \
  "vmladav.s8 r8, q1, q3\n" TEFF_LANES_FOUR_MVE(SCALE) STORE

// The columns of an image, four outputs of each, all of them or some.
#define TEFF_LANES_TALL_MVE(SCALE) \
  "dls lr, lr\n"                   \
  "1:\n" TEFF_LANES_TURN_MVE(SCALE, TEFF_LANES_STORE_MVE, "6") "le lr, 1b\n"
#define TEFF_LANES_SOME_MVE(SCALE) \
  "ldr r4, [r0, #56]\n"            \
  "vmsr p0, r4\n"                  \
  "dls lr, lr\n"                   \
  "1:\n" TEFF_LANES_TURN_MVE(SCALE, TEFF_LANES_STORE_SOME_MVE, "6") "le lr, 1b\n" \
  "ldr r2, [r0, #44]\n"           \
  "vmsr p0, r2\n"
// A single line: the last four overlap others.
#define TEFF_LANES_LINE_MVE(SCALE) \
  "wls lr, lr, 2f\n"               \
  "1:\n" TEFF_LANES_TURN_MVE(SCALE, TEFF_LANES_STORE_MVE, "4") "le lr, 1b\n" \
  "2: ldrd r4, r6, [r0, #64]\n"    \
  "sub r1, r4\n"                   \
  "sub r5, r6\n" TEFF_LANES_TURN_MVE(SCALE, TEFF_LANES_STORE_MVE, "4")

#define TEFF_LANES_SEE_MVE(offset) "vldrb.8 q2, [r1, #" offset "]\n"
#define TEFF_LANES_FIRST_MVE(sum) "vmladav.s8 " sum ", q0, q2\n"
#define TEFF_LANES_SECOND_MVE(sum) "vmladav.s8 " sum ", q1, q2\n"
#define TEFF_LANES_NEXT_FOUR_MVE(SCALE) TEFF_LANES_FOUR_MVE(SCALE) TEFF_LANES_STORE_MVE
// Twenty outputs at a time, then rows of five. A line is what is loaded and the sums that it serves.
// clang-format off
#define TEFF_LANES_TWENTY_MVE(SCALE)                                                                              \
  TEFF_LANES_SEE_MVE("0") TEFF_LANES_FIRST_MVE("r2") TEFF_LANES_SECOND_MVE("r4")                                  \
  TEFF_LANES_SEE_MVE("2") TEFF_LANES_FIRST_MVE("r6") TEFF_LANES_SECOND_MVE("r8") TEFF_LANES_NEXT_FOUR_MVE(SCALE)  \
  TEFF_LANES_SEE_MVE("4") TEFF_LANES_FIRST_MVE("r2")                                                              \
  TEFF_LANES_SEE_MVE("6") TEFF_LANES_FIRST_MVE("r4") TEFF_LANES_SECOND_MVE("r6")                                  \
  TEFF_LANES_SEE_MVE("8") TEFF_LANES_FIRST_MVE("r8") TEFF_LANES_NEXT_FOUR_MVE(SCALE)                              \
  TEFF_LANES_SECOND_MVE("r2")                                                                                     \
  TEFF_LANES_SEE_MVE("10") TEFF_LANES_FIRST_MVE("r4")                                                             \
  TEFF_LANES_SEE_MVE("12") TEFF_LANES_FIRST_MVE("r6") TEFF_LANES_SECOND_MVE("r8") TEFF_LANES_NEXT_FOUR_MVE(SCALE) \
  TEFF_LANES_SEE_MVE("14") TEFF_LANES_FIRST_MVE("r2") TEFF_LANES_SECOND_MVE("r4")                                 \
  TEFF_LANES_SEE_MVE("16") TEFF_LANES_FIRST_MVE("r6")                                                             \
  TEFF_LANES_SEE_MVE("18") TEFF_LANES_FIRST_MVE("r8") TEFF_LANES_NEXT_FOUR_MVE(SCALE)                             \
  TEFF_LANES_SECOND_MVE("r2")                                                                                     \
  TEFF_LANES_SEE_MVE("20") TEFF_LANES_FIRST_MVE("r4") TEFF_LANES_SECOND_MVE("r6")                                 \
  TEFF_LANES_SEE_MVE("22") TEFF_LANES_FIRST_MVE("r8") TEFF_LANES_NEXT_FOUR_MVE(SCALE)
#define TEFF_LANES_FIVE_MVE(SCALE)                                               \
  TEFF_LANES_SEE_MVE("0") TEFF_LANES_FIRST_MVE("r2") TEFF_LANES_SECOND_MVE("r4") \
  TEFF_LANES_SEE_MVE("2") TEFF_LANES_FIRST_MVE("r6") TEFF_LANES_SECOND_MVE("r8") \
  TEFF_LANES_NEXT_FOUR_MVE(SCALE)                                                \
  TEFF_LANES_SEE_MVE("4") TEFF_LANES_FIRST_MVE("r2")                             \
  "vmov.32 q4[0], r2\n" TEFF_LANES_RESULT_MVE(SCALE)                             \
  "vmov.32 r2, q4[0]\n"                                                          \
  "strb r2, [r5]\n"                                                              \
  "add r5, r5, r7, lsr #2\n"
// clang-format on
#define TEFF_LANES_FIVES_MVE(SCALE) \
  "wls lr, lr, 2f\n"                                                       \
  "1:\n" TEFF_LANES_TWENTY_MVE(SCALE) "add r1, #24\n"                      \
  "le lr, 1b\n"                                                            \
  "2: ldr lr, [r0, #60]\n"                                                 \
  "wls lr, lr, 2f\n"                                                       \
  "1:\n" TEFF_LANES_FIVE_MVE(SCALE) "add r1, #6\n"                         \
  "le lr, 1b\n"                                                            \
  "2:\n"

// Channel by channel: its weights become q0, and q1 a lane further on.
#define TEFF_LANES_CHANNELS_MVE(OUTPUTS, SETUP, SCALE) \
  __asm volatile(TEFF_ENTER_MVE                        \
                 "ldr r9, [r0, #24]\n"                 \
                 "ldr r11, [r0, #32]\n"                \
                 "ldrd r2, r3, [r0, #48]\n"            \
                 "vldrb.8 q7, [r2]\n"                  \
                 "vldrw.u32 q6, [r3]\n"                \
                 "ldr r2, [r0, #44]\n"                 \
                 "vmsr p0, r2\n"                       \
                 "ldr r1, [r0]\n"                      \
                 "ldr r3, [r0, #28]\n"                 \
                 "3: ldrd r4, r6, [r11], #8\n"         \
                 "ldrd r5, r7, [r0, #8]\n"             \
                 "add r5, r4\n"                        \
                 "ldr r8, [r0, #36]\n"                 \
                 "add r6, r8\n"                        \
                 "ldr r10, [r6]\n"                     \
                 "ldr r2, [r6, #16]\n"                 \
                 "ldr r12, [r6, #32]\n"                \
                 "vdup.32 q5, r2\n" SETUP              \
                 "vpst\n"                              \
                 "vldrbt.u8 q0, [r9, q7]\n"            \
                 "ldrd lr, r4, [r0, #16]\n"            \
                 "add r9, r4\n"                        \
                 "vmov q1, q0\n"                       \
                 "movs r4, #0\n"                       \
                 "vshlc q1, r4, #8\n" OUTPUTS(SCALE)   \
                 "ldrd r2, r4, [r0, #72]\n"            \
                 "add r1, r2\n"                        \
                 "cmp r9, r4\n"                        \
                 "bne 3b\n" TEFF_LEAVE_MVE)

#define TEFF_LANES_MVE(name, SETUP, SCALE)                                        \
  TEFF_ASSEMBLY void teff_lanes_tall_##name##_mve(TEFF_IN_R0(teff_lanes_mve*)) {  \
    TEFF_LANES_CHANNELS_MVE(TEFF_LANES_TALL_MVE, SETUP, SCALE);                   \
  }                                                                               \
  TEFF_ASSEMBLY void teff_lanes_some_##name##_mve(TEFF_IN_R0(teff_lanes_mve*)) {  \
    TEFF_LANES_CHANNELS_MVE(TEFF_LANES_SOME_MVE, SETUP, SCALE);                   \
  }                                                                               \
  TEFF_ASSEMBLY void teff_lanes_line_##name##_mve(TEFF_IN_R0(teff_lanes_mve*)) {  \
    TEFF_LANES_CHANNELS_MVE(TEFF_LANES_LINE_MVE, SETUP, SCALE);                   \
  }                                                                               \
  TEFF_ASSEMBLY void teff_lanes_fives_##name##_mve(TEFF_IN_R0(teff_lanes_mve*)) { \
    TEFF_LANES_CHANNELS_MVE(TEFF_LANES_FIVES_MVE, SETUP, SCALE);                  \
  }
TEFF_LANES_MVE(high, TEFF_LANES_SETUP_NUMBER_MVE, TEFF_LANES_HIGH_MVE)
TEFF_LANES_MVE(high2, TEFF_LANES_SETUP_NUMBER_MVE, TEFF_LANES_HIGH2_MVE)
TEFF_LANES_MVE(right, TEFF_LANES_SETUP_RIGHT_MVE, TEFF_LANES_RIGHT_MVE)

#else

// The output whose window begins at x, of the channel at `place`, the number `plane` of all.
TEFF_KERNEL int8_t teff_lane_c_mve(int32_t scaling, const teff_lanes_mve* p, int32_t plane, const int8_t* x) {
  const teff_place_mve* place = p->places + plane;
  const int8_t* w = p->w + plane * p->taps;
  uint32_t sum = 0;
  for (int32_t k = 0; k < 16; ++k)
    if (p->tap_lanes >> k & 1) sum += (uint32_t)(x[k] * w[p->tap_of[k]]);
  const teff_channels_mve* constants = p->constants + place->constants / (int32_t)sizeof(teff_channels_mve);
  return teff_byte_mve(scaling, p->number, constants, place->channel % 4, (int32_t)sum);
}
// Four outputs at the turn's x and y, those that are there.
TEFF_KERNEL void teff_turn_c_mve(int32_t scaling, const teff_lanes_mve* p, int32_t plane, const int8_t* x,
                                 int8_t* y, int32_t lanes) {
  for (int32_t k = 0; k < 4; ++k)
    if (lanes >> (4 * k) & 1) y[p->apart[k]] = teff_lane_c_mve(scaling, p, plane, x + k);
}
TEFF_KERNEL void teff_lanes_tall_c_mve(int32_t scaling, const teff_lanes_mve* p, int32_t lanes) {
  for (int32_t plane = 0; plane < p->channels; ++plane)
    for (int32_t i = 0; i < p->turns; ++i)
      teff_turn_c_mve(scaling, p, plane, p->x + plane * p->pitch + 6 * i,
                      p->y + p->places[plane].channel + i * p->y_step, lanes);
}
TEFF_KERNEL void teff_lanes_line_c_mve(int32_t scaling, const teff_lanes_mve* p) {
  for (int32_t plane = 0; plane < p->channels; ++plane)
    for (int32_t i = 0; i <= p->turns; ++i) {
      const int last = i == p->turns;
      teff_turn_c_mve(scaling, p, plane, p->x + plane * p->pitch + 4 * i - (last ? p->back : 0),
                      p->y + p->places[plane].channel + i * p->y_step - (last ? p->y_back : 0), 0xFFFF);
    }
}
TEFF_KERNEL void teff_lanes_fives_c_mve(int32_t scaling, const teff_lanes_mve* p) {
  for (int32_t plane = 0; plane < p->channels; ++plane)
    for (int32_t i = 0; i < 5 * (4 * p->turns + p->rest); ++i)
      p->y[p->places[plane].channel + i * p->apart[1]] =
          teff_lane_c_mve(scaling, p, plane, p->x + plane * p->pitch + i / 5 * 6 + i % 5);
}
#define TEFF_LANES_MVE(name, SCALING)                                                                     \
  TEFF_SHARED void teff_lanes_tall_##name##_mve(teff_lanes_mve* p) {                                      \
    teff_lanes_tall_c_mve(SCALING, p, 0xFFFF);                                                            \
  }                                                                                                       \
  TEFF_SHARED void teff_lanes_some_##name##_mve(teff_lanes_mve* p) {                                      \
    teff_lanes_tall_c_mve(SCALING, p, p->lanes);                                                          \
  }                                                                                                       \
  TEFF_SHARED void teff_lanes_line_##name##_mve(teff_lanes_mve* p) { teff_lanes_line_c_mve(SCALING, p); } \
  TEFF_SHARED void teff_lanes_fives_##name##_mve(teff_lanes_mve* p) { teff_lanes_fives_c_mve(SCALING, p); }
TEFF_LANES_MVE(high, TEFF_SCALE_HIGH)
TEFF_LANES_MVE(high2, TEFF_SCALE_HIGH2)
TEFF_LANES_MVE(right, TEFF_SCALE_RIGHT)

#endif

typedef void (*teff_run_lanes_mve)(teff_lanes_mve*);

// How outputs of a layer lie in planes.
enum teff_lanes_kind_mve {
  TEFF_LANES_NONE = 0,
  TEFF_LANES_TALL = 1,
  TEFF_LANES_FIVES = 2,
  TEFF_LANES_LINE = 3
};

// The loops and scalings that go together in a program's layers, a bit each, teff_lanes_bit_mve: who knows
// that some never occur may say so before this file is included, and their code falls away.
#ifndef TEFF_LANES_KINDS_MVE
#define TEFF_LANES_KINDS_MVE 0xFFFF
#endif
TEFF_KERNEL int32_t teff_lanes_bit_mve(int kind, int some, int32_t scaling) {
  return INT32_C(1) << (4 * scaling + (some ? 0 : kind));
}

#define TEFF_LANES_IF_MVE(name, scaling, number, few)                    \
  if (kind == (number) && (!some) == !(few) &&                           \
      (TEFF_LANES_KINDS_MVE & teff_lanes_bit_mve(number, few, scaling))) \
    return teff_lanes_##name##_mve;
#define TEFF_LANES_FOR_MVE(name, SCALING)                         \
  if (teff_is_scaling_mve(scaling, SCALING)) {                    \
    TEFF_LANES_IF_MVE(tall_##name, SCALING, TEFF_LANES_TALL, 0)   \
    TEFF_LANES_IF_MVE(some_##name, SCALING, TEFF_LANES_TALL, 1)   \
    TEFF_LANES_IF_MVE(fives_##name, SCALING, TEFF_LANES_FIVES, 0) \
    TEFF_LANES_IF_MVE(line_##name, SCALING, TEFF_LANES_LINE, 0)   \
  }
TEFF_KERNEL teff_run_lanes_mve teff_lanes_for_mve(int32_t scaling, int kind, int some) {
  TEFF_LANES_FOR_MVE(high, TEFF_SCALE_HIGH)
  TEFF_LANES_FOR_MVE(high2, TEFF_SCALE_HIGH2)
  TEFF_LANES_FOR_MVE(right, TEFF_SCALE_RIGHT)
  return 0;
}

#endif
