// Rows of the registry for what goes through float32 images element by element: kernels/c compiled once more
// for each instruction set, with the same parameters, operands and results.
#pragma once

#include "kernels/c/compare.h"
#include "kernels/c/numbers.h"
#include "kernels/c/pool2d.h"
#include "kernels/c/resize.h"
#include "kernels/c/unary.h"

// The kernels of one tensor, and of two.
#define TEFF_STREAMS_F32(ONE, TWO)            \
  ONE(relu_f32, teff_relu_params)             \
  ONE(leaky_relu_f32, teff_alpha_params)      \
  ONE(hard_swish_f32, teff_no_params)         \
  ONE(max_pool2d_f32, teff_pool2d_f32_params) \
  TWO(add_f32, teff_numbers_f32_params)       \
  TWO(sub_f32, teff_numbers_f32_params)       \
  TWO(mul_f32, teff_numbers_f32_params)       \
  TWO(maximum_f32, teff_numbers_f32_params)   \
  TWO(minimum_f32, teff_numbers_f32_params)   \
  TWO(prelu_f32, teff_numbers_f32_params)

namespace teff {

#define TEFF_DECLARE_ONE(name, P) decltype(teff_##name) teff_##name##_avx2, teff_##name##_avx512;
TEFF_STREAMS_F32(TEFF_DECLARE_ONE, TEFF_DECLARE_ONE)
#undef TEFF_DECLARE_ONE
decltype(teff_resize_bilinear_f32) teff_resize_bilinear_f32_avx2, teff_resize_bilinear_f32_avx512;
decltype(teff_average_pool2d_f32) teff_average_pool2d_f32_avx2, teff_average_pool2d_f32_avx512;

}  // namespace teff
