// Depthwise convolutions with VPDPBUSD on 512 bits.
//
// One instruction multiplies four neighbouring bytes of each lane, so four taps of a channel have to become
// neighbours: four vectors of 64 bytes, one for each tap, are interleaved into four vectors of 16 lanes.
// Inputs have 128 added, as in s8_avx512vnni.cc.
#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/x86/s8.h"
#include "kernels/x86/target.h"

TEFF_TARGET_BEGIN("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")

#include "kernels/x86/words_s8_avx512.h"

#include "kernels/x86/bytes_avx512.h"
#include "kernels/x86/depthwise_bands.h"
#include "kernels/x86/interleave_avx512.h"
#include "kernels/x86/scale_s8.h"

namespace {

__attribute__((always_inline)) inline void add_four_taps(const uint8_t* x, const ptrdiff_t* taps,
                                                         const __m512i* weights, FourVectors& sums) {
  const FourVectors inputs = interleaved(_mm512_loadu_si512(x + taps[0]), _mm512_loadu_si512(x + taps[1]),
                                         _mm512_loadu_si512(x + taps[2]), _mm512_loadu_si512(x + taps[3]));
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v) add_products(sums.v[v], inputs.v[v], weights[v]);
}

// A tap on its own: each byte is moved to a lane, its neighbours become zero.
__attribute__((always_inline)) inline void add_one_tap(const uint8_t* x, ptrdiff_t tap,
                                                       const __m512i* weights, FourVectors& sums) {
  const __m512i a = _mm512_loadu_si512(x + tap);
  const __m512i first = _mm512_set4_epi32(static_cast<int>(0x80808003), static_cast<int>(0x80808002),
                                          static_cast<int>(0x80808001), static_cast<int>(0x80808000));
  const __m512i four = _mm512_set1_epi32(4);
  __m512i move = first;
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v, move = _mm512_add_epi32(move, four))
    add_products(sums.v[v], _mm512_shuffle_epi8(a, move), weights[v]);
}

struct Depthwise512 {
  using Element = uint8_t;
  static constexpr int kWidth = 64, kGroup = 4;

  static void fill(uint8_t* to, int32_t value, ptrdiff_t n) { fill_raised(to, value, n); }
  static void copy(uint8_t* to, const int8_t* from, ptrdiff_t n) { copy_raised(to, from, n); }
  static void copy_apart(uint8_t* to, const int8_t* from, ptrdiff_t bytes, ptrdiff_t apart, ptrdiff_t count) {
    copy_raised_apart(to, from, bytes, apart, count);
  }

  // The results of 64 bytes, or of n that are stored; of `Count` taps, or of `count` where that is 0.
  template <int Count, class Scaling>
  __attribute__((always_inline)) static inline void make(const uint8_t* x, const ptrdiff_t* taps,
                                                         int32_t count, const int32_t* constants,
                                                         const void* packed, const Scaling& scaling,
                                                         const teff_result& result, int8_t* y, ptrdiff_t n) {
    const __m512i* weights = static_cast<const __m512i*>(packed);
    FourVectors sums;
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) sums.v[v] = load(constants + 16 * v);
    if (Count > 0) count = Count;
    int32_t t = 0;
#pragma GCC unroll 3
    for (; t + 4 <= count; t += 4) add_four_taps(x, taps + t, weights + t, sums);
    if (count % 4 == 1)
      add_one_tap(x, taps[t], weights + t, sums);
    else if (count % 4 > 1)
      add_four_taps(x, taps + t, weights + t, sums);
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) sums.v[v] = scaling(sums.v[v], scale_at(constants + 16 * v, kWidth));
    store_results<4>(y, sums.v, result, static_cast<int32_t>(n < kWidth ? n : kWidth));
  }
};

}  // namespace

void teff_depthwise_s8_avx512vnni(teff_depthwise_x86 p, const int8_t* x, const void* packed, int8_t* y,
                                  void* scratch, teff_range r) {
  const int8_t* from = static_cast<const int8_t*>(packed);
  with_scaling(p.result,
               [&]<class Scaling>() { depthwise<Depthwise512, Scaling>(p, x, from, y, scratch, r); });
}

TEFF_TARGET_END

#endif
