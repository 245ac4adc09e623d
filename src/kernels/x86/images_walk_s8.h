// Sums, products, pools and means of int8, whatever the instructions. For sources that have included a
// target.h, a words_s8_*.h and scale_s8.h.
//
// `Isa` says how: kLanes, load_bytes of the first n numbers as sums, times, store<vectors>, PixelSums
// (kWidth neighbouring bytes of pixels added up, in kVectors vectors of sums), and averages of sums.
#pragma once

namespace {

template <class Isa>
void add(const teff_add_x86& p, const int8_t* a, const int8_t* b, int8_t* y, teff_range r) {
  const Sums a_factor = all(p.a_factor), b_factor = all(p.b_factor), offset = all(p.offset);
  const __m128i right = _mm_cvtsi32_si128(p.right);
  const teff_result range = {0, 0, 0, p.lo, p.hi};
  for (int32_t i = r.begin; i < r.end; i += Isa::kLanes) {
    const int32_t n = r.end - i < Isa::kLanes ? r.end - i : Isa::kLanes;
    const Sums sum = plus(Isa::times(Isa::load_bytes(a + i, n), a_factor),
                          Isa::times(Isa::load_bytes(b + i, n), b_factor));
    const Sums v[1] = {shifted_right(plus(sum, offset), right)};
    Isa::template store<1>(y + i, v, range, n);
  }
}

template <class Isa, class Scaling>
void multiply(const teff_mul_x86& p, const int8_t* x, const int8_t* m, int8_t* y, teff_range r) {
  const Sums x_zero = all(p.x_zero), m_zero = all(p.m_zero), start = all(p.scale.start);
  const Scaling scaling(p.result);
  const Scale scale = scale_of(p.scale);
  for (int32_t c = 0; c < p.channels; c += Isa::kLanes) {
    const int32_t n = p.channels - c < Isa::kLanes ? p.channels - c : Isa::kLanes;
    const Sums factor = minus(Isa::load_bytes(m + c, n), m_zero);
    for (int32_t i = r.begin; i < r.end; ++i) {
      const ptrdiff_t at = static_cast<ptrdiff_t>(i) * p.channels + c;
      const Sums product = Isa::times(minus(Isa::load_bytes(x + at, n), x_zero), factor);
      const Sums v[1] = {scaling(plus(product, start), scale)};
      Isa::template store<1>(y + at, v, p.result, n);
    }
  }
}

template <class Isa, class Scaling>
void means(const teff_mean_x86& p, const int8_t* x, int8_t* y, teff_range r) {
  using PixelSums = typename Isa::PixelSums;
  const Scaling scaling(p.result);
  const Scale scale = scale_of(p.scale);
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    const int8_t* from = x + static_cast<ptrdiff_t>(unit) * p.count * p.inner;
    int8_t* to = y + static_cast<ptrdiff_t>(unit) * p.inner;
    for (int32_t c = 0; c < p.inner; c += PixelSums::kWidth) {
      const int32_t n = p.inner - c < PixelSums::kWidth ? p.inner - c : PixelSums::kWidth;
      PixelSums sums(all(p.scale.start), n);
      sums.add(from + c, p.inner, p.count);
      Sums v[PixelSums::kVectors];
      for (int i = 0; i < PixelSums::kVectors; ++i) v[i] = scaling(sums.sums[i], scale);
      Isa::template store<PixelSums::kVectors>(to + c, v, p.result, n);
    }
  }
}

template <class Isa>
void average_pool(const teff_pool_x86& p, const int8_t* x, int8_t* y, teff_range r) {
  using PixelSums = typename Isa::PixelSums;
  const int32_t channels = p.window.channels;
  const teff_result range = {0, 0, 0, p.lo, p.hi};
  for (int32_t pixel = r.begin; pixel < r.end; ++pixel) {
    const teff_view view = teff_view_at(&p.window, pixel);
    const int32_t columns = view.columns.end - view.columns.begin;
    for (int32_t c = 0; c < channels; c += PixelSums::kWidth) {
      const int32_t n = channels - c < PixelSums::kWidth ? channels - c : PixelSums::kWidth;
      PixelSums sums(all(0), n);
      for (int32_t i = view.rows.begin; i < view.rows.end; ++i)
        sums.add(x + teff_tap_offset(&p.window, view, i, view.columns.begin) + c, channels, columns);
      Sums v[PixelSums::kVectors];
      for (int k = 0; k < PixelSums::kVectors; ++k)
        v[k] = Isa::averages(sums.sums[k], (view.rows.end - view.rows.begin) * columns);
      Isa::template store<PixelSums::kVectors>(y + static_cast<ptrdiff_t>(pixel) * channels + c, v, range, n);
    }
  }
}

template <class Isa>
void max_pool(const teff_pool_x86& p, const int8_t* x, int8_t* y, teff_range r) {
  const int32_t channels = p.window.channels, width = Isa::Maxima::kWidth;
  for (int32_t pixel = r.begin; pixel < r.end; ++pixel) {
    const teff_view view = teff_view_at(&p.window, pixel);
    for (int32_t c = 0; c < channels; c += width) {
      typename Isa::Maxima most(channels - c < width ? channels - c : width);
      for (int32_t i = view.rows.begin; i < view.rows.end; ++i)
        for (int32_t j = view.columns.begin; j < view.columns.end; ++j)
          most.add(x + teff_tap_offset(&p.window, view, i, j) + c);
      most.store(y + static_cast<ptrdiff_t>(pixel) * channels + c, p.lo, p.hi);
    }
  }
}

}  // namespace
