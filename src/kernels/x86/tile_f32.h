// A tile of a float32 product that fits into registers: what there is one of for each instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace teff::x86 {

// C[r][n] = clamp((add ? C[r][n] : bias[n]) + sum over k of A[r][k] B[k][n]) for a few rows r and the
// `columns` columns of some panels of packed B.
struct TileF32 {
  const float* a;
  ptrdiff_t a_step;  // from a row to the next
  // A row of A comes in `lines` x `runs` pieces of `depth` elements: what lies in one line of an image under
  // a window is one piece, or one for each tap.
  int64_t depth, runs, lines;
  ptrdiff_t run_step, line_step;
  // The pieces of a line meet rows of B one behind the other, and the next line's begin b_line_step after.
  const float* b;
  ptrdiff_t b_line_step;
  ptrdiff_t panel_step;  // from a panel to the next
  float* c;
  ptrdiff_t c_step;
  const float* bias;  // null: none
  float lo, hi;
  int32_t columns;
  bool add;
  // The panels that will be read next: they come into the second cache in the meantime. Any address will do.
  const float* fetch;
};

using TileFunctionF32 = void (*)(const TileF32&);

inline constexpr int kMostRowsF32 = 14, kWidthsF32 = 4;

// The tiles of an instruction set: tiles[r][i] has r rows and 2^i panels; null where the registers do not
// suffice.
struct TilesF32 {
  // For few columns B is not packed: column n stands at b + n * panel_step, its rows side by side. Computes
  // one column of at most `lanes` rows; every result is the same sum in the same order.
  int lanes;
  void (*dots)(const TileF32&, int rows);
  int rows;  // the most
  TileFunctionF32 tiles[kMostRowsF32 + 1][kWidthsF32];
};

extern const TilesF32 kTilesF32Any;  // 128 bits, on every machine
#if defined(__x86_64__)
extern const TilesF32 kTilesF32Avx2, kTilesF32Avx512;
#endif

// The best for this processor.
const TilesF32& tiles_f32();

}  // namespace teff::x86
