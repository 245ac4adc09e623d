#include "tests/conformance/case.h"

namespace teff::conformance {
namespace {

Type any_type(CaseBuilder& c) { return c.random.pick({Type::f32, Type::s8, Type::s16, Type::s32}); }

void shape_of(CaseBuilder& c) {
  const Type type = any_type(c);
  c.node(ShapeOf{.out_type = Type::s32}, {c.input(type, c.shape(0, 6), c.quant(type))},
         {c.output(Type::s32)});
}

void rank(CaseBuilder& c) {
  const Type type = any_type(c);
  c.node(Rank{}, {c.input(type, c.shape(0, 6), c.quant(type))}, {c.output(Type::s32)});
}

void broadcast_args(CaseBuilder& c) {
  const Shape to = c.shape(1, 5);
  const auto part = [&] {
    const Shape shape = c.broadcastable(to);
    return std::vector<int32_t>(shape.begin(), shape.end());
  };
  const TensorId a = c.constant(part());
  c.node(BroadcastArgs{}, {a, c.constant(part())}, {c.output(Type::s32)});
}

void range(CaseBuilder& c) {
  const int start = c.integer(-20, 20), delta = c.random.pick({1, 2, 3, 7});
  const bool down = c.chance(0.4);
  const int limit = start + (down ? -1 : 1) * c.integer(0, 30);
  const TensorId from = c.scalar(start), to = c.scalar(limit);
  c.node(RangeOf{}, {from, to, c.scalar(down ? -delta : delta)}, {c.output(Type::s32)});
}

}  // namespace

void cases_index(Registry& registry) {
  registry.add("SHAPE", shape_of);
  registry.add("RANK", rank);
  registry.add("BROADCAST_ARGS", broadcast_args);
  registry.add("RANGE", range);
}

}  // namespace teff::conformance
