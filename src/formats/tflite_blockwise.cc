#include "formats/tflite_blockwise.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/float16.h"

namespace teff::tflite {
namespace {

template <class To, class From>
std::vector<To> converted(const Bytes& data) {
  const auto values = data.as<From>();
  return {values.begin(), values.end()};
}

bool holds_scales(Type type) { return type == Type::f32 || type == Type::f16; }
bool holds_zeros(Type type) {
  return type == Type::s8 || type == Type::u8 || type == Type::s16 || type == Type::s32 || type == Type::s64;
}

// Bit by bit: a scale that is not a number equals itself here.
template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

// The shape of the tensor of scales: one for each block along the last dimension.
std::vector<int32_t> shape_of_blocks(const Tensor& tensor) {
  std::vector<int32_t> shape = tensor.shape;
  shape.back() /= tensor.quant.group;
  return shape;
}

template <class T>
int32_t append(std::vector<Tensor>& tensors, size_t index, const char* suffix, const std::vector<T>& values) {
  Tensor tensor;
  tensor.name = tensors[index].name + suffix;
  tensor.type = type_of<T>();
  tensor.shape = shape_of_blocks(tensors[index]);
  tensor.data = Bytes::of(values);
  tensors.push_back(std::move(tensor));
  return static_cast<int32_t>(tensors.size() - 1);
}

}  // namespace

std::vector<float> block_scales(const Tensor& tensor) {
  check(holds_scales(tensor.type), "block-wise scales cannot be {} (float32 and float16 can)",
        name_of(tensor.type));
  if (tensor.type == Type::f32) return converted<float, float>(tensor.data);
  std::vector<float> scales;
  for (uint16_t half : tensor.data.as<uint16_t>()) scales.push_back(float_from_half(half));
  return scales;
}

std::vector<int64_t> block_zeros(const Tensor& tensor) {
  switch (tensor.type) {
    case Type::s8: return converted<int64_t, int8_t>(tensor.data);
    case Type::u8: return converted<int64_t, uint8_t>(tensor.data);
    case Type::s16: return converted<int64_t, int16_t>(tensor.data);
    case Type::s32: return converted<int64_t, int32_t>(tensor.data);
    case Type::s64: return converted<int64_t, int64_t>(tensor.data);
    default: fail("block-wise zero points cannot be {} (int8 to int64 can)", name_of(tensor.type));
  }
}

int32_t scales_tensor(std::vector<Tensor>& tensors, size_t index) {
  const std::vector<float> scales = tensors[index].quant.scales;
  const auto same = [&](const Tensor& tensor) {
    return tensor.data.owned() && holds_scales(tensor.type) && same_bits(block_scales(tensor), scales);
  };
  const auto found = std::find_if(tensors.begin(), tensors.end(), same);
  if (found != tensors.end()) return static_cast<int32_t>(found - tensors.begin());
  return append(tensors, index, "_scales", scales);
}

int32_t zeros_tensor(std::vector<Tensor>& tensors, size_t index) {
  const std::vector<int64_t> zeros = tensors[index].quant.zeros;
  if (std::all_of(zeros.begin(), zeros.end(), [](int64_t zero) { return zero == 0; })) return -1;
  const auto same = [&](const Tensor& tensor) {
    return tensor.data.owned() && holds_zeros(tensor.type) && same_bits(block_zeros(tensor), zeros);
  };
  const auto found = std::find_if(tensors.begin(), tensors.end(), same);
  if (found != tensors.end()) return static_cast<int32_t>(found - tensors.begin());
  return append(tensors, index, "_zeros", zeros);
}

}  // namespace teff::tflite
