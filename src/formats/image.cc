#include "formats/image.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <string_view>

#include "core/error.h"

namespace teff {
namespace {

constexpr int kWeightBits = 22;  // a weight and a sample together stay below 2^31

bool starts_with(const Bytes& file, std::string_view magic) {
  return file.size() >= magic.size() && std::memcmp(file.data(), magic.data(), magic.size()) == 0;
}

// The source samples that one output sample is made of, and their weights, which add up to 2^kWeightBits.
struct Tap {
  int64_t first;
  std::vector<int32_t> weights;
};

// A triangle around the output sample's centre, one source step wide to either side, or one output step where
// that is larger.
Tap tap_at(int64_t out_index, int64_t in, int64_t out) {
  const double step = static_cast<double>(in) / out, reach = std::max(step, 1.0);
  const double centre = (out_index + 0.5) * step;
  const int64_t first = std::max<int64_t>(0, static_cast<int64_t>(centre - reach + 0.5));
  const int64_t last = std::min<int64_t>(in, static_cast<int64_t>(centre + reach + 0.5));
  std::vector<double> heights;
  double sum = 0;
  for (int64_t i = first; i < last; ++i) {
    heights.push_back(std::max(0.0, 1.0 - std::abs((i - centre + 0.5) * (1.0 / reach))));
    sum += heights.back();
  }
  Tap tap{first, {}};
  for (double height : heights)
    tap.weights.push_back(static_cast<int32_t>(height / sum * (1 << kWeightBits) + 0.5));
  return tap;
}

// Resizes the middle of three dimensions.
std::vector<uint8_t> resize_axis(const uint8_t* from, int64_t outer, int64_t in, int64_t out, int64_t inner) {
  std::vector<uint8_t> to(outer * out * inner);
  for (int64_t o = 0; o < out; ++o) {
    const Tap tap = tap_at(o, in, out);
    for (int64_t a = 0; a < outer; ++a) {
      const uint8_t* source = from + (a * in + tap.first) * inner;
      for (int64_t b = 0; b < inner; ++b) {
        int32_t sum = 1 << (kWeightBits - 1);
        for (size_t i = 0; i < tap.weights.size(); ++i) sum += source[i * inner + b] * tap.weights[i];
        to[(a * out + o) * inner + b] = static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
      }
    }
  }
  return to;
}

uint8_t luma(const uint8_t* rgb) {
  return static_cast<uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
}

[[maybe_unused]] bool is_picture(const Array& array) {
  return array.type == Type::u8 && array.shape.rank() == 3 && (array.shape[2] == 1 || array.shape[2] == 3);
}

}  // namespace

Array read_image(const Bytes& file, int64_t max_pixels) {
  if (starts_with(file, "\x89PNG\r\n\x1a\n")) return read_png(file, max_pixels);
  if (starts_with(file, "\xff\xd8\xff")) return read_jpeg(file, max_pixels);
  fail("neither a PNG nor a JPEG file");
}

Array resize_image(const Array& picture, int64_t height, int64_t width) {
  assert(is_picture(picture));
  check(height > 0 && width > 0 && height <= kMaxPixels / width,
        "a picture cannot be resized to {}x{} pixels", height, width);
  const Shape& shape = picture.shape;
  check(shape.elements() > 0, "a picture of {} has nothing to resize", to_string(shape));
  check(shape[0] <= kMaxPixels / width, "a picture of {} is too large to be made {} wide", to_string(shape),
        width);
  const std::vector<uint8_t> wide =
      resize_axis(picture.as<uint8_t>().data(), shape[0], shape[1], width, shape[2]);
  const std::vector<uint8_t> done = resize_axis(wide.data(), 1, shape[0], height, width * shape[2]);
  return {Type::u8, {height, width, shape[2]}, Bytes::of(done)};
}

Array to_channels(const Array& picture, int channels) {
  assert(is_picture(picture) && (channels == 1 || channels == 3));
  if (picture.shape[2] == channels) return picture;
  const auto from = picture.as<uint8_t>();
  Shape shape = picture.shape;
  shape[2] = channels;
  std::vector<uint8_t> to(shape.elements());
  for (size_t i = 0; i < to.size(); ++i) to[i] = channels == 3 ? from[i / 3] : luma(&from[i * 3]);
  return {Type::u8, shape, Bytes::of(to)};
}

}  // namespace teff
