// The output pixels of an image in rectangles whose windows have the same taps inside: the middle, where all
// are, and the edges. Within one a kernel needs neither a copy of the image with borders nor a test.
#pragma once

#include "kernels/c/window.h"

namespace teff::x86 {

struct Region {
  teff_range rows, columns;
  teff_taps down, across;  // of the kernel's rows and columns those inside of the image
};

// One axis of a window.
struct WindowAxis {
  int32_t in, kernel, stride, dilation, pad;

  teff_taps taps_at(int32_t out) const { return teff_taps_inside(out * stride - pad, kernel, dilation, in); }
  // Of the outputs from `out` on, up to `limit`, those that see the same taps; at the edges one by one.
  int32_t end_of(int32_t out, teff_taps taps, int32_t limit) const {
    if (taps.begin > 0 || taps.end < kernel) return out + 1;
    const int32_t last = (in - 1 - (kernel - 1) * dilation + pad) / stride;  // whose last tap is inside
    return teff_min_s32(last + 1, limit);
  }
};

inline WindowAxis axis_down(const teff_window& w) {
  return {w.in_h, w.kernel_h, w.stride_h, w.dilation_h, w.pad_top};
}
inline WindowAxis axis_across(const teff_window& w) {
  return {w.in_w, w.kernel_w, w.stride_w, w.dilation_w, w.pad_left};
}

// Calls body(region) for all rectangles of the rows in `rows` of one image.
template <class Body>
void for_regions(const teff_window& w, teff_range rows, Body body) {
  const WindowAxis down = axis_down(w), across = axis_across(w);
  for (int32_t row = rows.begin, row_end; row < rows.end; row = row_end) {
    const teff_taps taps = down.taps_at(row);
    row_end = down.end_of(row, taps, rows.end);
    for (int32_t column = 0, column_end; column < w.out_w; column = column_end) {
      const teff_taps columns = across.taps_at(column);
      column_end = across.end_of(column, columns, w.out_w);
      body(Region{{row, row_end}, {column, column_end}, taps, columns});
    }
  }
}

// Rows are counted through all images: calls body(image, its rows) for each that has some in `rows`.
template <class Body>
void for_parts_of_images(const teff_window& w, teff_range rows, Body body) {
  for (int32_t row = rows.begin; row < rows.end;) {
    const int32_t image = row / w.out_h, first = row % w.out_h;
    const int32_t last = teff_min_s32(w.out_h, first + rows.end - row);
    body(image, teff_range{first, last});
    row += last - first;
  }
}

// Index of the first channel of the first tap inside, of the window at an output pixel of the region.
inline int64_t input_of(const teff_window& w, const Region& region, int32_t image, int32_t row,
                        int32_t column) {
  const int32_t y = row * w.stride_h - w.pad_top + region.down.begin * w.dilation_h;
  const int32_t x = column * w.stride_w - w.pad_left + region.across.begin * w.dilation_w;
  return ((int64_t{image} * w.in_h + y) * w.in_w + x) * w.channels;
}

// A rectangle is walked along its rows or along its columns, in strips of at most `longest` pixels: whichever
// makes fewer strips.
inline bool along_rows(const Region& r, int32_t longest) {
  const int32_t h = r.rows.end - r.rows.begin, w = r.columns.end - r.columns.begin;
  return h * ((w + longest - 1) / longest) <= w * ((h + longest - 1) / longest);
}

}  // namespace teff::x86
