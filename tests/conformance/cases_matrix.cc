#include <algorithm>

#include "tests/conformance/case.h"

namespace teff::conformance {
namespace {

void fully_connected(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8, Type::s8, Type::s16});
  const int64_t inputs = c.extent(40), outputs = c.extent(20);
  Shape shape = c.shape(0, 3, 20);
  shape.push_back(inputs);
  const bool quantized = type != Type::f32;
  const Quant xq = c.quant(type);
  const Quant wq = !quantized                          ? Quant{}
                   : type == Type::s8 && c.chance(0.5) ? c.per_channel(outputs, 0)
                                                       : c.symmetric(Type::s8);
  Type weights_type = quantized ? Type::s8 : type;
  if (type == Type::s8 && !wq.per_channel() && c.chance(0.4)) weights_type = Type::s4;
  const bool wide = type == Type::s16 && c.chance(0.7);
  const Type bias_type = wide ? Type::s64 : quantized ? Type::s32 : type;

  std::vector<TensorId> in = {c.input(type, shape, xq), c.constant(weights_type, {outputs, inputs}, wq)};
  if (c.chance(0.7)) {
    const Values values = quantized ? Values{-30000, 30000} : Values{};
    const Quant bias_quant = quantized ? CaseBuilder::bias_quant(xq, wq) : Quant{};
    in.push_back(c.constant(bias_type, {outputs}, bias_quant, values));
  } else {
    in.push_back(kNoTensor);
  }
  const Quant yq = c.product_quant(type, xq, wq, static_cast<double>(inputs), weights_type);
  const FullyConnected op{.activation = c.activation(),
                          .keep_num_dims = c.chance(0.5),
                          .quantized_bias_type = c.random.pick({Type::s32, Type::s64})};
  c.node(op, in, {c.output(type, yq)});
}

// Batches broadcast; either operand may lie transposed.
void batch_matmul(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8, Type::s16});
  const BatchMatMul op{.adj_x = c.chance(0.4), .adj_y = c.chance(0.4)};
  const int64_t m = c.extent(9), k = c.extent(17), n = c.extent(9);
  const Shape batch = c.shape(0, 3, 6);
  Shape a = c.chance(0.3) ? c.broadcastable(batch) : batch,
        b = c.chance(0.3) ? c.broadcastable(batch) : batch;
  a.push_back(op.adj_x ? k : m), a.push_back(op.adj_x ? m : k);
  b.push_back(op.adj_y ? n : k), b.push_back(op.adj_y ? k : n);
  const Quant aq = c.quant(type), bq = c.quant(type);
  const TensorId left = c.input(type, a, aq), right = c.operand(type, b, bq);
  const Quant y = type == Type::f32 ? Quant{} : c.product_quant(type, aq, bq, static_cast<double>(k), type);
  c.node(op, {left, right}, {c.output(type, y)});
}

void embedding_lookup(CaseBuilder& c) {
  const bool quantized = c.chance(0.5);
  Shape table = c.shape(2, 3, 300);
  table[0] = std::max<int64_t>(table[0], 1);
  const Shape ids{c.extent(9)};
  const TensorId which = c.input(Type::s32, ids, {}, {0, static_cast<double>(table[0] - 1)});
  const Type type = quantized ? Type::s8 : Type::f32;
  const Quant quant = quantized ? c.symmetric(Type::s8) : Quant{};
  const Type to = quantized && c.chance(0.5) ? Type::f32 : type;
  c.node(EmbeddingLookup{}, {which, c.constant(type, table, quant)},
         {c.output(to, to == Type::s8 ? quant : Quant{})});
}

}  // namespace

void cases_matrix(Registry& registry) {
  // Sums of large products may cancel, and an activation cuts off what is large.
  constexpr double kOfSums = 5e-4;
  registry.add("FULLY_CONNECTED", fully_connected, kOfSums);
  registry.add("BATCH_MATMUL", batch_matmul, kOfSums);
  registry.add("EMBEDDING_LOOKUP", embedding_lookup);
}

}  // namespace teff::conformance
