// The rows of the registry for float32 layers: the kernels of gemm_f32.h, conv_f32.h and depthwise_f32.h, one
// for each instruction set.
#pragma once

#include "kernels/x86/conv_f32.h"
#include "kernels/x86/depthwise_f32.h"
#include "kernels/x86/gemm_f32.h"
#include "kernels/x86/strip_f32.h"
#include "kernels/x86/tile_f32.h"

namespace teff {

// y[r][n] = clamp(sum over k of x[r][k] w[k][n] + bias[n]), all rows side by side.
struct DenseF32 {
  int32_t rows, outputs, inputs;
  float lo, hi;
};

inline x86::GemmF32 gemm_of(const DenseF32& p, const x86::TilesF32& tiles) {
  return {.rows = p.rows,
          .columns = p.outputs,
          .depth = p.inputs,
          .a_step = p.inputs,
          .c_step = p.outputs,
          .lo = p.lo,
          .hi = p.hi,
          .tiles = &tiles};
}

using x86::ConvF32;
using x86::DepthwiseF32;
using x86::SpreadF32;

#define TEFF_ROWS_F32(isa, Isa)                                                                           \
  inline void teff_dense_f32_##isa(DenseF32 p, const float* x, const float* packed, const float* bias,    \
                                   float* y, float* scratch, teff_range units) {                          \
    x86::GemmF32 gemm = gemm_of(p, x86::kTilesF32##Isa);                                                  \
    gemm.a = x, gemm.b = packed, gemm.bias = bias, gemm.c = y;                                            \
    x86::gemm_f32(gemm, units, scratch);                                                                  \
  }                                                                                                       \
  inline void teff_conv_f32_##isa(ConvF32 p, const float* x, const float* packed, const float* bias,      \
                                  float* y, teff_range units) {                                           \
    p.tiles = &x86::kTilesF32##Isa;                                                                       \
    x86::conv_f32(p, x, packed, bias, y, units);                                                          \
  }                                                                                                       \
  inline void teff_depthwise_f32_##isa(DepthwiseF32 p, const float* x, const float* w, const float* bias, \
                                       float* y, teff_range rows) {                                       \
    p.strips = &x86::kStripsF32##Isa;                                                                     \
    x86::depthwise_f32(p, x, w, bias, y, rows);                                                           \
  }                                                                                                       \
  inline void teff_spread_f32_##isa(SpreadF32 p, const float* x, const float* packed, float* y,           \
                                    teff_range units) {                                                   \
    p.tiles = &x86::kTilesF32##Isa;                                                                       \
    x86::spread_f32(p, x, packed, y, units);                                                              \
  }
TEFF_ROWS_F32(any, Any)
#if defined(__x86_64__)
TEFF_ROWS_F32(avx2, Avx2)
TEFF_ROWS_F32(avx512, Avx512)
#endif
#undef TEFF_ROWS_F32

}  // namespace teff
