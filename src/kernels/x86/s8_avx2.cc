// Convolutions and fully connected layers with VPMADDWD on 256 bits.
//
// VPMADDUBSW would multiply twice as many bytes, but it saturates sums of two products at 16 bits: inputs and
// weights are words instead, two of which make a step.
#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/x86/s8.h"
#include "kernels/x86/target.h"

TEFF_TARGET_BEGIN("avx2,fma,f16c")

#include "kernels/x86/words_s8_avx2.h"

#include "kernels/x86/bytes_avx2.h"
#include "kernels/x86/conv_bands.h"
#include "kernels/x86/scale_s8.h"

namespace {

struct Words256 {
  using Element = int16_t;
  static constexpr int kLanes = 8, kGroup = 2, kStepBytes = 4, kWidest = 2;
  // Sums that fit into the 16 registers, with the weights, an input and a product.
  static constexpr int most_pixels(int vectors) { return vectors == 2 ? 4 : 8; }

  static void fill(int16_t* to, int32_t value, ptrdiff_t n) { fill_words(to, value, n); }
  static void copy(int16_t* to, const int8_t* from, ptrdiff_t n) { copy_words(to, from, n); }

  template <int Pixels, int Vectors>
  __attribute__((always_inline)) static inline void multiply(const int16_t* const* x, const Steps& steps,
                                                             const Block& block,
                                                             __m256i (&sums)[Pixels][Vectors]) {
    const int8_t* w = static_cast<const int8_t*>(block.weights);
    for (int32_t i = 0; i < steps.rows; ++i)
      for (int32_t j = 0; j < steps.pieces; ++j) {
        const ptrdiff_t begin = i * steps.row_stride + j * steps.piece_stride;
        const ptrdiff_t end = begin + 2 * static_cast<ptrdiff_t>(steps.steps);
        for (ptrdiff_t k = begin; k < end; k += 2, w += 32 * Vectors) {
          __m256i weights[Vectors];
#pragma GCC unroll 2
          for (int v = 0; v < Vectors; ++v)
            weights[v] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + 32 * v));
#pragma GCC unroll 8
          for (int r = 0; r < Pixels; ++r) {
            int32_t two;
            __builtin_memcpy(&two, x[r] + k, 4);
            const __m256i inputs = _mm256_set1_epi32(two);
#pragma GCC unroll 2
            for (int v = 0; v < Vectors; ++v)
              sums[r][v] = plus(sums[r][v], _mm256_madd_epi16(inputs, weights[v]));
          }
        }
      }
  }

  // The results of `Pixels` pixels for a block of outputs.
  template <int Pixels, int Vectors, class Scaling>
  __attribute__((noinline)) static void tile(const int16_t* const* x, const Steps& steps, const Block& block,
                                             const Scaling& scaling, const teff_result& result, int8_t* y,
                                             int32_t outputs) {
    __m256i sums[Pixels][Vectors];
#pragma GCC unroll 8
    for (int r = 0; r < Pixels; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) sums[r][v] = load(block.constants + 8 * v);
    multiply<Pixels, Vectors>(x, steps, block, sums);
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) {
      const Scale s = scale_at(block.constants + 8 * v, 8 * Vectors);
#pragma GCC unroll 8
      for (int r = 0; r < Pixels; ++r) sums[r][v] = scaling(sums[r][v], s);
    }
#pragma GCC unroll 8
    for (int r = 0; r < Pixels; ++r)
      store_results<Vectors>(y + static_cast<ptrdiff_t>(r) * outputs, sums[r], result, block.outputs);
  }
};

}  // namespace

void teff_conv_s8_avx2(teff_conv_x86 p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
                       teff_range r) {
  with_scaling(p.result, [&]<class Scaling>() { convolve<Words256, Scaling>(p, x, packed, y, scratch, r); });
}

void teff_dense_s8_avx2(teff_dense_x86 p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
                        teff_range r) {
  const int8_t* from = static_cast<const int8_t*>(packed);
  with_scaling(p.result, [&]<class Scaling>() { dense<Words256, Scaling>(p, x, from, y, scratch, r); });
}

TEFF_TARGET_END

#endif
