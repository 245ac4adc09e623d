#include "kernels/x86/gemm_f32.h"

#include <algorithm>

#include "core/cpu.h"
#include "kernels/x86/divide.h"
#include "kernels/x86/tile_f32.h"

namespace teff::x86 {
namespace {

// Products along the depth that are made in one go. C is read and written once for each of them.
constexpr int32_t kDepthBlock = 512;

// A block of A is copied where it will be read often: so many tiles of fourteen rows are a sixth of a
// megabyte.
constexpr int32_t kTilesBlock = 6;

// Rows of a copy are this much longer, so that they do not fall on one another in the cache.
constexpr int32_t kRowGap = kPanelF32;

// How a product is divided: into stripes of panels, those into tiles of rows.
struct Division {
  const TilesF32& kernels;
  int32_t tiles, panels, stripes = 1;
  int32_t depth_blocks;
  bool copies;

  explicit Division(const GemmF32& p)
      : kernels(p.tiles != nullptr ? *p.tiles : tiles_f32()),
        tiles(ceil_div(p.rows, kernels.rows)),
        panels(panels_f32(p.columns)),
        // Where B is read once there is nothing that ought to stay in a cache.
        depth_blocks(tiles == 1 ? 1 : std::max(ceil_div(p.depth, kDepthBlock), 1)),
        copies(tiles > 1 && panels >= 4 && (scatters(p) || depth_blocks > 1)) {
    // An even number of pieces goes well with two threads.
    if (tiles > 0) stripes = std::max(std::min(std::max(ceil_div(16, tiles), 1 + tiles % 2), panels / 2), 1);
  }

  // Rows whose distance is a multiple of half a page fall into few sets of the first cache.
  static bool scatters(const GemmF32& p) { return p.a_step % 512 == 0; }
  int32_t longest_tile(const GemmF32& p) const { return ceil_div(p.rows, tiles); }
  int32_t tiles_block() const { return copies ? std::min(kTilesBlock, tiles) : tiles; }
  int32_t depth_block(const GemmF32& p) const { return ceil_div(p.depth, depth_blocks); }
};

class Product {
 public:
  Product(const GemmF32& p, const Division& d, float* scratch)
      : p_(p), d_(d), scratch_(scratch), copy_step_(d.depth_block(p) + kRowGap) {}

  // A block of A and some panels of B share the second cache: tile by tile the panels pass, which are read
  // as they lie.
  void stripe(teff_range panels, teff_range tiles) {
    const int32_t most = std::max(panels_in_cache(d_.depth_block(p_)) / 2, 2);
    const int32_t blocks = d_.tiles == 1 ? 1 : ceil_div(panels.end - panels.begin, most);
    for (int32_t j = 0; j < d_.depth_blocks; ++j)
      for (int32_t first = tiles.begin; first < tiles.end; first += d_.tiles_block()) {
        const teff_range rows = {first, std::min(first + d_.tiles_block(), tiles.end)};
        const teff_range depth = part_of(p_.depth, d_.depth_blocks, j);
        if (d_.copies) copy(rows, depth);
        for (int32_t i = 0; i < blocks; ++i) {
          const teff_range part = part_of(panels.end - panels.begin, blocks, i);
          block({panels.begin + part.begin, panels.begin + part.end}, depth, rows);
        }
      }
  }

 private:
  void block(teff_range panels, teff_range depth, teff_range tiles) {
    const bool last = depth.end == p_.depth;
    TileF32 t{};
    t.lines = t.runs = 1, t.depth = depth.end - depth.begin;
    t.a_step = d_.copies ? copy_step_ : p_.a_step, t.panel_step = int64_t{p_.depth} * kPanelF32;
    t.c_step = p_.c_step;
    t.lo = last ? p_.lo : -std::numeric_limits<float>::infinity();
    t.hi = last ? p_.hi : std::numeric_limits<float>::infinity();
    t.add = depth.begin > 0;
    const int32_t origin = part_of(p_.rows, d_.tiles, tiles.begin).begin;
    for (int32_t i = tiles.begin; i < tiles.end; ++i) {
      const teff_range rows = part_of(p_.rows, d_.tiles, i);
      t.a = d_.copies ? scratch_ + (rows.begin - origin) * copy_step_
                      : p_.a + rows.begin * p_.a_step + depth.begin;
      row_of_tiles(t, rows, panels, depth);
    }
  }

  void row_of_tiles(TileF32& t, teff_range rows, teff_range panels, teff_range depth) {
    for (int32_t panel = panels.begin; panel < panels.end;) {
      const int width = width_for(d_.kernels, rows.end - rows.begin, panels.end - panel);
      const int32_t column = panel * kPanelF32;
      t.b = p_.b + panel * t.panel_step + int64_t{depth.begin} * kPanelF32;
      t.c = p_.c + rows.begin * p_.c_step + column;
      t.bias = p_.bias != nullptr ? p_.bias + column : nullptr;
      t.columns = std::min(p_.columns - column, kPanelF32 << width);
      panel += 1 << width;
      t.fetch = panel < panels.end ? t.b + (t.panel_step << width) : t.b;
      d_.kernels.tiles[rows.end - rows.begin][width](t);
    }
  }

  void copy(teff_range tiles, teff_range depth) {
    const int32_t first = part_of(p_.rows, d_.tiles, tiles.begin).begin;
    const int32_t end = part_of(p_.rows, d_.tiles, tiles.end).begin;
    for (int32_t r = first; r < end; ++r)
      __builtin_memcpy(scratch_ + (r - first) * copy_step_, p_.a + r * p_.a_step + depth.begin,
                       static_cast<size_t>(depth.end - depth.begin) * sizeof(float));
  }

  const GemmF32& p_;
  const Division& d_;
  float* scratch_;
  const ptrdiff_t copy_step_;
};

}  // namespace

const TilesF32& tiles_f32() {
#if defined(__x86_64__)
  static const TilesF32& best = cpu_has(Isa::avx512) ? kTilesF32Avx512
                                : cpu_has(Isa::avx2) ? kTilesF32Avx2
                                                     : kTilesF32Any;
  return best;
#else
  return kTilesF32Any;
#endif
}

void pack_f32(const float* b, ptrdiff_t row_step, ptrdiff_t column_step, int32_t depth, int32_t columns,
              float* packed) {
  for (int32_t column = 0; column < columns; column += kPanelF32)
    for (int32_t k = 0; k < depth; ++k, packed += kPanelF32) {
      const float* from = b + k * row_step + column * column_step;
      const int32_t count = std::min(columns - column, kPanelF32);
      for (int32_t n = 0; n < kPanelF32; ++n) packed[n] = n < count ? from[n * column_step] : 0;
    }
}

int32_t gemm_f32_units(const GemmF32& p) {
  if (p.rows == 0 || p.columns == 0) return 0;
  const Division d(p);
  return d.tiles * d.stripes;
}

int64_t gemm_f32_scratch(const GemmF32& p) {
  if (p.rows == 0 || p.columns == 0) return 0;
  const Division d(p);
  return d.copies ? int64_t{d.tiles_block()} * d.longest_tile(p) * (d.depth_block(p) + kRowGap) : 0;
}

void gemm_f32(const GemmF32& p, teff_range units, float* scratch) {
  if (units.begin >= units.end) return;
  const Division d(p);
  Product product(p, d, scratch);
  if (units.end - units.begin == d.tiles * d.stripes) return product.stripe({0, d.panels}, {0, d.tiles});
  for (int32_t unit = units.begin; unit < units.end;) {
    const int32_t first = unit % d.tiles, last = std::min(d.tiles, first + units.end - unit);
    product.stripe(part_of(d.panels, d.stripes, unit / d.tiles), {first, last});
    unit += last - first;
  }
}

}  // namespace teff::x86
