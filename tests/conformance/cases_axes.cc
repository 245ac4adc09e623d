#include <algorithm>

#include "graph/op_table.h"
#include "tests/conformance/case.h"

namespace teff::conformance {
namespace {

// Logits: after quantization they should differ by a few, not by thousands.
Quant logit_quant(CaseBuilder& c, Type type) {
  Quant quant = c.quant(type);
  if (!quant.empty()) quant.scales[0] = c.real(0.2f, 20) / (type == Type::s8 ? 127.0f : 32767.0f);
  return quant;
}

void softmax(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8, Type::s16});
  const Type to = type == Type::s8 && c.chance(0.3) ? Type::s16 : type;
  const Quant result = to == Type::f32                        ? Quant{}
                       : to == Type::s16 && type == Type::s16 ? CaseBuilder::scaled(1.0 / 32768)
                       : to == Type::s16                      ? CaseBuilder::scaled(1.0 / 65536, -32768)
                                                              : CaseBuilder::scaled(1.0 / 256, -128);
  const float beta = c.chance(0.7) ? 1.0f : c.real(0.1f, 3);
  c.node(Softmax{.beta = beta}, {c.input(type, c.shape(1, 4), logit_quant(c, type))}, {c.output(to, result)});
}

void log_softmax(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8});
  const Quant result = type == Type::s8 ? CaseBuilder::scaled(16.0 / 256, 127) : Quant{};
  c.node(LogSoftmax{}, {c.input(type, c.shape(1, 4), logit_quant(c, type))}, {c.output(type, result)});
}

void l2_normalization(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8});
  const Quant result = type == Type::s8 ? CaseBuilder::scaled(1.0 / 128, 0) : Quant{};
  c.node(L2Normalization{}, {c.input(type, c.shape(1, 4), c.quant(type))}, {c.output(type, result)});
}

// Some of the axes in any order, also counted from the end and named twice.
std::vector<int32_t> some_axes(CaseBuilder& c, int rank) {
  std::vector<int32_t> axes;
  for (int axis = 0; axis < rank; ++axis)
    if (c.chance(0.5)) axes.push_back(c.chance(0.3) ? axis - rank : axis);
  if (axes.empty()) axes.push_back(c.integer(0, rank - 1));
  if (c.chance(0.1)) axes.push_back(axes[0]);
  c.random.shuffle(axes);
  return axes;
}

struct ReduceCase {
  const char* name;
  std::vector<Type> types;
  bool one_scale;  // the result has the input's quantization
};
const ReduceCase kReduce[] = {
    {"MEAN", {Type::f32, Type::s8, Type::s16}, false},
    {"SUM", {Type::f32, Type::s8, Type::s16}, false},
    {"REDUCE_PROD", {Type::f32, Type::s32}, true},
    {"REDUCE_MAX", {Type::f32, Type::s8}, true},
    {"REDUCE_MIN", {Type::f32, Type::s8}, true},
    {"REDUCE_ANY", {Type::boolean}, true},
    {"REDUCE_ALL", {Type::boolean}, true},
};

void reduce(CaseBuilder& c, const ReduceCase& r) {
  Op op = find_op(r.name)->prototype;
  auto& details = std::get<Reduce>(op);
  details.keep_dims = c.chance(0.5);
  const Type type = c.random.pick(r.types);
  const Shape shape = c.shape(1, 4);
  const bool quantized = type == Type::s8 || type == Type::s16;
  const Quant quant = quantized ? c.quant(type) : Quant{};
  Quant result = quant;
  if (quantized && !r.one_scale && c.chance(0.8)) {
    result = c.quant(type);
    result.scales[0] = quant.scale() * c.real(0.3f, 2);
  }
  const Values values = type == Type::s32 ? Values{-3, 3} : Values{};
  const TensorId x = c.input(type, shape, quant, values);
  const std::vector<int32_t> axes = some_axes(c, shape.rank());
  const TensorId axis = axes.size() == 1 && c.chance(0.3) ? c.scalar(axes[0]) : c.constant(axes);
  c.node(op, {x, axis}, {c.output(type, result)});
}

void arg_reduce(CaseBuilder& c, const char* name) {
  Op op = find_op(name)->prototype;
  std::get<ArgReduce>(op).output_type = Type::s32;
  const Type type = c.random.pick({Type::f32, Type::s8});
  Shape shape = c.shape(1, 5);
  const int axis = c.integer(0, shape.rank() - 1);
  shape[axis] = std::max<int64_t>(shape[axis], 1);  // of nothing there is no largest
  // Few values: equal ones are the interesting case.
  const Values values = type == Type::s8 && c.chance(0.5) ? Values{-2, 2} : Values{};
  const TensorId x = c.input(type, shape, c.quant(type), values);
  c.node(op, {x, c.scalar(c.chance(0.3) ? axis - shape.rank() : axis)}, {c.output(Type::s32)});
}

void cumsum(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8});
  const Shape shape = c.shape(1, 5);
  const Quant quant = c.quant(type);
  Quant result = c.quant(type);
  if (type == Type::s8) result.scales[0] = quant.scale() * c.real(0.5f, 4);
  c.node(CumSum{.exclusive = c.chance(0.5), .reverse = c.chance(0.5)},
         {c.input(type, shape, quant), c.scalar(c.integer(-shape.rank(), shape.rank() - 1))},
         {c.output(type, result)});
}

}  // namespace

void cases_axes(Registry& registry) {
  registry.add("SOFTMAX", softmax);
  registry.add("LOG_SOFTMAX", log_softmax);
  registry.add("L2_NORMALIZATION", l2_normalization);
  for (const ReduceCase& r : kReduce) registry.add(r.name, [r](CaseBuilder& c) { reduce(c, r); });
  for (const char* name : {"ARG_MAX", "ARG_MIN"})
    registry.add(name, [name](CaseBuilder& c) { arg_reduce(c, name); });
  registry.add("CUMSUM", cumsum);
}

}  // namespace teff::conformance
