#include "plan/pack_mve.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/c/conv_rows_mve.h"
#include "kernels/c/dense_mve.h"
#include "kernels/c/depthwise_rows_mve.h"
#include "plan/step_params.h"

namespace teff {
namespace {

size_t rounded_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

// Four channels side by side, for vectors of four; zeros where there is no channel.
std::vector<std::byte> channels_by_four(std::span<const teff_channel> channels) {
  std::vector<teff_channels_mve> fours(rounded_up(channels.size(), 4) / 4);
  for (size_t i = 0; i < channels.size(); ++i) {
    fours[i / 4].bias[i % 4] = channels[i].bias;
    fours[i / 4].multiplier[i % 4] = channels[i].multiplier;
    fours[i / 4].offset[i % 4] = channels[i].offset;
  }
  const auto bytes = std::as_bytes(std::span(fours));
  return {bytes.begin(), bytes.end()};
}

constexpr size_t kWord = 16;  // bytes of a vector: what may be loaded behind the last weight

// Where channel c lies among its four.
size_t place(size_t c) {
  constexpr size_t kPlace[4] = {0, 2, 1, 3};
  return c / 4 * 4 + kPlace[c % 4];
}

// Rows of `products` weights become pairs of rows: 16 of one and 16 of the other, and so on to the end.
void lay_in_pairs(std::span<std::byte> weights, size_t products) {
  std::vector<std::byte> pair(2 * products);
  for (auto rest = weights; !rest.empty(); rest = rest.subspan(pair.size())) {
    for (size_t k = 0; k < products; k += kWord) {
      const size_t some = std::min(kWord, products - k);
      std::copy_n(rest.begin() + static_cast<std::ptrdiff_t>(k), some,
                  pair.begin() + static_cast<std::ptrdiff_t>(2 * k));
      std::copy_n(rest.begin() + static_cast<std::ptrdiff_t>(products + k), some,
                  pair.begin() + static_cast<std::ptrdiff_t>(2 * k + some));
    }
    std::copy(pair.begin(), pair.end(), rest.begin());
  }
}

// Constants, and so many rows of weights `pitch` bytes apart; those that make no four are in their own order.
std::vector<std::byte> packed_rows(const ConvConstants& c, size_t rows, size_t pitch) {
  auto packed = channels_by_four(c.channels);
  const teff_window& w = c.window;
  const auto height = static_cast<size_t>(w.kernel_h), width = static_cast<size_t>(w.kernel_w);
  const auto channels = static_cast<size_t>(w.channels), dilation = static_cast<size_t>(w.dilation_w);
  const size_t at = packed.size(), outputs = c.channels.size();
  packed.resize(at + rows * pitch);
  for (size_t o = 0; o < outputs; ++o) {
    const size_t row = at + (o / 4 * 4 + 4 <= rows ? place(o) : o) * pitch;
    for (size_t i = 0; i < height; ++i)
      for (size_t j = 0; j < width; ++j)
        std::memcpy(packed.data() + row + (j * dilation * height + i) * channels,
                    c.weights.data() + ((o * height + i) * width + j) * channels, channels);
  }
  return packed;
}

size_t products_of(const teff_window& w) { return static_cast<size_t>(teff_products_mve(&w)); }

}  // namespace

Bytes pack_conv_rows_mve(const ConvConstants& c) {
  const size_t products = products_of(c.window), outputs = c.channels.size();
  const auto pitch = static_cast<size_t>(teff_row_pitch_mve(static_cast<int32_t>(products)));
  auto packed = packed_rows(c, rounded_up(outputs, 4), pitch);
  if (teff_is_quad_mve(&c.window, static_cast<int32_t>(outputs))) {
    const size_t weights = rounded_up(outputs, 4) * pitch;
    lay_in_pairs(std::span(packed).last(weights), products);
  }
  return Bytes::of(packed);
}

Bytes pack_conv_rows_small_mve(const ConvConstants& c) {
  return Bytes::of(packed_rows(c, c.channels.size(), products_of(c.window)));
}

Bytes pack_depthwise_rows_mve(const ConvConstants& c) {
  auto packed = channels_by_four(c.channels);
  const auto height = static_cast<size_t>(c.window.kernel_h), width = static_cast<size_t>(c.window.kernel_w);
  const auto dilation = static_cast<size_t>(c.window.dilation_w);
  const size_t at = packed.size(), channels = c.channels.size();
  const size_t taps = ((width - 1) * dilation + 1) * height;
  packed.resize(at + rounded_up(channels, 4) * taps);
  for (size_t i = 0; i < height; ++i)
    for (size_t j = 0; j < width; ++j)
      for (size_t k = 0; k < channels; ++k)
        packed[at + place(k) * taps + j * dilation * height + i] =
            static_cast<std::byte>(c.weights[(i * width + j) * channels + k]);
  return Bytes::of(packed);
}

Bytes pack_dense_mve(const ConvConstants& c) {
  auto packed = channels_by_four(c.channels);
  const size_t outputs = c.channels.size(), inputs = c.weights.size() / outputs;
  const auto first = static_cast<size_t>(teff_first_inputs_mve(static_cast<int32_t>(inputs)));
  for (size_t four = 0; four < outputs; four += 4)
    for (size_t i = 0, columns = first; i < inputs; i += columns, columns = kWord)
      for (size_t row = four; row < four + 4; ++row)
        for (size_t k = i; k < i + columns; ++k)
          packed.push_back(row < outputs ? static_cast<std::byte>(c.weights[row * inputs + k]) : std::byte{});
  packed.resize(packed.size() + kWord);
  return Bytes::of(packed);
}

HeliumLoops& HeliumLoops::operator|=(const HeliumLoops& more) {
  quads |= more.quads, blocks |= more.blocks;
  singles |= more.singles, planes |= more.planes, lanes |= more.lanes;
  return *this;
}

namespace {

HeliumLoops loops_of(const teff_conv_rows& p) {
  if (p.small) return {};
  const int32_t products = teff_products_mve(&p.window), scaling = p.result.scaling;
  if (teff_is_quad_mve(&p.window, p.outputs))
    return {.quads = teff_quad_bit_mve(teff_quad_kind_mve(products), scaling)};
  HeliumLoops loops;
  for (const bool single : {false, true})
    if (!single || p.window.out_w == 1)
      loops.blocks |= teff_block_bit_mve(teff_block_kind_mve(products, single), scaling);
  return loops;
}

HeliumLoops loops_of(const teff_depthwise_rows& p) {
  if (p.small) return {};
  const int32_t scaling = p.result.scaling;
  HeliumLoops loops{.planes = teff_planes_bit_mve(teff_planes_kind_mve(&p), scaling)};
  if (teff_is_single_mve(&p)) loops.singles = 1 << scaling;
  // Up to four rows together, all bands about as high: see teff_lanes_image_rows_mve.
  const int kind = teff_lanes_kind_mve(&p), tall = kind == TEFF_LANES_TALL, rows = p.window.out_h;
  if (kind != TEFF_LANES_NONE && !(tall && rows % 4 >= 2 && rows <= 6))
    loops.lanes |= teff_lanes_bit_mve(kind, 0, scaling);
  if (tall && rows % 4 >= 2) loops.lanes |= teff_lanes_bit_mve(kind, 1, scaling);
  return loops;
}

}  // namespace

HeliumLoops helium_loops(const Step& step) {
  if (step.kind != Step::Kind::kernel) return {};
  if (step.kernel == KernelId::conv_rows_mve) return loops_of(params_of<teff_conv_rows>(step));
  if (step.kernel == KernelId::depthwise_rows_mve) return loops_of(params_of<teff_depthwise_rows>(step));
  return {};
}

}  // namespace teff
