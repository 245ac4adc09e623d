#include "plan/pack_mve.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/c/conv_rows_mve.h"
#include "kernels/c/dense_mve.h"
#include "kernels/c/depthwise_single_mve.h"
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

}  // namespace

Bytes pack_conv_rows_mve(const ConvConstants& c) {
  auto packed = channels_by_four(c.channels);
  const teff_window& w = c.window;
  const auto height = static_cast<size_t>(w.kernel_h), width = static_cast<size_t>(w.kernel_w);
  const auto channels = static_cast<size_t>(w.channels), dilation = static_cast<size_t>(w.dilation_w);
  const size_t at = packed.size(), outputs = c.channels.size();
  const size_t products = ((width - 1) * dilation + 1) * height * channels;
  const auto pitch = static_cast<size_t>(teff_row_pitch_mve(static_cast<int32_t>(products)));
  packed.resize(at + rounded_up(outputs, 4) * pitch);
  for (size_t o = 0; o < outputs; ++o)
    for (size_t i = 0; i < height; ++i)
      for (size_t j = 0; j < width; ++j)
        std::memcpy(packed.data() + at + place(o) * pitch + (j * dilation * height + i) * channels,
                    c.weights.data() + ((o * height + i) * width + j) * channels, channels);
  if (teff_is_quad_mve(&w, static_cast<int32_t>(outputs)))
    lay_in_pairs(std::span(packed).subspan(at), products);
  return Bytes::of(packed);
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

int helium_quad(const Step& step) {
  if (step.kind != Step::Kind::kernel || step.kernel != KernelId::conv_rows_mve) return 0;
  const auto& p = params_of<teff_conv_rows>(step);
  if (!teff_is_quad_mve(&p.window, p.outputs)) return 0;
  return teff_quad_bit_mve(teff_quad_kind_mve(teff_products_mve(&p.window)), p.result.scaling);
}

int helium_single(const Step& step) {
  if (step.kind != Step::Kind::kernel || step.kernel != KernelId::depthwise_rows_mve) return 0;
  const auto& p = params_of<teff_depthwise_rows>(step);
  return teff_is_single_mve(&p) ? 1 << p.result.scaling : 0;
}

}  // namespace teff
