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
  const Type weights_type = quantized ? Type::s8 : type;
  const Type bias_type = type == Type::s16 ? Type::s64 : quantized ? Type::s32 : type;

  std::vector<TensorId> in = {c.input(type, shape, xq), c.constant(weights_type, {outputs, inputs}, wq)};
  if (c.chance(0.7)) {
    const Values values = quantized ? Values{-30000, 30000} : Values{};
    const Quant bias_quant = quantized ? CaseBuilder::bias_quant(xq, wq) : Quant{};
    in.push_back(c.constant(bias_type, {outputs}, bias_quant, values));
  } else {
    in.push_back(kNoTensor);
  }
  const Quant yq = quantized ? c.product_quant(type, xq, wq, static_cast<double>(inputs)) : Quant{};
  c.node(FullyConnected{.activation = c.activation(), .keep_num_dims = c.chance(0.5)}, in,
         {c.output(type, yq)});
}

}  // namespace

void cases_matrix(Registry& registry) { registry.add("FULLY_CONNECTED", fully_connected); }

}  // namespace teff::conformance
