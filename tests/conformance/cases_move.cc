#include "tests/conformance/case.h"

namespace teff::conformance {
namespace {

Type any_type(CaseBuilder& c) {
  return c.random.pick({Type::f32, Type::s8, Type::s16, Type::s32, Type::s64, Type::u8, Type::boolean});
}

// The same elements in another shape: extents are merged and split at random.
std::vector<int32_t> same_elements(CaseBuilder& c, const Shape& shape) {
  std::vector<int32_t> extents;
  int64_t group = 1;
  for (int64_t extent : shape) {
    group *= extent;
    if (c.chance(0.6)) extents.push_back(static_cast<int32_t>(group)), group = 1;
  }
  extents.push_back(static_cast<int32_t>(group));
  if (c.chance(0.3)) extents.push_back(1);
  c.random.shuffle(extents);
  return extents;
}

void reshape(CaseBuilder& c) {
  const Type type = any_type(c);
  const Quant quant = c.quant(type);
  const Shape shape = c.shape(0, 6);
  std::vector<int32_t> to = same_elements(c, shape);
  if (shape.elements() > 0 && c.chance(0.4))
    to[static_cast<size_t>(c.integer(0, static_cast<int>(to.size()) - 1))] = -1;
  const TensorId x = c.input(type, shape, quant);
  if (c.chance(0.5))
    c.node(Reshape{}, {x, c.constant(to)}, {c.output(type, quant)});
  else
    c.node(Reshape{.new_shape = {to.begin(), to.end()}}, {x}, {c.output(type, quant)});
}

void squeeze(CaseBuilder& c) {
  const Type type = any_type(c);
  const Quant quant = c.quant(type);
  Shape shape = c.shape(1, 6);
  for (int64_t& extent : std::span(&shape[0], static_cast<size_t>(shape.rank())))
    if (c.chance(0.4)) extent = 1;
  Squeeze op;
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (shape[axis] == 1 && c.chance(0.6))
      op.squeeze_dims.push_back(c.chance(0.5) ? axis : axis - shape.rank());
  c.node(op, {c.input(type, shape, quant)}, {c.output(type, quant)});
}

void expand_dims(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8});
  const Quant quant = c.quant(type);
  const Shape shape = c.shape(0, 5);
  const TensorId x = c.input(type, shape, quant);
  c.node(ExpandDims{}, {x, c.constant({c.integer(-shape.rank() - 1, shape.rank())})},
         {c.output(type, quant)});
}

}  // namespace

void cases_move(Registry& registry) {
  registry.add("RESHAPE", reshape);
  registry.add("SQUEEZE", squeeze);
  registry.add("EXPAND_DIMS", expand_dims);
}

}  // namespace teff::conformance
