#include "plan/values.h"

#include <cstring>

#include "core/error.h"
#include "core/float16.h"

namespace teff {
namespace {

template <class T>
T element(std::span<const std::byte> bytes, int64_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return value;
}

int nibble(std::span<const std::byte> bytes, int64_t i) {
  return static_cast<int>(bytes[static_cast<size_t>(i / 2)]) >> (i % 2 * 4) & 15;
}

double stored(Type type, std::span<const std::byte> bytes, int64_t i) {
  switch (type) {
    case Type::f32: return element<float>(bytes, i);
    case Type::f64: return element<double>(bytes, i);
    case Type::f16: return float_from_half(element<uint16_t>(bytes, i));
    case Type::bf16: return float_from_bfloat(element<uint16_t>(bytes, i));
    case Type::u4: return nibble(bytes, i);
    case Type::s4: return (nibble(bytes, i) ^ 8) - 8;
    case Type::s8: return element<int8_t>(bytes, i);
    case Type::u8:
    case Type::boolean: return element<uint8_t>(bytes, i);
    case Type::s16: return element<int16_t>(bytes, i);
    case Type::u16: return element<uint16_t>(bytes, i);
    case Type::s32: return element<int32_t>(bytes, i);
    case Type::u32: return element<uint32_t>(bytes, i);
    case Type::s64: return static_cast<double>(element<int64_t>(bytes, i));
    case Type::u64: return static_cast<double>(element<uint64_t>(bytes, i));
    case Type::string:
    case Type::resource: break;
  }
  fail("a value of type {} where numbers are expected", name_of(type));
}

}  // namespace

std::vector<float> floats_of(const Tensor& tensor, std::span<const std::byte> bytes) {
  const Quant& q = tensor.quant;
  const bool dequantize = !q.empty() && !is_float(tensor.type);
  const int64_t inner = q.per_channel() ? tensor.shape.product(q.axis + 1, tensor.shape.rank()) : 1;
  std::vector<float> values(static_cast<size_t>(tensor.shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    const double x = stored(tensor.type, bytes, static_cast<int64_t>(i));
    const size_t c = q.per_channel() ? i / static_cast<size_t>(inner) % q.scales.size() : 0;
    values[i] = static_cast<float>(dequantize ? q.scales[c] * (x - static_cast<double>(q.zeros[c])) : x);
  }
  return values;
}

}  // namespace teff
