#include "kernels/c/fully_connected.h"
#include "plan/lower.h"
#include "plan/quantize.h"

namespace teff {
namespace {

void lower_f32(const FullyConnected& op, Lowering& node) {
  const auto [lo, hi] = activation_range(op.activation);
  const Shape& w = node.in(1).shape;
  const teff_fully_connected_f32_params p{
      .inputs = static_cast<int32_t>(w[1]), .outputs = static_cast<int32_t>(w[0]), .lo = lo, .hi = hi};
  // Weights of another type (hybrid models: int8) are constants and become floats here.
  const Operand weights = node.in(1).type == Type::f32 ? node.input(1) : node.constant(node.floats(1));
  node.step(KERNEL_ID(fully_connected_f32), p, node.out().shape.elements(), p.inputs, node.input(0), weights,
            node.input(2), node.output());
}

void lower_s8(const FullyConnected& op, Lowering& node) {
  const Tensor &x = node.in(0), &w = node.in(1), &y = node.out();
  expect_per_tensor(x, "input");
  expect_per_tensor(y, "output");
  const auto [lo, hi] = activation_range(op.activation, Type::s8, y.quant);
  const teff_fully_connected_s8_params p{.inputs = static_cast<int32_t>(w.shape[1]),
                                         .outputs = static_cast<int32_t>(w.shape[0]),
                                         .x_zero = x.quant.zero(),
                                         .w_zero = w.quant.zero(),
                                         .y_zero = y.quant.zero(),
                                         .lo = lo,
                                         .hi = hi,
                                         .per_channel = w.quant.per_channel()};
  check(!w.quant.empty(), "the weights need a scale");
  node.step(KERNEL_ID(fully_connected_s8), p, y.shape.elements(), p.inputs, node.input(0), node.input(1),
            node.input(2), node.constant(product_factors(x.quant, w.quant, y.quant)), node.output());
}

}  // namespace

void lower(const FullyConnected& op, Lowering& node) {
  switch (node.in(0).type) {
    case Type::f32: return lower_f32(op, node);
    case Type::s8: return lower_s8(op, node);
    default: node.unsupported("the input has to be float32 or int8");
  }
}

void lower(const BatchMatMul&, Lowering&) { fail("pending"); }
void lower(const EmbeddingLookup&, Lowering&) { fail("pending"); }

}  // namespace teff
