#include "inputs.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/error.h"
#include "core/file.h"
#include "core/float16.h"
#include "formats/image.h"
#include "formats/npy.h"
#include "formats/wav.h"
#include "plan/values.h"

namespace teff::cli {
namespace {

int64_t elements_of(const TensorInfo& tensor) {
  int64_t n = 1;
  for (int64_t extent : tensor.shape) n *= extent;
  return n;
}

std::string shape_text(const TensorInfo& tensor) {
  return to_string(Shape::checked(std::span(tensor.shape)));
}

bool ends_with(const std::string& path, std::string_view suffix) {
  if (path.size() < suffix.size()) return false;
  return std::equal(suffix.begin(), suffix.end(), path.end() - static_cast<std::ptrdiff_t>(suffix.size()),
                    [](char a, char b) { return a == std::tolower(b); });
}

struct StoredRange {
  double lo, hi;
};

StoredRange stored_range(Type type) {
  switch (type) {
    case Type::s8: return {-128, 127};
    case Type::u8: return {0, 255};
    case Type::s16: return {-32768, 32767};
    case Type::s32: return {-2147483648.0, 2147483647.0};
    case Type::s64: return {-9007199254740992.0, 9007199254740992.0};
    case Type::boolean: return {0, 1};
    default: fail("an input of type {} cannot be made from numbers", name_of(type));
  }
}

template <class T>
Bytes bytes_of(std::span<const float> values, const TensorInfo& tensor) {
  const StoredRange range = stored_range(tensor.type);
  const double scale = tensor.scales.size() == 1 ? tensor.scales[0] : 1;
  const double zero = tensor.zero_points.size() == 1 ? static_cast<double>(tensor.zero_points[0]) : 0;
  std::vector<T> stored;
  stored.reserve(values.size());
  for (float value : values)
    stored.push_back(static_cast<T>(std::clamp(std::round(value / scale) + zero, range.lo, range.hi)));
  return Bytes::of(stored);
}

// --- pictures ---

// The range of reals that a quantized input covers tells what pixels were when the network was trained.
PixelRange natural_range(const TensorInfo& tensor) {
  if (tensor.scales.size() != 1 || tensor.zero_points.size() != 1 || is_float(tensor.type)) return {0, 1};
  const StoredRange stored = stored_range(tensor.type);
  const double zero = static_cast<double>(tensor.zero_points[0]);
  const double lo = tensor.scales[0] * (stored.lo - zero), hi = tensor.scales[0] * (stored.hi - zero);
  constexpr PixelRange kUsual[] = {{0, 1}, {-1, 1}, {0, 255}, {-128, 127}};
  const auto distance = [&](const PixelRange& r) {
    return (std::abs(r.lo - lo) + std::abs(r.hi - hi)) / (hi - lo);
  };
  return *std::min_element(std::begin(kUsual), std::end(kUsual),
                           [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
}

struct PictureShape {
  int64_t height, width;
  int channels;
};

PictureShape picture_shape(const TensorInfo& tensor) {
  std::span<const int64_t> s = tensor.shape;
  if (s.size() == 4 && s[0] == 1) s = s.subspan(1);
  const int64_t channels = s.size() == 3 ? s[2] : 1;
  check((s.size() == 2 || s.size() == 3) && (channels == 1 || channels == 3) && s[0] > 0 && s[1] > 0,
        "a picture does not fit an input of shape {}", shape_text(tensor));
  return {s[0], s[1], static_cast<int>(channels)};
}

// --- arrays and sound ---

Bytes array_input(const Array& array, const TensorInfo& tensor) {
  const int64_t wanted = elements_of(tensor), given = array.shape.elements();
  check(given == wanted, "{} elements (shape {}) do not fit an input of shape {}", given,
        to_string(array.shape), shape_text(tensor));
  if (array.type == tensor.type) return array.data;
  std::vector<float> values;
  if (array.type == Type::f32)
    values.assign(array.as<float>().begin(), array.as<float>().end());
  else if (array.type == Type::f64)
    values.assign(array.as<double>().begin(), array.as<double>().end());
  else if (is_float(tensor.type))
    values = as_floats(array.data.span(), {.type = array.type});
  else
    fail("elements of type {} where the input takes {}", name_of(array.type), name_of(tensor.type));
  return elements_from(values, tensor);
}

// A recording of another length is cut, or followed by silence.
Bytes sound_input(const Sound& sound, const TensorInfo& tensor) {
  const Array mono = mix_down(sound.samples);
  const auto samples = mono.as<float>();
  std::vector<float> values(samples.begin(), samples.end());
  values.resize(static_cast<size_t>(elements_of(tensor)));
  // Networks that take 16-bit samples as they are say so by their type.
  if (tensor.type == Type::s16 && tensor.scales.empty())
    for (float& value : values) value *= 32768;
  return elements_from(values, tensor);
}

std::vector<Bytes> raw_inputs(const Bytes& file, const TensorInfo& tensor) {
  const auto size = static_cast<size_t>(tensor.bytes);
  check(size > 0 && file.size() > 0 && file.size() % size == 0,
        "{} bytes are not a multiple of the input's {} ({} of {})", file.size(), size, shape_text(tensor),
        name_of(tensor.type));
  std::vector<Bytes> calls;
  for (size_t at = 0; at < file.size(); at += size) calls.push_back(Bytes::of(file.span().subspan(at, size)));
  return calls;
}

}  // namespace

Bytes elements_from(std::span<const float> values, const TensorInfo& tensor) {
  switch (tensor.type) {
    case Type::f32: return Bytes::of(values);
    case Type::f16: {
      std::vector<uint16_t> halves;
      for (float value : values) halves.push_back(half_from_float(value));
      return Bytes::of(halves);
    }
    case Type::s8: return bytes_of<int8_t>(values, tensor);
    case Type::u8:
    case Type::boolean: return bytes_of<uint8_t>(values, tensor);
    case Type::s16: return bytes_of<int16_t>(values, tensor);
    case Type::s32: return bytes_of<int32_t>(values, tensor);
    case Type::s64: return bytes_of<int64_t>(values, tensor);
    default: fail("an input of type {} cannot be made from numbers", name_of(tensor.type));
  }
}

Bytes picture_input(const Array& picture, const TensorInfo& tensor, std::optional<PixelRange> range) {
  const PictureShape shape = picture_shape(tensor);
  Array fitted = to_channels(picture, shape.channels);
  if (fitted.shape[0] != shape.height || fitted.shape[1] != shape.width)
    fitted = resize_image(fitted, shape.height, shape.width);
  const PixelRange r = range.value_or(natural_range(tensor));
  std::vector<float> values;
  values.reserve(fitted.data.size());
  for (uint8_t pixel : fitted.as<uint8_t>())
    values.push_back(r.lo + (r.hi - r.lo) * static_cast<float>(pixel) / 255);
  return elements_from(values, tensor);
}

std::vector<Bytes> read_input(const std::string& path, const TensorInfo& tensor,
                              std::optional<PixelRange> range) {
  const Bytes file = map_file(path);
  return with_place(path, [&]() -> std::vector<Bytes> {
    if (ends_with(path, ".npy")) return {array_input(read_npy(file), tensor)};
    if (ends_with(path, ".png") || ends_with(path, ".jpg") || ends_with(path, ".jpeg"))
      return {picture_input(read_image(file), tensor, range)};
    if (ends_with(path, ".wav")) return {sound_input(read_wav(file), tensor)};
    if (ends_with(path, ".bin")) return raw_inputs(file, tensor);
    fail("what kind of file is this? inputs are .npy, .png, .jpg, .wav or .bin");
  });
}

Bytes random_input(const TensorInfo& tensor, uint32_t seed) {
  const auto elements = static_cast<size_t>(elements_of(tensor));
  uint32_t state = seed;
  const auto next = [&] { return (state = state * 1664525 + 1013904223) >> 24; };
  if (is_float(tensor.type)) {
    std::vector<float> values(elements);
    for (float& value : values) value = static_cast<float>(next()) / 128 - 1;
    return elements_from(values, tensor);
  }
  std::vector<std::byte> bytes(static_cast<size_t>(tensor.bytes));
  const bool index = tensor.type == Type::s32 || tensor.type == Type::s64 || tensor.type == Type::boolean;
  const size_t width = elements > 0 ? std::max<size_t>(bytes.size() / elements, 1) : 1;
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = index ? (i % width == 0 ? std::byte(next() & 1) : std::byte{0}) : std::byte(next());
  return Bytes::own(std::move(bytes));
}

std::vector<float> as_floats(std::span<const std::byte> bytes, const TensorInfo& tensor) {
  Tensor t;
  t.type = tensor.type;
  t.shape = {bits_of(tensor.type) > 0 ? static_cast<int64_t>(bytes.size()) * 8 / bits_of(tensor.type) : 0};
  if (tensor.scales.size() == 1) t.quant = {tensor.scales, tensor.zero_points};
  return floats_of(t, bytes);
}

}  // namespace teff::cli
