// Conversions between types of numbers.
#include <algorithm>

#include "kernels/c/convert.h"
#include "kernels/c/unary.h"
#include "plan/lower.h"
#include "plan/quantize.h"
#include "plan/tables.h"

namespace teff {
namespace {

teff_number number_of(Type type, Lowering& node) {
  switch (type) {
    case Type::f32: return TEFF_F32;
    case Type::f16: return TEFF_F16;
    case Type::bf16: return TEFF_BF16;
    case Type::f64: return TEFF_F64;
    case Type::s8: return TEFF_S8;
    case Type::u8: return TEFF_U8;
    case Type::s16: return TEFF_S16;
    case Type::u16: return TEFF_U16;
    case Type::s32: return TEFF_S32;
    case Type::u32: return TEFF_U32;
    case Type::s64: return TEFF_S64;
    case Type::u64: return TEFF_U64;
    case Type::boolean: return TEFF_BOOL;
    default: node.unsupported("types have to be whole bytes wide");
  }
}

void cast(Lowering& node, teff_number to) {
  const auto add = [&](auto tag) {
    node.step(tag, teff_cast_params{to}, node.out().shape.elements(), 1, node.input(0), node.output());
  };
  switch (node.in(0).type) {
    case Type::f32: return add(KERNEL_ID(cast_f32));
    case Type::f16: return add(KERNEL_ID(cast_f16));
    case Type::bf16: return add(KERNEL_ID(cast_bf16));
    case Type::f64: return add(KERNEL_ID(cast_f64));
    case Type::s8: return add(KERNEL_ID(cast_s8));
    case Type::u8:
    case Type::boolean: return add(KERNEL_ID(cast_u8));
    case Type::s16: return add(KERNEL_ID(cast_s16));
    case Type::u16: return add(KERNEL_ID(cast_u16));
    case Type::s32: return add(KERNEL_ID(cast_s32));
    case Type::u32: return add(KERNEL_ID(cast_u32));
    case Type::s64: return add(KERNEL_ID(cast_s64));
    case Type::u64: return add(KERNEL_ID(cast_u64));
    default: node.unsupported("types have to be whole bytes wide");
  }
}

// --- QUANTIZE ---

// What TFLite counts in: the limits of int32 are cut off to what a float can hold.
teff_quantize_params quantize_params(const Tensor& y) {
  const QuantizedRange range = range_of(y.type);
  const auto zero = static_cast<double>(y.quant.zero());
  const auto limit = [&](int32_t end) {
    return static_cast<float>(std::clamp(end - zero, -2147483648.0, 2147483648.0));
  };
  return {.scale = y.quant.scale(),
          .zero = y.quant.zero(),
          .lo = range.lo,
          .hi = range.hi,
          .below = limit(range.lo),
          .above = limit(range.hi)};
}

void quantize(Lowering& node) {
  const Tensor& y = node.out();
  const auto add = [&](auto tag) {
    node.step(tag, quantize_params(y), y.shape.elements(), 4, node.input(0), node.output());
  };
  switch (y.type) {
    case Type::s8: return add(KERNEL_ID(quantize_s8));
    case Type::u8: return add(KERNEL_ID(quantize_u8));
    case Type::s16: return add(KERNEL_ID(quantize_s16));
    case Type::s32: return add(KERNEL_ID(quantize_s32));
    default: node.unsupported("the output has to be int8, uint8, int16 or int32");
  }
}

bool is_byte(Type type) { return type == Type::s8 || type == Type::u8; }

void requantize(Lowering& node) {
  const Tensor &x = node.in(0), &y = node.out();
  if (!is_byte(y.type) && y.type != Type::s16 && y.type != Type::s32)
    node.unsupported("the output has to be int8, uint8, int16 or int32");
  const QuantizedRange range = range_of(y.type);
  const double factor = static_cast<double>(x.quant.scale()) / static_cast<double>(y.quant.scale());
  const teff_rescale_params p{.to = number_of(y.type, node),
                              .x_zero = x.quant.zero(),
                              .y_zero = y.quant.zero(),
                              .factor = factor_of(factor),
                              .lo = range.lo,
                              .hi = range.hi};
  const auto add = [&](auto tag) { node.step(tag, p, y.shape.elements(), 6, node.input(0), node.output()); };
  if (is_byte(x.type) && is_byte(y.type)) {
    const auto table = byte_table(x.type, [&](int32_t value) { return teff_rescale(&p, value); });
    return node.step(KERNEL_ID(lut_8), teff_no_params{}, y.shape.elements(), 1, node.input(0),
                     node.constant(table), node.output());
  }
  switch (x.type) {
    case Type::s8: return add(KERNEL_ID(rescale_s8));
    case Type::u8: return add(KERNEL_ID(rescale_u8));
    case Type::s16: return add(KERNEL_ID(rescale_s16));
    case Type::s32: return add(KERNEL_ID(rescale_s32));
    default: node.unsupported("the input has to be float32, int8, uint8, int16 or int32");
  }
}

// --- DEQUANTIZE ---

void dequantize(Lowering& node) {
  const Tensor& x = node.in(0);
  const Quant& q = x.quant;
  if (x.shape.elements() == 0) return;  // no channel may mean no scale
  check(!q.empty() && q.group == 0, "the input needs a scale, or one for each channel");
  const int64_t inner = q.per_channel() ? x.shape.product(q.axis + 1, x.shape.rank()) : x.shape.elements();
  const teff_dequantize_params p{.inner = std::max(static_cast<int32_t>(inner), 1),
                                 .channels = static_cast<int32_t>(q.scales.size())};
  std::vector<int32_t> zeros(q.zeros.begin(), q.zeros.end());
  zeros.resize(q.scales.size());
  const auto add = [&](auto tag) {
    node.step(tag, p, x.shape.elements(), 1, node.input(0), node.constant(q.scales), node.constant(zeros),
              node.output());
  };
  switch (x.type) {
    case Type::s4: return add(KERNEL_ID(dequantize_s4));
    case Type::s8: return add(KERNEL_ID(dequantize_s8));
    case Type::u8: return add(KERNEL_ID(dequantize_u8));
    case Type::s16: return add(KERNEL_ID(dequantize_s16));
    case Type::s32: return add(KERNEL_ID(dequantize_s32));
    default: node.unsupported("the input has to be int4, int8, uint8, int16, int32, float16 or bfloat16");
  }
}

}  // namespace

void lower(const Cast&, Lowering& node) { cast(node, number_of(node.out().type, node)); }

void lower(const Quantize&, Lowering& node) {
  expect_per_tensor(node.out(), "output");
  if (node.in(0).type == Type::f32) return quantize(node);
  expect_per_tensor(node.in(0), "input");
  requantize(node);
}

// Floats of half precision come out of a DEQUANTIZE too: that is how TFLite stores float16 weights.
void lower(const Dequantize&, Lowering& node) {
  if (node.out().type != Type::f32) node.unsupported("the output has to be float32");
  const Type type = node.in(0).type;
  type == Type::f16 || type == Type::bf16 ? cast(node, TEFF_F32) : dequantize(node);
}

}  // namespace teff
