// How a depthwise convolution is walked through, whatever the instructions. For sources that have included a
// target.h, scale_s8.h and what Isa needs.
//
// Channels and pixels lie side by side in memory, and which is which does not matter: so many bytes of a row
// of results may be channels of one pixel or of several, and the same number of bytes further lies what the
// next tap sees. Strides of 2 and more would tear that apart; columns are therefore sorted by their remainder
// as the rows are written down.
//
// `Isa` says how: Element (what an input is written down as), kWidth (results that are made at a time),
// kGroup, fill, copy and copy_apart of inputs, and make<taps>.
#pragma once

namespace {

using Taps = ptrdiff_t[TEFF_DEPTHWISE_TAPS_X86 + 4];

// Columns with the same remainder lie side by side: [rows][stride_w][columns][channels].
template <class Isa>
struct SortedRows {
  using Element = typename Isa::Element;
  const teff_window& w;
  Element* inputs;
  ptrdiff_t columns, row;

  SortedRows(const teff_window& window, void* scratch)
      : w(window),
        inputs(static_cast<Element*>(scratch)),
        columns(teff_sorted_columns_x86(&window)),
        row(columns * window.stride_w * window.channels) {}

  // Where tap (i, j) of the first pixel lies.
  ptrdiff_t tap(int32_t i, int32_t j) const {
    const ptrdiff_t column = static_cast<ptrdiff_t>(j) * w.dilation_w;
    return i * w.dilation_h * row + (column % w.stride_w * columns + column / w.stride_w) * w.channels;
  }

  void write_row(Element* to, const int8_t* from, int32_t zero) const {
    const ptrdiff_t channels = w.channels;
    for (int32_t remainder = 0; remainder < w.stride_w; ++remainder, to += columns * channels) {
      // Of columns remainder - pad_left + k * stride_w those that lie inside.
      const ptrdiff_t origin = remainder - w.pad_left, stride = w.stride_w;
      ptrdiff_t begin = origin < 0 ? (-origin + stride - 1) / stride : 0;
      ptrdiff_t end = origin < w.in_w ? (w.in_w - origin + stride - 1) / stride : 0;
      if (begin > columns) begin = columns;
      if (end > columns) end = columns;
      if (begin > 0) Isa::fill(to, zero, begin * channels);
      if (stride == 1 && begin < end)
        Isa::copy(to + begin * channels, from + (origin + begin) * channels, (end - begin) * channels);
      else
        Isa::copy_apart(to + begin * channels, from + (origin + begin * stride) * channels, channels,
                        stride * channels, end - begin);
      if (begin > end) end = begin;
      if (end < columns) Isa::fill(to + end * channels, zero, (columns - end) * channels);
    }
  }

  void write_down(const int8_t* image, int32_t zero, int32_t first, int32_t rows) const {
    const ptrdiff_t seen = teff_rows_seen_x86(&w, rows);
    const ptrdiff_t top = static_cast<ptrdiff_t>(first) * w.stride_h - w.pad_top;
    for (ptrdiff_t i = 0; i < seen; ++i) {
      const ptrdiff_t y = top + i;
      if (y < 0 || y >= w.in_h)
        Isa::fill(inputs + i * row, zero, row);
      else
        write_row(inputs + i * row, image + y * w.in_w * w.channels, zero);
    }
    Isa::fill(inputs + seen * row, zero, 64);
  }
};

template <class Isa, int Count, class Scaling>
void make_rows(const teff_depthwise_x86& p, const SortedRows<Isa>& from, const ptrdiff_t* taps,
               const int8_t* packed, const Scaling& scaling, int8_t* y, int32_t rows) {
  const teff_window& w = p.window;
  const ptrdiff_t row = static_cast<ptrdiff_t>(w.out_w) * w.channels;
  const int32_t count = w.kernel_h * w.kernel_w;
  for (int32_t set = 0; set < p.sets;
       ++set, packed +=
              Isa::kWidth * (16 + 4 * static_cast<ptrdiff_t>((count + Isa::kGroup - 1) / Isa::kGroup))) {
    const int32_t* constants = reinterpret_cast<const int32_t*>(packed);
    const void* weights = constants + 4 * Isa::kWidth;
    const ptrdiff_t begin = static_cast<ptrdiff_t>(Isa::kWidth) * set;
    for (int32_t i = 0; i < rows; ++i) {
      const typename Isa::Element* x = from.inputs + i * w.stride_h * from.row;
      int8_t* to = y + i * row;
      if (p.flat) {
        for (ptrdiff_t at = begin; at < row; at += static_cast<ptrdiff_t>(Isa::kWidth) * p.sets)
          Isa::template make<Count>(x + at, taps, count, constants, weights, scaling, p.result, to + at,
                                    row - at);
      } else {
        for (ptrdiff_t at = begin; at < row; at += w.channels)
          Isa::template make<Count>(x + at, taps, count, constants, weights, scaling, p.result, to + at,
                                    w.channels - begin);
      }
    }
  }
}

template <class Isa, class Scaling>
void depthwise(const teff_depthwise_x86& p, const int8_t* x, const int8_t* packed, int8_t* y, void* scratch,
               teff_range r) {
  const teff_window& w = p.window;
  const SortedRows<Isa> from(w, scratch);
  const Scaling scaling(p.result);
  Taps taps;
  int32_t count = 0;
  for (int32_t i = 0; i < w.kernel_h; ++i)
    for (int32_t j = 0; j < w.kernel_w; ++j) taps[count++] = from.tap(i, j);
  for (int32_t k = count; k % Isa::kGroup != 0; ++k) taps[k] = taps[count - 1];  // their weights are 0
  for (int32_t row = r.begin; row < r.end;) {
    const int32_t image = row / w.out_h, first = row % w.out_h;
    int32_t rows = r.end - row;
    if (rows > p.band) rows = p.band;
    if (rows > w.out_h - first) rows = w.out_h - first;
    from.write_down(x + image * static_cast<ptrdiff_t>(w.in_h) * w.in_w * w.channels, p.x_zero, first, rows);
    int8_t* to = y + static_cast<ptrdiff_t>(row) * w.out_w * w.channels;
    if (count == 9)
      make_rows<Isa, 9>(p, from, taps, packed, scaling, to, rows);
    else
      make_rows<Isa, 0>(p, from, taps, packed, scaling, to, rows);
    row += rows;
  }
}

}  // namespace
