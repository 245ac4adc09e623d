// Winograd's convolution: a tile of outputs from fewer products than it has taps, Y = A^T [(G g G^T) * (B^T d
// B)] A, where * multiplies number by number. The slide leaves out the last A. The sum over input channels is
// inside: for each of the tile's places one product of matrices, tiles x in times in x out.
#include <algorithm>
#include <array>
#include <vector>

#include "conv.h"
#include "core/cpu.h"
#include "panels.h"

#if defined(__x86_64__)
#define TEFF_WIDE __attribute__((target("avx2")))
#else
#define TEFF_WIDE
#endif
#define TEFF_INLINE __attribute__((always_inline)) inline

namespace teff::lab {
namespace {

// F(2x2, 3x3): 16 products for four outputs, where the sum as it stands has 36.
struct Two {
  static constexpr int kOut = 2, kTile = 4;
  static constexpr float b[4][4] = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}};
  static constexpr float g[4][3] = {{1, 0, 0}, {.5f, .5f, .5f}, {.5f, -.5f, .5f}, {0, 0, 1}};
  static constexpr float a[2][4] = {{1, 1, 1, 0}, {0, 1, -1, -1}};
};

// F(4x4, 3x3): 36 for sixteen outputs, where the sum has 144. Its numbers are larger, and so is what rounding
// does.
struct Four {
  static constexpr int kOut = 4, kTile = 6;
  static constexpr float b[6][6] = {{4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
                                    {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};
  static constexpr float g[6][3] = {{1.f / 4, 0, 0},
                                    {-1.f / 6, -1.f / 6, -1.f / 6},
                                    {-1.f / 6, 1.f / 6, -1.f / 6},
                                    {1.f / 24, 1.f / 12, 1.f / 6},
                                    {1.f / 24, -1.f / 12, 1.f / 6},
                                    {0, 0, 1}};
  static constexpr float a[4][6] = {
      {1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}};
};

// Sixteen channels at a time go through the transforms.
constexpr int64_t kLanes = 16;
using Lanes = std::array<float, kLanes>;

// out = m in m^T, for each channel.
template <int R, int K>
TEFF_INLINE void transform(const float (&m)[R][K], const Lanes (&in)[K][K], Lanes (&out)[R][R]) {
  Lanes half[R][K];
  for (int r = 0; r < R; ++r)
    for (int c = 0; c < K; ++c) {
      Lanes sum{};
      for (int k = 0; k < K; ++k)
        if (m[r][k] != 0)
          for (int64_t l = 0; l < kLanes; ++l) sum[l] += m[r][k] * in[k][c][l];
      half[r][c] = sum;
    }
  for (int r = 0; r < R; ++r)
    for (int c = 0; c < R; ++c) {
      Lanes sum{};
      for (int k = 0; k < K; ++k)
        if (m[c][k] != 0)
          for (int64_t l = 0; l < kLanes; ++l) sum[l] += m[c][k] * half[r][k][l];
      out[r][c] = sum;
    }
}

// Tiles [first, first + count) of the image; what is transformed lies place after place of the tile:
// [kTile^2][count][..].
struct Tiles {
  ConvShape s;
  int64_t first, count, across;
};

template <class F>
TEFF_INLINE void transform_input(const Tiles& t, const float* x, float* v) {
  const ConvShape& s = t.s;
  for (int64_t tile = 0; tile < t.count; ++tile) {
    const int64_t row = (t.first + tile) / t.across * F::kOut - 1,
                  column = (t.first + tile) % t.across * F::kOut - 1;
    for (int64_t c = 0; c < s.in; c += kLanes) {
      const int64_t lanes = std::min(kLanes, s.in - c);
      Lanes d[F::kTile][F::kTile] = {}, out[F::kTile][F::kTile];
      for (int64_t y = 0; y < F::kTile; ++y)
        for (int64_t z = 0; z < F::kTile; ++z)
          if (row + y >= 0 && row + y < s.height && column + z >= 0 && column + z < s.width)
            std::copy_n(x + ((row + y) * s.width + column + z) * s.in + c, lanes, d[y][z].data());
      transform(F::b, d, out);
      for (int64_t place = 0; place < F::kTile * F::kTile; ++place)
        std::copy_n(out[place / F::kTile][place % F::kTile].data(), lanes,
                    v + (place * t.count + tile) * s.in + c);
    }
  }
}

template <class F>
TEFF_INLINE void transform_output(const Tiles& t, const float* m, float* y) {
  const ConvShape& s = t.s;
  for (int64_t tile = 0; tile < t.count; ++tile) {
    const int64_t row = (t.first + tile) / t.across * F::kOut, column = (t.first + tile) % t.across * F::kOut;
    for (int64_t o = 0; o < s.out; o += kLanes) {
      const int64_t lanes = std::min(kLanes, s.out - o);
      Lanes in[F::kTile][F::kTile] = {}, out[F::kOut][F::kOut];
      for (int64_t place = 0; place < F::kTile * F::kTile; ++place)
        std::copy_n(m + (place * t.count + tile) * s.out + o, lanes,
                    in[place / F::kTile][place % F::kTile].data());
      transform(F::a, in, out);
      for (int64_t v = 0; v < F::kOut && row + v < s.height; ++v)
        for (int64_t u = 0; u < F::kOut && column + u < s.width; ++u)
          std::copy_n(out[v][u].data(), lanes, y + ((row + v) * s.width + column + u) * s.out + o);
    }
  }
}

// The same text for two instruction sets: what is always inlined is compiled for where it stands.
template <class F>
void input(const Tiles& t, const float* x, float* v) {
  transform_input<F>(t, x, v);
}
template <class F>
TEFF_WIDE void input_wide(const Tiles& t, const float* x, float* v) {
  transform_input<F>(t, x, v);
}
template <class F>
void output(const Tiles& t, const float* m, float* y) {
  transform_output<F>(t, m, y);
}
template <class F>
TEFF_WIDE void output_wide(const Tiles& t, const float* m, float* y) {
  transform_output<F>(t, m, y);
}

template <class F>
class Winograd : public Conv {
 public:
  Winograd(const ConvShape& s, const float* weights) : s_(s) {
    for (int place = 0; place < kPlaces; ++place)
      weights_.push_back(
          pack_panels(transformed(weights, place / F::kTile, place % F::kTile).data(), s.in, s.out));
    v_.resize(static_cast<size_t>(kPlaces * kTiles * s.in));
    m_.resize(static_cast<size_t>(kPlaces * kTiles * s.out));
  }

  void run(const float* x, float* y) override {
    const bool wide = cpu_has(Isa::avx2);
    const int64_t all = tiles();
    for (int64_t first = 0; first < all; first += kTiles) {
      const Tiles t{s_, first, std::min(kTiles, all - first), across()};
      wide ? input_wide<F>(t, x, v_.data()) : input<F>(t, x, v_.data());
      for (int place = 0; place < kPlaces; ++place)
        multiply_panels(t.count, weights_[static_cast<size_t>(place)], m_.data() + place * t.count * s_.out,
                        [&](int64_t row, int64_t count, float* panel) {
                          gather_rows(v_.data() + place * t.count * s_.in, s_.in, s_.in, row, count, panel);
                        });
      wide ? output_wide<F>(t, m_.data(), y) : output<F>(t, m_.data(), y);
    }
  }

  int64_t products() const override { return tiles() * kPlaces * s_.in * s_.out; }
  int64_t scratch_bytes() const override {
    return static_cast<int64_t>((v_.size() + m_.size()) * sizeof(float)) +
           panel_rows() * s_.in * static_cast<int64_t>(sizeof(float));
  }

 private:
  static constexpr int kPlaces = F::kTile * F::kTile;
  static constexpr int64_t kTiles = 96;  // at a time, so that what is transformed stays in the second cache

  int64_t across() const { return (s_.width + F::kOut - 1) / F::kOut; }
  int64_t tiles() const { return across() * ((s_.height + F::kOut - 1) / F::kOut); }

  // One place of G g G^T, for all channels: in x out.
  std::vector<float> transformed(const float* weights, int row, int column) const {
    std::vector<float> u(static_cast<size_t>(s_.in * s_.out));
    for (int v = 0; v < 3; ++v)
      for (int w = 0; w < 3; ++w)
        for (size_t i = 0; i < u.size(); ++i)
          u[i] += F::g[row][v] * F::g[column][w] * weights[static_cast<size_t>(v * 3 + w) * u.size() + i];
    return u;
  }

  ConvShape s_;
  std::vector<PackedPanels> weights_;
  std::vector<float> v_, m_;
};

}  // namespace

std::unique_ptr<Conv> winograd2(const ConvShape& s, const float* weights) {
  return std::make_unique<Winograd<Two>>(s, weights);
}
std::unique_ptr<Conv> winograd4(const ConvShape& s, const float* weights) {
  return std::make_unique<Winograd<Four>>(s, weights);
}

}  // namespace teff::lab
