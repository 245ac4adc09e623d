// How tiles and panels are dealt out.
#pragma once

#include <algorithm>

#include "core/cpu.h"
#include "kernels/c/base.h"
#include "kernels/x86/gemm_f32.h"
#include "kernels/x86/tile_f32.h"

namespace teff::x86 {

constexpr int32_t ceil_div(int32_t a, int32_t b) { return (a + b - 1) / b; }

// Part `i` of `parts` of what `all` are divided into as evenly as can be.
inline teff_range part_of(int32_t all, int32_t parts, int32_t i) {
  return {static_cast<int32_t>(int64_t{all} * i / parts),
          static_cast<int32_t>(int64_t{all} * (i + 1) / parts)};
}

// Panels of so many rows that stay in half of the second cache while all rows of A pass.
inline int32_t panels_in_cache(int32_t depth) {
  static const long bytes = cpu().l2 > 0 ? cpu().l2 / 2 : 128 * 1024;
  return std::max(static_cast<int32_t>(bytes / (int64_t{depth} * kPanelF32 * 4 + 1)), 4);
}

// The widest tile of `rows` rows that has no more than `panels` panels, as an index.
inline int width_for(const TilesF32& tiles, int32_t rows, int32_t panels) {
  int width = 0;
  while (width + 1 < kWidthsF32 && 2 << width <= panels && tiles.tiles[rows][width + 1] != nullptr) ++width;
  return width;
}

}  // namespace teff::x86
