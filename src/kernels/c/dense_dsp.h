// Fully connected layers for Armv7E-M's instructions.
//
// Two outputs share a word of weights, as in tile_dsp.h. There is one vector only, so that what unpacking an
// activation costs is spread over outputs: eight go together. A step is eight outputs by four activations:
// one load and two SXTB16 of these, four double loads of weights, eight SXTB16 and sixteen SMLAD for 32
// products. The vector is read as it lies, and no scratch is needed.
//
// Packed: for each block of eight outputs (the last one is filled up) the biases of the even ones; for each
// four activations k .. k + 3 the words [k, k + 2] of the four pairs of outputs, then their words [k + 1, k +
// 3]; for each output its multiplier and offset, those of an odd one after its bias. The first output of a
// range is a multiple of eight. Packed weights begin at a multiple of 4 bytes.
#ifndef TEFF_KERNELS_C_DENSE_DSP_H
#define TEFF_KERNELS_C_DENSE_DSP_H

#include "scale_dsp.h"

#define TEFF_DENSE_OUTPUTS_DSP 8

TEFF_KERNEL int32_t teff_dense_dsp_scratch(const teff_dense* p) {
  (void)p;
  return 0;
}

// Of each pair of outputs: `even` is the sum of the even one, `both` that of 256 times the odd one and the
// even one.
typedef struct teff_dense_sums {
  int32_t even0, both0, even1, both1, even2, both2, even3, both3;
} teff_dense_sums;

// All quads of activations but a last one that is cut short; `w` points to the biases.
#if TEFF_NAMES_REGISTERS
// Eight sums, a word of activations and its other half, two words of weights and two pointers are all the
// registers there are: named, for compilers spill some of them in every round.
#define TEFF_DENSE_PAIRS_DSP(x, even0, both0, even1, both1) \
  "ldrd r12, lr, [r1], #8\n\t"                              \
  "smlad " both0 ", r12, " x ", " both0                     \
  "\n\t"                                                    \
  "sxtb16 r12, r12\n\t"                                     \
  "smlad " both1 ", lr, " x ", " both1                      \
  "\n\t"                                                    \
  "sxtb16 lr, lr\n\t"                                       \
  "smlad " even0 ", r12, " x ", " even0                     \
  "\n\t"                                                    \
  "smlad " even1 ", lr, " x ", " even1 "\n\t"
#define TEFF_DENSE_QUAD_DSP                                                      \
  "ldr r3, [r2], #4\n\t"                                                         \
  "sxtb16 r0, r3\n\t"                                                            \
  "sxtb16 r3, r3, ror #8\n\t" TEFF_DENSE_PAIRS_DSP("r0", "r4", "r5", "r6", "r7") \
      TEFF_DENSE_PAIRS_DSP("r0", "r8", "r9", "r10", "r11")                       \
          TEFF_DENSE_PAIRS_DSP("r3", "r4", "r5", "r6", "r7")                     \
              TEFF_DENSE_PAIRS_DSP("r3", "r8", "r9", "r10", "r11")
TEFF_KERNEL teff_dense_sums teff_dense_sums_dsp(const int8_t* packed, const int8_t* vector, int32_t quads) {
  register const int8_t* end __asm__("r0") = vector + 4 * (ptrdiff_t)quads;
  register const int8_t* w __asm__("r1") = packed;
  register const int8_t* x __asm__("r2") = vector;
  register int32_t odd __asm__("r3") = quads;
  register int32_t even0 __asm__("r4");
  register int32_t both0 __asm__("r5");
  register int32_t even1 __asm__("r6");
  register int32_t both1 __asm__("r7");
  register int32_t even2 __asm__("r8");
  register int32_t both2 __asm__("r9");
  register int32_t even3 __asm__("r10");
  register int32_t both3 __asm__("r11");
  __asm__ volatile(
      "push {r0}\n\t"
      "ldrd r4, r6, [r1], #8\n\t"
      "ldrd r8, r10, [r1], #8\n\t"
      "mov r5, r4\n\t"
      "mov r7, r6\n\t"
      "mov r9, r8\n\t"
      "mov r11, r10\n\t"
      "cmp r3, #0\n\t"
      "beq.w 3f\n\t"
      "lsls r3, r3, #31\n\t"
      "bne 2f\n"
      "1:\n\t" TEFF_DENSE_QUAD_DSP "2:\n\t" TEFF_DENSE_QUAD_DSP
      "ldr r0, [sp]\n\t"
      "cmp r2, r0\n\t"
      "bne 1b\n"
      "3:\n\t"
      "add sp, #4"
      : "+r"(end), "+r"(w), "+r"(x), "+r"(odd), "=r"(even0), "=r"(both0), "=r"(even1), "=r"(both1),
        "=r"(even2), "=r"(both2), "=r"(even3), "=r"(both3)
      :
      : "r12", "lr", "cc", "memory");
  const teff_dense_sums s = {even0, both0, even1, both1, even2, both2, even3, both3};
  return s;
}
#undef TEFF_DENSE_QUAD_DSP
#undef TEFF_DENSE_PAIRS_DSP
#endif

// One step: the four activations of a word.
TEFF_KERNEL void teff_add_pair_dsp(int32_t weights, int32_t x, int32_t* even, int32_t* both) {
  *both = teff_smlad(weights, x, *both);
  *even = teff_smlad(teff_sxtb16(weights), x, *even);
}
TEFF_KERNEL void teff_add_quad_dsp(teff_dense_sums* s, const int8_t* w, int32_t four) {
  const int32_t x[2] = {teff_sxtb16(four), teff_sxtb16_odd(four)};
  for (int i = 0; i < 2; ++i, w += 16) {
    teff_add_pair_dsp(teff_word(w), x[i], &s->even0, &s->both0);
    teff_add_pair_dsp(teff_word(w + 4), x[i], &s->even1, &s->both1);
    teff_add_pair_dsp(teff_word(w + 8), x[i], &s->even2, &s->both2);
    teff_add_pair_dsp(teff_word(w + 12), x[i], &s->even3, &s->both3);
  }
}

#if !TEFF_NAMES_REGISTERS
TEFF_KERNEL teff_dense_sums teff_dense_sums_dsp(const int8_t* w, const int8_t* x, int32_t quads) {
  const teff_words first = teff_two_words(w), last = teff_two_words(w + 8);
  teff_dense_sums s = {first.first, first.first, first.second, first.second,
                       last.first,  last.first,  last.second,  last.second};
  for (int32_t q = 0; q < quads; ++q)
    teff_add_quad_dsp(&s, w + 16 + 32 * (ptrdiff_t)q, teff_word(x + 4 * (ptrdiff_t)q));
  return s;
}
#endif

// The last activations, fewer than four, as a word.
TEFF_KERNEL int32_t teff_short_word(const int8_t* x, int32_t n) {
  uint32_t word = 0;
  for (int32_t i = 0; i < n; ++i) word |= (uint32_t)(uint8_t)x[i] << (8 * i);
  return (int32_t)word;
}

// Results of a pair, whose constants `c` points to.
TEFF_KERNEL void teff_dense_pair_dsp(const teff_result* result, const int8_t* c, int32_t even, int32_t both,
                                     int8_t* y) {
  const int32_t odd = teff_wrap_add(teff_word(c + 8), teff_wrap_sub(both, even) >> 8);
  y[0] = (int8_t)teff_scaled_dsp(result, teff_scale_at_dsp(result, c), even);
  y[1] = (int8_t)teff_scaled_dsp(result, teff_scale_at_dsp(result, c + 12), odd);
}

TEFF_KERNEL void teff_dense_results_dsp(const teff_result* result, const int8_t* c, const teff_dense_sums* s,
                                        int8_t* y) {
  if (TEFF_SMALL) {  // one pair after the other
    const int32_t sums[8] = {s->even0, s->both0, s->even1, s->both1, s->even2, s->both2, s->even3, s->both3};
    for (int i = 0; i < 8; i += 2) teff_dense_pair_dsp(result, c + 10 * i, sums[i], sums[i + 1], y + i);
    return;
  }
  teff_dense_pair_dsp(result, c, s->even0, s->both0, y);
  teff_dense_pair_dsp(result, c + 20, s->even1, s->both1, y + 2);
  teff_dense_pair_dsp(result, c + 40, s->even2, s->both2, y + 4);
  teff_dense_pair_dsp(result, c + 60, s->even3, s->both3, y + 6);
}

TEFF_KERNEL void teff_dense_dsp(teff_dense p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
                                teff_range outputs) {
  const int32_t whole = p.inputs / 4, quads = (p.inputs + 3) / 4;
  const ptrdiff_t constants = 16 + 32 * (ptrdiff_t)quads, block = constants + 10 * TEFF_DENSE_OUTPUTS_DSP;
  const int8_t* w = (const int8_t*)packed + outputs.begin / TEFF_DENSE_OUTPUTS_DSP * block;
  int8_t rest[TEFF_DENSE_OUTPUTS_DSP];
  (void)scratch;
  for (int32_t o = outputs.begin; o < outputs.end; o += TEFF_DENSE_OUTPUTS_DSP, w += block) {
    const int32_t count = teff_min_s32(outputs.end - o, TEFF_DENSE_OUTPUTS_DSP);
    int8_t* to = count < TEFF_DENSE_OUTPUTS_DSP ? rest : y + o;
    teff_dense_sums s = teff_dense_sums_dsp(w, x, whole);
    if (quads > whole)
      teff_add_quad_dsp(&s, w + constants - 32, teff_short_word(x + 4 * (ptrdiff_t)whole, p.inputs % 4));
    teff_dense_results_dsp(&p.result, w + constants, &s, to);
    for (int32_t i = 0; to == rest && i < count; ++i) y[o + i] = rest[i];
  }
}

#endif
