#include "kernels/c/batch_matmul.h"
#include "kernels/c/embedding_lookup.h"
#include "kernels/c/fully_connected.h"
#include "plan/lower.h"
#include "plan/quantize.h"
#include "plan/weights.h"

namespace teff {
namespace {

// --- fully connected ---

constexpr const char* kFullyConnectedTypes =
    "supported are float32 (weights of any type), int8 with int8 or int4 weights, int16 with int8 weights";

void lower_f32(const FullyConnected& op, Lowering& node) {
  const auto [lo, hi] = activation_range(op.activation);
  const Shape& w = node.in(1).shape;
  const teff_fully_connected_f32_params p{
      .inputs = int32_of(w[1]), .outputs = int32_of(w[0]), .lo = lo, .hi = hi};
  node.step(KERNEL_ID(fully_connected_f32), p, node.out().shape.elements(), p.inputs, node.input(0),
            weights_f32(node, 1), weights_f32(node, 2), node.output());
}

void lower_integer(const FullyConnected& op, Lowering& node) {
  const Tensor &x = node.in(0), &w = node.in(1);
  const auto [result, factors] =
      requantization(node, 0, 1, 2, w.shape[0], op.activation, op.quantized_bias_type);
  // Weights scaled by channel are symmetric, whatever their zero points say.
  const teff_fully_connected_params p{.inputs = int32_of(w.shape[1]),
                                      .outputs = int32_of(w.shape[0]),
                                      .x_zero = x.quant.zero(),
                                      .w_zero = w.quant.per_channel() ? 0 : w.quant.zero(),
                                      .result = result};
  const int64_t units = node.out().shape.elements();
  const Operand weights = weights_s8(node, 1), centred = node.scratch(2 * w.shape[1]);
  if (x.type == Type::s8) {
    node.step(KERNEL_ID(fully_connected_s8), p, units, p.inputs, node.input(0), weights, node.input(2),
              factors, node.output(), centred);
  } else {
    node.step(KERNEL_ID(fully_connected_s16), p, units, p.inputs, node.input(0), weights, bias_s64(node, 2),
              factors, node.output(), centred);
  }
}

// --- products of matrices ---

constexpr const char* kBatchMatMulTypes =
    "supported are float32, int8 and int16, both inputs and the output alike (constant floats may be stored "
    "as another type)";

// Elements from one batch of `in` to the next, along each of y's batch axes.
void set_steps(const Shape& in, const Shape& y, int32_t* steps) {
  const int lacking = y.rank() - in.rank();
  const auto strides = strides_of(in);
  for (int axis = lacking; axis < y.rank() - 2; ++axis)
    steps[axis] = in[axis - lacking] == 1 ? 0 : int32_of(strides[static_cast<size_t>(axis - lacking)]);
}

teff_batch_matmul_params batch_matmul_params(const BatchMatMul& op, Lowering& node) {
  const Shape &a = node.in(0).shape, &b = node.in(1).shape, &y = node.out().shape;
  teff_batch_matmul_params p{};
  p.batch_rank = y.rank() - 2;
  for (int axis = 0; axis < p.batch_rank; ++axis) p.batch[axis] = int32_of(y[axis]);
  set_steps(a, y, p.a_step);
  set_steps(b, y, p.b_step);
  p.rows = int32_of(y[y.rank() - 2]), p.columns = int32_of(y.back());
  p.depth = int32_of(op.adj_x ? a[a.rank() - 2] : a.back());
  p.a_transposed = op.adj_x, p.b_transposed = op.adj_y;
  return p;
}

int64_t rows_of(const Shape& y) { return y.product(0, y.rank() - 1); }

void lower_f32(const BatchMatMul& op, Lowering& node) {
  const teff_batch_matmul_params p = batch_matmul_params(op, node);
  node.step(KERNEL_ID(batch_matmul_f32), p, rows_of(node.out().shape),
            static_cast<double>(p.depth) * p.columns, weights_f32(node, 0), weights_f32(node, 1),
            node.output(), node.scratch(4 * int64_t{p.depth}));
}

void lower_integer(const BatchMatMul& op, Lowering& node) {
  const Tensor &a = node.in(0), &b = node.in(1);
  if (a.type != b.type) node.unsupported(kBatchMatMulTypes);
  expect_per_tensor(b, "second input");
  check(b.type == Type::s8 || b.quant.zero() == 0, "int16 inputs need zero points of 0");
  const auto [result, factor] = requantization(node, 0, 1, 2, 1, Activation::none);
  teff_batch_matmul_params p = batch_matmul_params(op, node);
  p.a_zero = a.quant.zero(), p.b_zero = b.quant.zero();
  p.result = result;
  const auto step = [&, factor = factor](auto kernel, int64_t sum_bytes) {
    node.step(kernel, p, rows_of(node.out().shape), static_cast<double>(p.depth) * p.columns, node.input(0),
              node.input(1), factor, node.output(), node.scratch(2 * int64_t{p.depth}),
              node.scratch(sum_bytes * p.columns));
  };
  a.type == Type::s8 ? step(KERNEL_ID(batch_matmul_s8), 4) : step(KERNEL_ID(batch_matmul_s16), 8);
}

}  // namespace

void lower(const FullyConnected& op, Lowering& node) {
  const Type type = node.in(0).type;
  if (type != node.out().type) node.unsupported(kFullyConnectedTypes);
  switch (type) {
    case Type::f32: return lower_f32(op, node);
    case Type::s8:
    case Type::s16: return lower_integer(op, node);
    default: node.unsupported(kFullyConnectedTypes);
  }
}

void lower(const BatchMatMul& op, Lowering& node) {
  switch (node.out().type) {
    case Type::f32: return lower_f32(op, node);
    case Type::s8:
    case Type::s16: return lower_integer(op, node);
    default: node.unsupported(kBatchMatMulTypes);
  }
}

void lower(const EmbeddingLookup&, Lowering& node) {
  const Tensor &table = node.in(1), &y = node.out();
  const int64_t units = node.in(0).shape.elements(), columns = table.shape.product(1, table.shape.rank());
  if (table.type == y.type && bits_of(y.type) >= 8) {
    const teff_embedding_lookup_params p{.rows = int32_of(table.shape[0]),
                                         .row_bytes = int32_of(bytes_for(y.type, columns))};
    return node.step(KERNEL_ID(embedding_lookup), p, units, p.row_bytes, node.input(0), node.input(1),
                     node.output());
  }
  if (table.type != Type::s8 || y.type != Type::f32)
    node.unsupported("the output has to have the table's type, or be float32 where the table is int8");
  expect_per_tensor(table, "table");
  const teff_embedding_lookup_s8_f32_params p{.rows = int32_of(table.shape[0]),
                                              .columns = int32_of(columns),
                                              .zero = table.quant.zero(),
                                              .scale = table.quant.scale()};
  node.step(KERNEL_ID(embedding_lookup_s8_f32), p, units, p.columns, node.input(0), node.input(1),
            node.output());
}

}  // namespace teff
