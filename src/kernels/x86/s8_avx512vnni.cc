// Convolutions and fully connected layers with VPDPBUSD on 512 bits.
//
// The instruction multiplies unsigned by signed bytes. Inputs are made unsigned as they are written down, by
// adding 128; what that adds to a sum, 128 times the sum of its weights, has been taken off where the sum
// starts.
#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/x86/s8.h"
#include "kernels/x86/target.h"

TEFF_TARGET_BEGIN("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")

#include "kernels/x86/words_s8_avx512.h"

#include "kernels/x86/bytes_avx512.h"
#include "kernels/x86/conv_bands.h"
#include "kernels/x86/scale_s8.h"

namespace {

struct Vnni512 {
  using Element = uint8_t;
  static constexpr int kLanes = 16, kGroup = 4, kStepBytes = 4, kWidest = 4;
  // Sums that fit into the 32 registers, with the weights and an input.
  static constexpr int most_pixels(int vectors) { return vectors == 4 ? 6 : vectors == 2 ? 8 : 8; }

  static void fill(uint8_t* to, int32_t value, ptrdiff_t n) { fill_raised(to, value, n); }
  static void copy(uint8_t* to, const int8_t* from, ptrdiff_t n) { copy_raised(to, from, n); }

  template <int Pixels, int Vectors>
  __attribute__((always_inline)) static inline void multiply(const uint8_t* const* x, const Steps& steps,
                                                             const Block& block,
                                                             __m512i (&sums)[Pixels][Vectors]) {
    const int8_t* w = static_cast<const int8_t*>(block.weights);
    for (int32_t i = 0; i < steps.rows; ++i)
      for (int32_t j = 0; j < steps.pieces; ++j) {
        const ptrdiff_t begin = i * steps.row_stride + j * steps.piece_stride;
        const ptrdiff_t end = begin + 4 * static_cast<ptrdiff_t>(steps.steps);
        for (ptrdiff_t k = begin; k < end; k += 4, w += 64 * Vectors) {
          __m512i weights[Vectors];
#pragma GCC unroll 4
          for (int v = 0; v < Vectors; ++v) weights[v] = _mm512_loadu_si512(w + 64 * v);
#pragma GCC unroll 16
          for (int r = 0; r < Pixels; ++r) {
            int32_t four;
            __builtin_memcpy(&four, x[r] + k, 4);
            const __m512i inputs = _mm512_set1_epi32(four);
#pragma GCC unroll 4
            for (int v = 0; v < Vectors; ++v) add_products(sums[r][v], inputs, weights[v]);
          }
        }
      }
  }

  // The results of `Pixels` pixels for a block of outputs.
  template <int Pixels, int Vectors, class Scaling>
  __attribute__((noinline)) static void tile(const uint8_t* const* x, const Steps& steps, const Block& block,
                                             const Scaling& scaling, const teff_result& result, int8_t* y,
                                             int32_t outputs) {
    constexpr int kWidth = 16 * Vectors;
    __m512i sums[Pixels][Vectors];
#pragma GCC unroll 16
    for (int r = 0; r < Pixels; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sums[r][v] = _mm512_loadu_si512(block.constants + 16 * v);
    multiply<Pixels, Vectors>(x, steps, block, sums);
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      const Scale s = scale_at(block.constants + 16 * v, kWidth);
#pragma GCC unroll 16
      for (int r = 0; r < Pixels; ++r) sums[r][v] = scaling(sums[r][v], s);
    }
    store_pixels<Pixels, Vectors>(y, sums, result, block.outputs, outputs);
  }
};

}  // namespace

void teff_conv_s8_avx512vnni(teff_conv_x86 p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
                             teff_range r) {
  with_scaling(p.result, [&]<class Scaling>() { convolve<Vnni512, Scaling>(p, x, packed, y, scratch, r); });
}

void teff_dense_s8_avx512vnni(teff_dense_x86 p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
                              teff_range r) {
  const int8_t* from = static_cast<const int8_t*>(packed);
  with_scaling(p.result, [&]<class Scaling>() { dense<Vnni512, Scaling>(p, x, from, y, scratch, r); });
}

TEFF_TARGET_END

#endif
