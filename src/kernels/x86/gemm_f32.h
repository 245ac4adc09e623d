// Products of float32 matrices, C = clamp(A B + bias), as fast as the processor multiplies and adds.
//
// A [rows, depth] and C [rows, columns] are row-major with any distance between rows; B [depth, columns] is
// packed once, before. Nothing outside of A, bias and C is read or written, whatever their sizes, and no
// alignment is asked for. Every element of C is the same sum in the same order, k = 0, 1, ..., however the
// work is divided: any number of threads gives the same bytes.
//
//     std::vector<float> packed(packed_floats_f32(depth, columns));
//     pack_f32(b, columns, 1, depth, columns, packed.data());
//     const GemmF32 p{.rows = ..., };
//     gemm_f32(p, {0, gemm_f32_units(p)}, scratch);        // or parts of the units on several threads
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "kernels/c/base.h"

namespace teff::x86 {

// B lies packed in panels of this many columns, the last filled up with zeros; in a panel the columns of a
// row lie side by side and its rows one behind the other. The same for every instruction set.
inline constexpr int kPanelF32 = 16;

constexpr int32_t panels_f32(int32_t columns) { return (columns + kPanelF32 - 1) / kPanelF32; }
constexpr int64_t packed_floats_f32(int32_t depth, int32_t columns) {
  return int64_t{panels_f32(columns)} * kPanelF32 * depth;
}

// Packs B, whose element (k, n) is b[k * row_step + n * column_step].
void pack_f32(const float* b, ptrdiff_t row_step, ptrdiff_t column_step, int32_t depth, int32_t columns,
              float* packed);

struct TilesF32;  // tile_f32.h

struct GemmF32 {
  int32_t rows = 0, columns = 0, depth = 0;
  const float* a = nullptr;
  ptrdiff_t a_step = 0;  // elements from a row of A to the next
  const float* b = nullptr;
  float* c = nullptr;
  ptrdiff_t c_step = 0;
  const float* bias = nullptr;  // one a column, or null
  float lo = -std::numeric_limits<float>::infinity(), hi = std::numeric_limits<float>::infinity();
  const TilesF32* tiles = nullptr;  // of an instruction set; null: the best that this processor has
};

// The pieces of work that may be divided among threads: a function of the shape alone.
int32_t gemm_f32_units(const GemmF32& p);
// Scratch that each thread needs, in floats.
int64_t gemm_f32_scratch(const GemmF32& p);
// Computes the units of C in `units`. Scratch need not be aligned, but is faster where it is to 64 bytes.
void gemm_f32(const GemmF32& p, teff_range units, float* scratch);

}  // namespace teff::x86
