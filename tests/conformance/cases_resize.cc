#include "tests/conformance/case.h"

namespace teff::conformance {
namespace {

// Both options at once are not allowed.
template <class Resize>
Resize drawn(CaseBuilder& c) {
  Resize op;
  op.align_corners = c.chance(0.4);
  op.half_pixel_centers = !op.align_corners && c.chance(0.5);
  return op;
}

template <class Resize>
void resize(CaseBuilder& c, std::initializer_list<Type> types) {
  const Type type = c.random.pick(types);
  const Quant quant = c.quant(type);
  const Shape shape{c.integer(1, 2), c.extent(9), c.extent(9), c.extent(5)};
  const auto size = [&](int64_t extent) {
    return c.chance(0.3) ? static_cast<int32_t>(extent * c.integer(1, 3)) : c.integer(1, 20);
  };
  const TensorId x = c.input(type, shape, quant);
  c.node(drawn<Resize>(c), {x, c.constant({size(shape[1]), size(shape[2])})}, {c.output(type, quant)});
}

}  // namespace

void cases_resize(Registry& registry) {
  registry.add("RESIZE_BILINEAR", [](CaseBuilder& c) { resize<ResizeBilinear>(c, {Type::f32, Type::s8}); });
  registry.add("RESIZE_NEAREST_NEIGHBOR", [](CaseBuilder& c) {
    resize<ResizeNearest>(c, {Type::f32, Type::s8, Type::s16});
  });
}

}  // namespace teff::conformance
