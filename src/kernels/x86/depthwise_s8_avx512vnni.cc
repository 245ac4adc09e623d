// Depthwise convolutions with VPDPBUSD on 512 bits.
//
// One instruction multiplies four neighbouring bytes of each lane, so four taps of a channel have to become
// neighbours: four vectors of 64 bytes, one for each tap, are interleaved into four vectors of 16 lanes.
// Channels and pixels lie side by side in memory, and which is which does not matter: 64 bytes of a row of
// results may be 64 channels of one pixel or 8 channels of 8 pixels, and the same number of bytes further
// lies what the next tap sees. Strides of 2 and more would tear that apart; columns are therefore sorted by
// their remainder as the rows are written down. Inputs have 128 added, as in s8_avx512vnni.cc.
#if defined(__x86_64__)

#include "kernels/x86/s8.h"

#include "kernels/x86/target_avx512vnni.h"

#include "kernels/x86/bytes_avx512.h"
#include "kernels/x86/interleave_avx512.h"
#include "kernels/x86/scale_avx512.h"

namespace {

constexpr int kBytes = 64;
using Taps = ptrdiff_t[TEFF_DEPTHWISE_TAPS_X86 + 4];

// Columns with the same remainder lie side by side: [rows][stride_w][columns][channels].
struct SortedRows {
  const teff_window& w;
  uint8_t* bytes;
  ptrdiff_t columns, row;

  SortedRows(const teff_window& window, void* scratch)
      : w(window),
        bytes(static_cast<uint8_t*>(scratch)),
        columns(teff_sorted_columns_x86(&window)),
        row(columns * window.stride_w * window.channels) {}

  // Where tap (i, j) of the first pixel lies.
  ptrdiff_t tap(int32_t i, int32_t j) const {
    const ptrdiff_t column = static_cast<ptrdiff_t>(j) * w.dilation_w;
    return i * w.dilation_h * row + (column % w.stride_w * columns + column / w.stride_w) * w.channels;
  }

  void write_row(uint8_t* to, const int8_t* from, int32_t zero) const {
    const ptrdiff_t channels = w.channels;
    for (int32_t remainder = 0; remainder < w.stride_w; ++remainder, to += columns * channels) {
      // Of columns remainder - pad_left + k * stride_w those that lie inside.
      const ptrdiff_t origin = remainder - w.pad_left, stride = w.stride_w;
      ptrdiff_t begin = origin < 0 ? (-origin + stride - 1) / stride : 0;
      ptrdiff_t end = origin < w.in_w ? (w.in_w - origin + stride - 1) / stride : 0;
      if (begin > columns) begin = columns;
      if (end > columns) end = columns;
      if (begin > 0) fill_raised(to, zero, begin * channels);
      if (stride == 1 && begin < end)
        copy_raised(to + begin * channels, from + (origin + begin) * channels, (end - begin) * channels);
      else
        copy_raised_apart(to + begin * channels, from + (origin + begin * stride) * channels, channels,
                          stride * channels, end - begin);
      if (begin > end) end = begin;
      if (end < columns) fill_raised(to + end * channels, zero, (columns - end) * channels);
    }
  }

  void write_down(const int8_t* image, int32_t zero, int32_t first, int32_t rows) const {
    const ptrdiff_t seen = teff_rows_seen_x86(&w, rows);
    const ptrdiff_t top = static_cast<ptrdiff_t>(first) * w.stride_h - w.pad_top;
    for (ptrdiff_t i = 0; i < seen; ++i) {
      const ptrdiff_t y = top + i;
      if (y < 0 || y >= w.in_h)
        fill_raised(bytes + i * row, zero, row);
      else
        write_row(bytes + i * row, image + y * w.in_w * w.channels, zero);
    }
    fill_raised(bytes + seen * row, zero, kBytes);
  }
};

__attribute__((always_inline)) inline void add_four_taps(const uint8_t* x, const ptrdiff_t* taps,
                                                         const __m512i* weights, FourVectors& sums) {
  const FourVectors inputs = interleaved(_mm512_loadu_si512(x + taps[0]), _mm512_loadu_si512(x + taps[1]),
                                         _mm512_loadu_si512(x + taps[2]), _mm512_loadu_si512(x + taps[3]));
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v) add_products(sums.v[v], inputs.v[v], weights[v]);
}

// A tap on its own: each byte is moved to a lane, its neighbours become zero.
__attribute__((always_inline)) inline void add_one_tap(const uint8_t* x, ptrdiff_t tap,
                                                       const __m512i* weights, FourVectors& sums) {
  const __m512i a = _mm512_loadu_si512(x + tap);
  const __m512i first = _mm512_set4_epi32(static_cast<int>(0x80808003), static_cast<int>(0x80808002),
                                          static_cast<int>(0x80808001), static_cast<int>(0x80808000));
  const __m512i four = _mm512_set1_epi32(4);
  __m512i move = first;
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v, move = _mm512_add_epi32(move, four))
    add_products(sums.v[v], _mm512_shuffle_epi8(a, move), weights[v]);
}

// One set of constants with its weights; `Count` taps, or as many as `count` says where that is 0.
template <int Count>
struct Weights {
  const __m512i* w;
  int32_t count;
  __attribute__((always_inline)) void add(const uint8_t* x, const ptrdiff_t* taps, FourVectors& sums) const {
    const int32_t n = Count > 0 ? Count : count;
    int32_t t = 0;
#pragma GCC unroll 3
    for (; t + 4 <= n; t += 4) add_four_taps(x, taps + t, w + t, sums);
    if (n % 4 == 1)
      add_one_tap(x, taps[t], w + t, sums);
    else if (n % 4 > 1)
      add_four_taps(x, taps + t, w + t, sums);
  }
};

// The results of 64 bytes, or of fewer that are stored.
template <int Count, class Scaling>
__attribute__((always_inline)) inline void make_bytes(const uint8_t* x, const ptrdiff_t* taps,
                                                      const int32_t* constants, const Weights<Count>& weights,
                                                      const Scaling& scaling, const teff_result& result,
                                                      int8_t* y, ptrdiff_t n) {
  FourVectors sums;
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v) sums.v[v] = _mm512_load_si512(constants + 16 * v);
  weights.add(x, taps, sums);
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v)
    sums.v[v] = scaling(sums.v[v], Scale{_mm512_load_si512(constants + 64 + 16 * v),
                                         _mm512_load_si512(constants + 128 + 16 * v),
                                         _mm512_load_si512(constants + 192 + 16 * v)});
  store_results<4>(y, sums.v, result, static_cast<int32_t>(n < kBytes ? n : kBytes));
}

template <int Count, class Scaling>
void make_rows(const teff_depthwise_x86& p, const SortedRows& from, const ptrdiff_t* taps,
               const int8_t* packed, const Scaling& scaling, int8_t* y, int32_t rows) {
  const teff_window& w = p.window;
  const ptrdiff_t row = static_cast<ptrdiff_t>(w.out_w) * w.channels;
  const int32_t count = w.kernel_h * w.kernel_w;
  for (int32_t set = 0; set < p.sets; ++set, packed += teff_depthwise_set_bytes_x86(count)) {
    const int32_t* constants = reinterpret_cast<const int32_t*>(packed);
    const Weights<Count> weights = {reinterpret_cast<const __m512i*>(constants + 256), count};
    const ptrdiff_t begin = static_cast<ptrdiff_t>(kBytes) * set;
    for (int32_t i = 0; i < rows; ++i) {
      const uint8_t* x = from.bytes + i * w.stride_h * from.row;
      int8_t* to = y + i * row;
      if (p.flat) {
        for (ptrdiff_t at = begin; at < row; at += static_cast<ptrdiff_t>(kBytes) * p.sets)
          make_bytes<Count>(x + at, taps, constants, weights, scaling, p.result, to + at, row - at);
      } else {
        for (ptrdiff_t at = begin; at < row; at += w.channels)
          make_bytes<Count>(x + at, taps, constants, weights, scaling, p.result, to + at, w.channels - begin);
      }
    }
  }
}

template <class Scaling>
void depthwise(const teff_depthwise_x86& p, const int8_t* x, const int8_t* packed, int8_t* y, void* scratch,
               teff_range r) {
  const teff_window& w = p.window;
  const SortedRows from(w, scratch);
  const Scaling scaling(p.result);
  Taps taps;
  int32_t count = 0;
  for (int32_t i = 0; i < w.kernel_h; ++i)
    for (int32_t j = 0; j < w.kernel_w; ++j) taps[count++] = from.tap(i, j);
  for (int32_t k = count; k % 4 != 0; ++k) taps[k] = taps[count - 1];  // their weights are 0
  for (int32_t row = r.begin; row < r.end;) {
    const int32_t image = row / w.out_h, first = row % w.out_h;
    int32_t rows = r.end - row;
    if (rows > p.band) rows = p.band;
    if (rows > w.out_h - first) rows = w.out_h - first;
    from.write_down(x + image * static_cast<ptrdiff_t>(w.in_h) * w.in_w * w.channels, p.x_zero, first, rows);
    int8_t* to = y + static_cast<ptrdiff_t>(row) * w.out_w * w.channels;
    if (count == 9)
      make_rows<9>(p, from, taps, packed, scaling, to, rows);
    else
      make_rows<0>(p, from, taps, packed, scaling, to, rows);
    row += rows;
  }
}

}  // namespace

void teff_depthwise_s8_avx512vnni(teff_depthwise_x86 p, const int8_t* x, const void* packed, int8_t* y,
                                  void* scratch, teff_range r) {
  const int8_t* from = static_cast<const int8_t*>(packed);
  switch (p.result.scaling) {
    case TEFF_SCALE_HIGH: return depthwise<ScaleHigh>(p, x, from, y, scratch, r);
    case TEFF_SCALE_TFLITE: return depthwise<ScaleStepwise>(p, x, from, y, scratch, r);
    default: return depthwise<ScaleSigned>(p, x, from, y, scratch, r);
  }
}

#include "kernels/x86/target_end.h"

#endif
