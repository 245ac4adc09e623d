// How a convolution or a fully connected layer is walked through, whatever the instructions: bands of rows of
// the output, for each the rows of the input that it sees, written down once with their padding; then blocks
// of outputs, and tiles of pixels for each. For sources that have included a target_*.h.
//
// `Isa` says how: Element (what an input is written down as), kLanes, kMostPixels(vectors), fill and copy of
// inputs, and tile<pixels, vectors>.
#pragma once

namespace {

// Where the steps of a window lie, from its first input on, and how many of a row come one after another.
struct Steps {
  int32_t rows, pieces;
  ptrdiff_t row_stride, piece_stride;  // in elements
  int32_t steps;                       // of a piece
};

// A block of outputs: its constants, its weights, and where its results go.
struct Block {
  const int32_t* constants;
  const void* weights;
  int8_t* y;
  int32_t outputs;  // that are stored: fewer than there are lanes in the last block
};

// What a band's pixels see, written down as [rows][columns][channels].
template <class Isa>
struct Band {
  typename Isa::Element* inputs;
  const teff_window* w;
  ptrdiff_t row_elements;

  Band(const teff_window* window, void* scratch)
      : inputs(static_cast<typename Isa::Element*>(scratch)),
        w(window),
        row_elements(teff_columns_seen_x86(window) * window->channels) {}

  // Of `rows` rows of the output from `first` on.
  void write_down(const int8_t* image, int32_t zero, int32_t first, int32_t rows) const {
    const ptrdiff_t channels = w->channels, columns = teff_columns_seen_x86(w);
    const ptrdiff_t before = w->pad_left < columns ? w->pad_left : columns;
    const ptrdiff_t inside = columns - before < w->in_w ? columns - before : w->in_w;
    const ptrdiff_t seen = teff_rows_seen_x86(w, rows);
    const ptrdiff_t top = static_cast<ptrdiff_t>(first) * w->stride_h - w->pad_top;
    for (ptrdiff_t i = 0; i < seen; ++i) {
      typename Isa::Element* to = inputs + i * row_elements;
      const ptrdiff_t row = top + i;
      if (row < 0 || row >= w->in_h) {
        Isa::fill(to, zero, row_elements);
        continue;
      }
      if (before > 0) Isa::fill(to, zero, before * channels);
      Isa::copy(to + before * channels, image + row * w->in_w * channels, inside * channels);
      if (before + inside < columns)
        Isa::fill(to + (before + inside) * channels, zero, (columns - before - inside) * channels);
    }
    Isa::fill(inputs + seen * row_elements, 0, 64 / sizeof(typename Isa::Element));
  }

  const typename Isa::Element* pixel(int32_t row, int32_t column) const {
    return inputs + static_cast<ptrdiff_t>(row) * w->stride_h * row_elements +
           static_cast<ptrdiff_t>(column) * w->stride_w * w->channels;
  }
};

// Pixels [first, first + count) of a band, `Pixels` at a time.
template <class Isa, class Scaling, int Pixels, int Vectors>
void make_tiles(const teff_conv_x86& p, const Band<Isa>& band, const Steps& steps, const Block& block,
                const Scaling& scaling, int32_t first, int32_t count) {
  int32_t row = first / p.window.out_w, column = first % p.window.out_w;
  int8_t* y = block.y + static_cast<ptrdiff_t>(first) * p.outputs;
  for (; count >= Pixels; count -= Pixels, y += static_cast<ptrdiff_t>(Pixels) * p.outputs, first += Pixels) {
    const typename Isa::Element* x[Pixels];
    for (int i = 0; i < Pixels; ++i) {
      x[i] = band.pixel(row, column);
      if (++column == p.window.out_w) column = 0, ++row;
    }
    Isa::template tile<Pixels, Vectors>(x, steps, block, scaling, p.result, y, p.outputs);
  }
  if constexpr (Pixels > 1)
    if (count > 0)
      make_tiles<Isa, Scaling, Pixels / 2, Vectors>(p, band, steps, block, scaling, first, count);
}

template <class Isa, class Scaling>
void make_band(const teff_conv_x86& p, const Band<Isa>& band, const Steps& steps, const int8_t* packed,
               const Scaling& scaling, int8_t* y, int32_t first, int32_t count) {
  const ptrdiff_t all_steps = static_cast<ptrdiff_t>(steps.rows) * steps.pieces * steps.steps;
  for (int32_t o = 0; o < p.outputs;) {
    const int32_t vectors = teff_block_vectors_x86(p.outputs - o, Isa::kLanes), width = vectors * Isa::kLanes;
    const int32_t* constants = reinterpret_cast<const int32_t*>(packed);
    const int32_t left = p.outputs - o;
    const Block block = {constants, constants + 4 * width, y + o, left < width ? left : width};
    if constexpr (Isa::kWidest >= 4)
      if (vectors == 4)
        make_tiles<Isa, Scaling, Isa::most_pixels(4), 4>(p, band, steps, block, scaling, first, count);
    if (vectors == 2)
      make_tiles<Isa, Scaling, Isa::most_pixels(2), 2>(p, band, steps, block, scaling, first, count);
    if (vectors == 1)
      make_tiles<Isa, Scaling, Isa::most_pixels(1), 1>(p, band, steps, block, scaling, first, count);
    packed += width * (16 + all_steps * Isa::kStepBytes);
    o += width;
  }
}

template <class Isa, class Scaling>
void convolve(const teff_conv_x86& p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
              teff_range r) {
  const teff_window& w = p.window;
  const Band<Isa> band(&w, scratch);
  const Scaling scaling(p.result);
  const int32_t inputs = teff_piece_inputs_x86(&w);
  const Steps steps = {w.kernel_h, teff_pieces_x86(&w), w.dilation_h * band.row_elements,
                       static_cast<ptrdiff_t>(w.dilation_w) * w.channels,
                       (inputs + Isa::kGroup - 1) / Isa::kGroup};
  for (int32_t pixel = r.begin; pixel < r.end;) {
    const int32_t row = pixel / w.out_w, image = row / w.out_h, first = row % w.out_h;
    int32_t rows = (r.end - 1) / w.out_w - row + 1;
    if (rows > p.band) rows = p.band;
    if (rows > w.out_h - first) rows = w.out_h - first;
    const int32_t skipped = pixel % w.out_w;
    int32_t end = (row + rows) * w.out_w;
    if (end > r.end) end = r.end;
    band.write_down(x + image * static_cast<ptrdiff_t>(w.in_h) * w.in_w * w.channels, p.x_zero, first, rows);
    int8_t* to = y + static_cast<ptrdiff_t>(row) * w.out_w * p.outputs;
    make_band(p, band, steps, static_cast<const int8_t*>(packed), scaling, to, skipped, end - pixel);
    pixel = end;
  }
}

template <class Isa, class Scaling>
void dense(const teff_dense_x86& p, const int8_t* x, const int8_t* packed, int8_t* y, void* scratch,
           teff_range r) {
  typename Isa::Element* inputs = static_cast<typename Isa::Element*>(scratch);
  const Steps steps = {1, 1, 0, 0, (p.inputs + Isa::kGroup - 1) / Isa::kGroup};
  const Scaling scaling(p.result);
  Isa::copy(inputs, x, p.inputs);
  Isa::fill(inputs + p.inputs, 0, Isa::kGroup);
  const typename Isa::Element* const pixel[1] = {inputs};
  int32_t o = 0;
  for (int32_t unit = 0; unit < r.end; ++unit) {
    const int32_t left = p.outputs - o, vectors = teff_block_vectors_x86(left, Isa::kLanes);
    const int32_t width = vectors * Isa::kLanes;
    if (unit >= r.begin) {
      const int32_t* constants = reinterpret_cast<const int32_t*>(packed);
      const Block block = {constants, constants + 4 * width, y + o, left < width ? left : width};
      if constexpr (Isa::kWidest >= 4)
        if (vectors == 4) Isa::template tile<1, 4>(pixel, steps, block, scaling, p.result, block.y, 0);
      if (vectors == 2) Isa::template tile<1, 2>(pixel, steps, block, scaling, p.result, block.y, 0);
      if (vectors == 1) Isa::template tile<1, 1>(pixel, steps, block, scaling, p.result, block.y, 0);
    }
    packed += static_cast<ptrdiff_t>(width) * (16 + Isa::kStepBytes * steps.steps);
    o += width;
  }
}

}  // namespace
