#include "tests/float64/values.h"

namespace teff::float64 {

Values::Values(const conformance::Case& c)
    : graph_(c.model.main()),
      calls_(c.calls),
      values_(graph_.tensors.size()),
      fed_(graph_.tensors.size(), false) {
  const auto read = [&](size_t id, const Bytes& bytes) {
    if (graph_.tensors[id].type == Type::f32)
      for (float v : bytes.as<float>()) values_[id].push_back(static_cast<double>(v));
    if (graph_.tensors[id].type == Type::s32)
      for (int32_t v : bytes.as<int32_t>()) values_[id].push_back(v);
  };
  for (size_t id = 0; id < graph_.tensors.size(); ++id)
    if (graph_.tensors[id].is_constant()) read(id, graph_.tensors[id].data);
  for (size_t i = 0; i < graph_.inputs.size(); ++i) {
    const auto id = static_cast<size_t>(graph_.inputs[i]);
    read(id, c.inputs[i]), fed_[id] = true;
  }
}

double Values::at(int i, int64_t index) const {
  const auto tensor = static_cast<size_t>(id(i));
  const int64_t before = fed_[tensor] ? call_ * shape(i).elements() : 0;
  return values_[tensor][static_cast<size_t>(before + index)];
}

bool Values::all_float() const {
  bool some = false;
  for (TensorId input : node().inputs) {
    if (input == kNoTensor) continue;
    const Type type = graph_.tensor(input).type;
    if (type != Type::f32 && type != Type::s32) return false;
    some = some || type == Type::f32;
  }
  return some && graph_.tensor(node().outputs[0]).type == Type::f32;
}

Exact activated(Activation activation, const Exact& x) {
  switch (activation) {
    case Activation::relu: return clamp(x, 0, kInfinity);
    case Activation::relu6: return clamp(x, 0, 6);
    case Activation::relu_n1_to_1: return clamp(x, -1, 1);
    case Activation::tanh: return tanh(x);
    default: return x;
  }
}

int64_t broadcast_index(const Shape& out, const Shape& operand, int64_t index) {
  int64_t at = 0, stride = 1;
  for (int axis = out.rank() - 1; axis >= 0; --axis) {
    const int own = axis - (out.rank() - operand.rank());
    const int64_t extent = own < 0 ? 1 : operand[own];
    at += (extent == 1 ? 0 : index % out[axis]) * stride;
    stride *= extent, index /= out[axis];
  }
  return at;
}

}  // namespace teff::float64
