// The inside of convolutions and fully connected layers for Armv7E-M's instructions: one or two pixels by all
// outputs.
//
// Two outputs share a word of weights. For weights a, b of outputs o and o + 1 the number 256 * b + a fits in
// 16 bits, and a pair of them times a pair of activations needs no unpacking:
//     R = sum (256 b + a) x,  one SMLAD for two x
//     E = sum a x,            one SXTB16, which takes the low bytes, and one SMLAD
//     sum b x = (R - E) >> 8, as sums wrap: exact where |sum b x| < 2^23, which who packs sees to
// So a SXTB16 serves two pixels and four weights. A step is two pixels by four outputs by two activations:
// two double loads, two SXTB16 and eight SMLAD for 16 products, and its eight sums, two words of weights, two
// of activations and two pointers are all the registers there are.
//
// Packed weights: for each block of four outputs (the last one is filled up) what is needed of the channels'
// constants before and after the weights, in the order in which it is needed: bias 0, bias 2, the weights,
// multiplier 0, offset 0, bias 1, multiplier 1, offset 1, multiplier 2, offset 2, bias 3, multiplier 3,
// offset 3. The weights are, for each four activations k .. k + 3, the words
//     [k, k + 2] of outputs 0 and 1, [k, k + 2] of outputs 2 and 3, [k + 1, k + 3] of both.
// Activations are widened in the same order: for two pixels p and q the words [k, k + 2] of p and of q,
// [k + 1, k + 3] of p and of q. The number of activations is filled up to a multiple of four with weights of
// 0.
#ifndef TEFF_KERNELS_C_TILE_DSP_H
#define TEFF_KERNELS_C_TILE_DSP_H

#include <stddef.h>

#include "scale_dsp.h"

#define TEFF_TILE_OUTPUTS_DSP 4
#define TEFF_TILE_BIASES_DSP 8      // bytes before a block's weights
#define TEFF_TILE_CONSTANTS_DSP 40  // and after them

// Two pixels' activations as pairs. Quads are four activations.
TEFF_KERNEL void teff_widen_two_dsp(const int8_t* p, const int8_t* q, int32_t quads, int8_t* to) {
  for (const int8_t* end = p + 4 * (ptrdiff_t)quads; p < end; p += 4, q += 4, to += 16) {
    const int32_t a = teff_word(p), b = teff_word(q);
    teff_set_two_words(to, teff_sxtb16(a), teff_sxtb16(b));
    teff_set_two_words(to + 8, teff_sxtb16_odd(a), teff_sxtb16_odd(b));
  }
}
TEFF_KERNEL void teff_widen_one_dsp(const int8_t* p, int32_t quads, int8_t* to) {
  for (const int8_t* end = p + 4 * (ptrdiff_t)quads; p < end; p += 4, to += 8) {
    const int32_t a = teff_word(p);
    teff_set_two_words(to, teff_sxtb16(a), teff_sxtb16_odd(a));
  }
}

// Both, or p alone, which small code takes twice.
TEFF_SHARED_KERNEL void teff_widen_dsp(const int8_t* p, const int8_t* q, int32_t quads, int two, int8_t* to) {
  if (two || TEFF_SMALL)
    teff_widen_two_dsp(p, q, quads, to);
  else
    teff_widen_one_dsp(p, quads, to);
}

// The sums of four outputs, of one pixel or two: E of outputs 0 and 2, R of 0 and 1 together, of 2 and 3
// together.
typedef struct teff_tile_sums {
  int32_t e0p, e0q, r1p, r1q, e2p, e2q, r3p, r3q;
  const int8_t* constants;  // after the weights
} teff_tile_sums;

// All steps of two pixels.
#if TEFF_NAMES_REGISTERS
// Compilers allocate all registers, but spill some of them from one round to the next: so they are named
// here. The first step begins all sums with their biases.
#define TEFF_TILE_FIRST_STEP_DSP \
  "ldrd r4, r8, [r1], #8\n\t"    \
  "ldrd r0, r3, [r1], #8\n\t"    \
  "ldrd r12, lr, [r2], #8\n\t"   \
  "smlad r6, r0, r12, r4\n\t"    \
  "smlad r7, r0, lr, r4\n\t"     \
  "sxtb16 r0, r0\n\t"            \
  "smlad r10, r3, r12, r8\n\t"   \
  "smlad r11, r3, lr, r8\n\t"    \
  "sxtb16 r3, r3\n\t"            \
  "smlad r5, r0, lr, r4\n\t"     \
  "smlad r4, r0, r12, r4\n\t"    \
  "smlad r9, r3, lr, r8\n\t"     \
  "smlad r8, r3, r12, r8\n\t"
#define TEFF_TILE_STEP_DSP      \
  "ldrd r0, r3, [r1], #8\n\t"   \
  "ldrd r12, lr, [r2], #8\n\t"  \
  "smlad r6, r0, r12, r6\n\t"   \
  "smlad r7, r0, lr, r7\n\t"    \
  "sxtb16 r0, r0\n\t"           \
  "smlad r10, r3, r12, r10\n\t" \
  "smlad r11, r3, lr, r11\n\t"  \
  "sxtb16 r3, r3\n\t"           \
  "smlad r4, r0, r12, r4\n\t"   \
  "smlad r5, r0, lr, r5\n\t"    \
  "smlad r8, r3, r12, r8\n\t"   \
  "smlad r9, r3, lr, r9\n\t"
#define TEFF_TILE_QUAD_DSP TEFF_TILE_STEP_DSP TEFF_TILE_STEP_DSP
#define TEFF_TILE_SUMS_DSP \
  "=&r"(e0p), "=&r"(e0q), "=&r"(r1p), "=&r"(r1q), "=&r"(e2p), "=&r"(e2q), "=&r"(r3p), "=&r"(r3q)
// A round is four quads, which the first step enters where as many are left as a round or less: after the
// first step of the round's quad 0, 1, 2 or 3. Code that is to be small has rounds of two, and enters 2 or 3.
#ifdef __OPTIMIZE_SIZE__
#define TEFF_TILE_ENTRY_DSP(n) ((n) % 2 == 0 ? 2 : 3)
#define TEFF_TILE_ENTER_DSP "bpl 2f\n\tb 3f\n"
#define TEFF_TILE_EARLY_QUADS_DSP ""
#else
#define TEFF_TILE_ENTRY_DSP(n) ((n) % 4 == 0 ? 0 : 4 - (n) % 4)
#define TEFF_TILE_ENTER_DSP \
  "bmi 8f\n\t"              \
  "bcc 0f\n\t"              \
  "b 2f\n"                  \
  "8:\n\t"                  \
  "bcc 3f\n\t"              \
  "b 1f\n"
#define TEFF_TILE_EARLY_QUADS_DSP \
  TEFF_TILE_STEP_DSP "0:\n\t" TEFF_TILE_STEP_DSP TEFF_TILE_STEP_DSP "1:\n\t" TEFF_TILE_STEP_DSP
#endif
#define TEFF_TILE_ROUNDS_DSP                                                                           \
  "9:\n\t" TEFF_TILE_EARLY_QUADS_DSP TEFF_TILE_STEP_DSP "2:\n\t" TEFF_TILE_STEP_DSP TEFF_TILE_STEP_DSP \
  "3:\n\t" TEFF_TILE_STEP_DSP                                                                          \
  "ldr r0, %[end]\n\t"                                                                                 \
  "cmp r1, r0\n\t"                                                                                     \
  "bne 9b"
TEFF_KERNEL teff_tile_sums teff_tile_sums_two_dsp(const int8_t* block, const int8_t* widened, int32_t n) {
  const int8_t* const end = block + TEFF_TILE_BIASES_DSP + 16 * (ptrdiff_t)n;
  register const int8_t* w __asm__("r1") = block;
  register const int8_t* x __asm__("r2") = widened;
  register int32_t e0p __asm__("r4");
  register int32_t e0q __asm__("r5");
  register int32_t r1p __asm__("r6");
  register int32_t r1q __asm__("r7");
  register int32_t e2p __asm__("r8");
  register int32_t e2q __asm__("r9");
  register int32_t r3p __asm__("r10");
  register int32_t r3q __asm__("r11");
  if (__builtin_constant_p(n) && n == 2) {
    __asm__ volatile(TEFF_TILE_FIRST_STEP_DSP TEFF_TILE_STEP_DSP TEFF_TILE_QUAD_DSP
                     : "+&r"(w), "+&r"(x), TEFF_TILE_SUMS_DSP
                     :
                     : "r0", "r3", "r12", "lr", "memory");
  } else if (__builtin_constant_p(n) && n == 4) {
    __asm__ volatile(
        TEFF_TILE_FIRST_STEP_DSP TEFF_TILE_STEP_DSP TEFF_TILE_QUAD_DSP TEFF_TILE_QUAD_DSP TEFF_TILE_QUAD_DSP
        : "+&r"(w), "+&r"(x), TEFF_TILE_SUMS_DSP
        :
        : "r0", "r3", "r12", "lr", "memory");
  } else if (__builtin_constant_p(n)) {
    __asm__ volatile(TEFF_TILE_FIRST_STEP_DSP "b %c[entry]f\n" TEFF_TILE_ROUNDS_DSP
                     : "+&r"(w), "+&r"(x), TEFF_TILE_SUMS_DSP
                     : [entry] "i"(TEFF_TILE_ENTRY_DSP(n)), [end] "m"(end)
                     : "r0", "r3", "r12", "lr", "cc", "memory");
  } else {
    // N and C: bits 0 and 1 of the number of quads, which the step does not change.
    register int32_t quads __asm__("r3") = n;
    __asm__ volatile("lsls r3, r3, #31\n\t" TEFF_TILE_FIRST_STEP_DSP TEFF_TILE_ENTER_DSP TEFF_TILE_ROUNDS_DSP
                     : "+&r"(w), "+&r"(x), "+&r"(quads), TEFF_TILE_SUMS_DSP
                     : [end] "m"(end)
                     : "r0", "r12", "lr", "cc", "memory");
  }
  const teff_tile_sums s = {e0p, e0q, r1p, r1q, e2p, e2q, r3p, r3q, w};
  return s;
}
#else
TEFF_KERNEL teff_tile_sums teff_tile_sums_two_dsp(const int8_t* block, const int8_t* x, int32_t quads) {
  const teff_words bias = teff_two_words(block);
  const int8_t* w = block + TEFF_TILE_BIASES_DSP;
  teff_tile_sums s = {bias.first,  bias.first,  bias.first,
                      bias.first,  bias.second, bias.second,
                      bias.second, bias.second, w + 16 * (ptrdiff_t)quads};
  for (const int8_t* end = w + 16 * (ptrdiff_t)quads; w < end; w += 8, x += 8) {
    const teff_words weights = teff_two_words(w), pixels = teff_two_words(x);
    const int32_t w0 = teff_sxtb16(weights.first), w2 = teff_sxtb16(weights.second);
    s.r1p = teff_smlad(weights.first, pixels.first, s.r1p);
    s.r1q = teff_smlad(weights.first, pixels.second, s.r1q);
    s.r3p = teff_smlad(weights.second, pixels.first, s.r3p);
    s.r3q = teff_smlad(weights.second, pixels.second, s.r3q);
    s.e0p = teff_smlad(w0, pixels.first, s.e0p);
    s.e0q = teff_smlad(w0, pixels.second, s.e0q);
    s.e2p = teff_smlad(w2, pixels.first, s.e2p);
    s.e2q = teff_smlad(w2, pixels.second, s.e2q);
  }
  return s;
}
#endif

// Two steps of one pixel, whose activations are two words.
TEFF_KERNEL void teff_tile_steps_one_dsp(teff_tile_sums* s, const int8_t* w, const int8_t* x) {
  const teff_words pixel = teff_two_words(x), first = teff_two_words(w), second = teff_two_words(w + 8);
  s->r1p = teff_smlad(first.first, pixel.first, s->r1p);
  s->e0p = teff_smlad(teff_sxtb16(first.first), pixel.first, s->e0p);
  s->r3p = teff_smlad(first.second, pixel.first, s->r3p);
  s->e2p = teff_smlad(teff_sxtb16(first.second), pixel.first, s->e2p);
  s->r1p = teff_smlad(second.first, pixel.second, s->r1p);
  s->e0p = teff_smlad(teff_sxtb16(second.first), pixel.second, s->e0p);
  s->r3p = teff_smlad(second.second, pixel.second, s->r3p);
  s->e2p = teff_smlad(teff_sxtb16(second.second), pixel.second, s->e2p);
}

// All steps of one pixel, two quads at a time.
TEFF_KERNEL teff_tile_sums teff_tile_sums_one_dsp(const int8_t* block, const int8_t* x, int32_t quads) {
  const teff_words bias = teff_two_words(block);
  const int8_t* w = block + TEFF_TILE_BIASES_DSP;
  teff_tile_sums s = {bias.first, 0, bias.first, 0, bias.second, 0, bias.second, 0, w};
  if (quads & 1) {
    teff_tile_steps_one_dsp(&s, w, x);
    w += 16;
    x += 8;
  }
  for (const int8_t* end = w + 16 * (ptrdiff_t)(quads & ~1); w < end; w += 32, x += 16) {
    teff_tile_steps_one_dsp(&s, w, x);
    teff_tile_steps_one_dsp(&s, w + 16, x + 8);
  }
  s.constants = w;
  return s;
}

// Results of one channel for both pixels; `scale` points to its multiplier and offset.
TEFF_KERNEL void teff_tile_even_dsp(const teff_result* result, const int8_t* scale, int32_t ep, int32_t eq,
                                    int two, int8_t* p, int8_t* q) {
  const teff_scale_dsp s = teff_scale_at_dsp(result, scale);
  *p = (int8_t)teff_scaled_dsp(result, s, ep);
  if (two) *q = (int8_t)teff_scaled_dsp(result, s, eq);
}
// The same of one whose bias comes first.
TEFF_KERNEL void teff_tile_odd_dsp(const teff_result* result, const int8_t* bias, int32_t rp, int32_t rq,
                                   int32_t ep, int32_t eq, int two, int8_t* p, int8_t* q) {
  const int32_t start = teff_word(bias);
  const int32_t sum_p = teff_wrap_add(start, teff_wrap_sub(rp, ep) >> 8);
  const int32_t sum_q = two ? teff_wrap_add(start, teff_wrap_sub(rq, eq) >> 8) : 0;
  teff_tile_even_dsp(result, bias + 4, sum_p, sum_q, two, p, q);
}

// A block of outputs, of pixel p and, if there are `two`, q. Returns where the next block begins.
TEFF_KERNEL const int8_t* teff_tile_block_dsp(const teff_result* result, const int8_t* block, const int8_t* x,
                                              int32_t quads, int two, int8_t* p, int8_t* q) {
  const teff_tile_sums s =
      two ? teff_tile_sums_two_dsp(block, x, quads) : teff_tile_sums_one_dsp(block, x, quads);
  const int8_t* c = s.constants;
  if (TEFF_SMALL) {  // one pair of outputs after the other
    const int32_t sums[8] = {s.e0p, s.e0q, s.r1p, s.r1q, s.e2p, s.e2q, s.r3p, s.r3q};
    for (const int32_t *e = sums, *end = sums + 8; e < end; e += 4, c += TEFF_TILE_CONSTANTS_DSP / 2) {
      teff_tile_even_dsp(result, c, e[0], e[1], two, p, q);
      teff_tile_odd_dsp(result, c + 8, e[2], e[3], e[0], e[1], two, p + 1, q + 1);
      p += 2;
      q += 2;
    }
    return c;
  }
  teff_tile_even_dsp(result, c, s.e0p, s.e0q, two, p, q);
  teff_tile_odd_dsp(result, c + 8, s.r1p, s.r1q, s.e0p, s.e0q, two, p + 1, q + 1);
  teff_tile_even_dsp(result, c + 20, s.e2p, s.e2q, two, p + 2, q + 2);
  teff_tile_odd_dsp(result, c + 28, s.r3p, s.r3q, s.e2p, s.e2q, two, p + 3, q + 3);
  return c + TEFF_TILE_CONSTANTS_DSP;
}

// `outputs` outputs, from the block at `packed` on, of one pixel, or of two whose results lie `step` bytes
// apart. `x` holds the widened activations, `y` is where the first output goes.
TEFF_KERNEL void teff_tile_dsp(const teff_result* result, const int8_t* packed, const int8_t* x,
                               int32_t quads, int32_t outputs, int two, int32_t step, int8_t* y) {
  int8_t rest[2 * TEFF_TILE_OUTPUTS_DSP];
  for (int32_t left = outputs; left > 0; left -= TEFF_TILE_OUTPUTS_DSP, y += TEFF_TILE_OUTPUTS_DSP) {
    const int few = outputs % TEFF_TILE_OUTPUTS_DSP != 0 && left < TEFF_TILE_OUTPUTS_DSP;
    // Small code makes two pixels always, and forgets the second.
    const int made = TEFF_SMALL || two, kept = !few && (two || !TEFF_SMALL);
    packed = teff_tile_block_dsp(result, packed, x, quads, made, few ? rest : y,
                                 kept ? y + step : rest + TEFF_TILE_OUTPUTS_DSP);
    for (int32_t i = 0; few && i < left; ++i) {
      y[i] = rest[i];
      if (two) y[i + step] = rest[TEFF_TILE_OUTPUTS_DSP + i];
    }
  }
}

#endif
