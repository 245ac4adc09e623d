// The instructions on pairs of 16 bits that Armv7E-M and Armv8-M have (Cortex-M4, M7, M33), as functions.
// Other machines compute the same in plain C, so that what runs on a board can be run and tested anywhere.
//
// A pair is a word of two int16: its low half ("bottom") is the earlier element. No function here traps or
// leaves anything undefined: sums wrap.
#ifndef TEFF_KERNELS_C_DSP_H
#define TEFF_KERNELS_C_DSP_H

#include "base.h"

#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__)
#define TEFF_HAS_DSP 1
#else
#define TEFF_HAS_DSP 0
#endif

// Whether code may use every register by its name: clang keeps one for itself, and so does gcc where it does
// not optimize.
#if TEFF_HAS_DSP && defined(__OPTIMIZE__) && !defined(__clang__)
#define TEFF_NAMES_REGISTERS 1
#else
#define TEFF_NAMES_REGISTERS 0
#endif

// A word at any address.
TEFF_KERNEL int32_t teff_word(const void* from) {
  int32_t word;
  __builtin_memcpy(&word, from, 4);
  return word;
}
TEFF_KERNEL void teff_set_word(void* to, int32_t word) { __builtin_memcpy(to, &word, 4); }

// Two words at an address that is a multiple of 4, in one instruction. (Compilers that only know an address
// as one of bytes load them one by one.)
typedef struct teff_words {
  int32_t first, second;
} teff_words;
#if TEFF_HAS_DSP
typedef int64_t __attribute__((may_alias, aligned(4))) teff_double_word;
TEFF_KERNEL teff_words teff_two_words(const void* from) {
  teff_words r;
  __asm__("ldrd %0, %1, %2" : "=r"(r.first), "=r"(r.second) : "m"(*(const teff_double_word*)from));
  return r;
}
TEFF_KERNEL void teff_set_two_words(void* to, int32_t first, int32_t second) {
  __asm__("strd %1, %2, %0" : "=m"(*(teff_double_word*)to) : "r"(first), "r"(second));
}
#else
TEFF_KERNEL teff_words teff_two_words(const void* from) {
  teff_words r;
  __builtin_memcpy(&r, from, 8);
  return r;
}
TEFF_KERNEL void teff_set_two_words(void* to, int32_t first, int32_t second) {
  const teff_words words = {first, second};
  __builtin_memcpy(to, &words, 8);
}
#endif

TEFF_KERNEL int32_t teff_bottom(int32_t pair) { return (int16_t)pair; }
TEFF_KERNEL int32_t teff_top(int32_t pair) { return pair >> 16; }
TEFF_KERNEL int32_t teff_pair(int32_t bottom, int32_t top) {
  return (int32_t)(((uint32_t)bottom & 0xFFFF) | (uint32_t)top << 16);
}

#if TEFF_HAS_DSP
#define TEFF_DSP_MULTIPLY(name, instruction)                                     \
  TEFF_KERNEL int32_t teff_##name(int32_t a, int32_t b, int32_t sum) {           \
    int32_t r;                                                                   \
    __asm__(instruction " %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(sum)); \
    return r;                                                                    \
  }
TEFF_DSP_MULTIPLY(smlad, "smlad")    // sum + bottom * bottom + top * top
TEFF_DSP_MULTIPLY(smladx, "smladx")  // sum + bottom * top + top * bottom
TEFF_DSP_MULTIPLY(smlabb, "smlabb")  // sum + bottom * bottom
TEFF_DSP_MULTIPLY(smlabt, "smlabt")  // sum + bottom * top
TEFF_DSP_MULTIPLY(smlatb, "smlatb")  // sum + top * bottom
TEFF_DSP_MULTIPLY(smlatt, "smlatt")  // sum + top * top
TEFF_DSP_MULTIPLY(smmla, "smmla")    // sum + the high word of a * b
#undef TEFF_DSP_MULTIPLY

// The high word of a * b, rounded to nearest with ties up.
TEFF_KERNEL int32_t teff_smmulr(int32_t a, int32_t b) {
  int32_t r;
  __asm__("smmulr %0, %1, %2" : "=r"(r) : "r"(a), "r"(b));
  return r;
}

// Bytes 0 and 2 as a pair; bytes 1 and 3 as a pair.
TEFF_KERNEL int32_t teff_sxtb16(int32_t bytes) {
  int32_t r;
  __asm__("sxtb16 %0, %1" : "=r"(r) : "r"(bytes));
  return r;
}
TEFF_KERNEL int32_t teff_sxtb16_odd(int32_t bytes) {
  int32_t r;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(r) : "r"(bytes));
  return r;
}

// Bytes 0 and 2 (1 and 3) added to the halves of a pair, which wrap.
TEFF_KERNEL int32_t teff_sxtab16(int32_t sums, int32_t bytes) {
  int32_t r;
  __asm__("sxtab16 %0, %1, %2" : "=r"(r) : "r"(sums), "r"(bytes));
  return r;
}
TEFF_KERNEL int32_t teff_sxtab16_odd(int32_t sums, int32_t bytes) {
  int32_t r;
  __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(r) : "r"(sums), "r"(bytes));
  return r;
}

// The bottoms of two pairs as a pair; their tops; the bottom of the first and the top of the second.
TEFF_KERNEL int32_t teff_bottoms(int32_t a, int32_t b) {
  int32_t r;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(r) : "r"(a), "r"(b));
  return r;
}
TEFF_KERNEL int32_t teff_tops(int32_t a, int32_t b) {
  int32_t r;
  __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(r) : "r"(b), "r"(a));
  return r;
}

TEFF_KERNEL int32_t teff_bottom_and_top(int32_t a, int32_t b) {
  int32_t r;
  __asm__("pkhbt %0, %1, %2" : "=r"(r) : "r"(a), "r"(b));
  return r;
}

// The low bytes of four words as one, the first lowest. (Compilers start such a word from zero.)
TEFF_KERNEL int32_t teff_four_bytes(int32_t a, int32_t b, int32_t c, int32_t d) {
  __asm__("bfi %0, %1, #8, #8\n\tbfi %0, %2, #16, #8\n\tbfi %0, %3, #24, #8"
          : "+&r"(a)
          : "r"(b), "r"(c), "r"(d));
  return a;
}

TEFF_KERNEL int32_t teff_ssat8(int32_t x) {
  int32_t r;
  __asm__("ssat %0, #8, %1" : "=r"(r) : "r"(x));
  return r;
}
// ssat8(x >> n) for n in [0, 31]; one instruction where n is a literal and not 0.
TEFF_KERNEL int32_t teff_ssat8_of_shifted(int32_t x, int n) {
  int32_t r;
  if (!__builtin_constant_p(n) || n == 0) return teff_ssat8(x >> n);
  __asm__("ssat %0, #8, %1, asr %2" : "=r"(r) : "r"(x), "i"(n));
  return r;
}
#else
TEFF_KERNEL int32_t teff_smlad(int32_t a, int32_t b, int32_t sum) {
  const int32_t bottom = teff_wrap_mul(teff_bottom(a), teff_bottom(b));
  return teff_wrap_add(teff_wrap_add(sum, bottom), teff_wrap_mul(teff_top(a), teff_top(b)));
}
TEFF_KERNEL int32_t teff_smladx(int32_t a, int32_t b, int32_t sum) {
  return teff_smlad(a, teff_pair(teff_top(b), teff_bottom(b)), sum);
}
TEFF_KERNEL int32_t teff_smlabb(int32_t a, int32_t b, int32_t sum) {
  return teff_wrap_add(sum, teff_bottom(a) * teff_bottom(b));
}
TEFF_KERNEL int32_t teff_smlabt(int32_t a, int32_t b, int32_t sum) {
  return teff_wrap_add(sum, teff_bottom(a) * teff_top(b));
}
TEFF_KERNEL int32_t teff_smlatb(int32_t a, int32_t b, int32_t sum) {
  return teff_wrap_add(sum, teff_top(a) * teff_bottom(b));
}
TEFF_KERNEL int32_t teff_smlatt(int32_t a, int32_t b, int32_t sum) {
  return teff_wrap_add(sum, teff_top(a) * teff_top(b));
}
TEFF_KERNEL int32_t teff_smmla(int32_t a, int32_t b, int32_t sum) {
  return teff_wrap_add(sum, (int32_t)(((int64_t)a * b) >> 32));
}
TEFF_KERNEL int32_t teff_smmulr(int32_t a, int32_t b) {
  return (int32_t)((uint64_t)((int64_t)a * b + INT64_C(0x80000000)) >> 32);
}
TEFF_KERNEL int32_t teff_sxtb16(int32_t bytes) { return teff_pair((int8_t)bytes, (int8_t)(bytes >> 16)); }
TEFF_KERNEL int32_t teff_sxtb16_odd(int32_t bytes) {
  return teff_pair((int8_t)(bytes >> 8), (int8_t)(bytes >> 24));
}
TEFF_KERNEL int32_t teff_sxtab16(int32_t sums, int32_t bytes) {
  return teff_pair(sums + (int8_t)bytes, teff_top(sums) + (int8_t)(bytes >> 16));
}
TEFF_KERNEL int32_t teff_sxtab16_odd(int32_t sums, int32_t bytes) { return teff_sxtab16(sums, bytes >> 8); }
TEFF_KERNEL int32_t teff_bottoms(int32_t a, int32_t b) { return teff_pair(a, b); }
TEFF_KERNEL int32_t teff_tops(int32_t a, int32_t b) { return teff_pair(teff_top(a), teff_top(b)); }
TEFF_KERNEL int32_t teff_bottom_and_top(int32_t a, int32_t b) { return teff_pair(a, teff_top(b)); }
TEFF_KERNEL int32_t teff_four_bytes(int32_t a, int32_t b, int32_t c, int32_t d) {
  const uint32_t low = ((uint32_t)a & 0xFF) | ((uint32_t)b & 0xFF) << 8;
  return (int32_t)(low | ((uint32_t)c & 0xFF) << 16 | (uint32_t)d << 24);
}
TEFF_KERNEL int32_t teff_ssat8(int32_t x) { return teff_clamp_s32(x, -128, 127); }
TEFF_KERNEL int32_t teff_ssat8_of_shifted(int32_t x, int n) { return teff_ssat8(x >> n); }
#endif

#endif
