#include <algorithm>
#include <numeric>

#include "tests/conformance/case.h"

namespace teff::conformance {
namespace {

// A type with its quantization: what is moved keeps both.
struct Stuff {
  Type type;
  Quant quant;
};

Stuff stuff(CaseBuilder& c, std::vector<Type> types) {
  const Type type = c.random.pick(types);
  return {type, type == Type::s8 || type == Type::s16 || type == Type::u8 ? c.quant(type) : Quant{}};
}

const std::vector<Type> kAnyType = {Type::f32, Type::s8, Type::s16,    Type::s32,
                                    Type::s64, Type::u8, Type::boolean};

int some_axis(CaseBuilder& c, int rank) { return c.integer(-rank, rank - 1); }

std::vector<int32_t> extents_of(const Shape& shape) { return {shape.begin(), shape.end()}; }

// --- the same elements in another shape ---

// Extents are merged at random, and an extent of 1 thrown in.
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
  const auto [type, quant] = stuff(c, kAnyType);
  const Shape shape = c.shape(0, 6);
  std::vector<int32_t> to = same_elements(c, shape);
  const int last = static_cast<int>(to.size()) - 1;
  if (shape.elements() > 0 && c.chance(0.4)) to[static_cast<size_t>(c.integer(0, last))] = -1;
  const TensorId x = c.input(type, shape, quant);
  if (c.chance(0.5))
    c.node(Reshape{}, {x, c.constant(to)}, {c.output(type, quant)});
  else
    c.node(Reshape{.new_shape = {to.begin(), to.end()}}, {x}, {c.output(type, quant)});
}

void squeeze(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, kAnyType);
  Shape shape = c.shape(1, 6);
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (c.chance(0.4)) shape[axis] = 1;
  Squeeze op;
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (shape[axis] == 1 && c.chance(0.6))
      op.squeeze_dims.push_back(c.chance(0.5) ? axis : axis - shape.rank());
  c.node(op, {c.input(type, shape, quant)}, {c.output(type, quant)});
}

void expand_dims(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8});
  const Shape shape = c.shape(0, 5);
  const TensorId x = c.input(type, shape, quant);
  c.node(ExpandDims{}, {x, c.constant({some_axis(c, shape.rank() + 1)})}, {c.output(type, quant)});
}

// --- parts and wholes ---

void transpose(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8, Type::s16});
  const Shape shape = c.shape(1, 5);
  std::vector<int32_t> permutation(static_cast<size_t>(shape.rank()));
  std::iota(permutation.begin(), permutation.end(), 0);
  c.random.shuffle(permutation);
  c.node(Transpose{}, {c.input(type, shape, quant), c.constant(permutation)}, {c.output(type, quant)});
}

void concatenation(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8, Type::s16, Type::s32, Type::s64, Type::boolean});
  Shape shape = c.shape(1, 4, 200);
  const int axis = some_axis(c, shape.rank()), place = axis < 0 ? axis + shape.rank() : axis;
  std::vector<TensorId> in;
  for (int i = c.integer(1, 5); i > 0; --i) {
    if (shape[place] > 0) shape[place] = c.extent(7);
    in.push_back(in.empty() ? c.input(type, shape, quant) : c.operand(type, shape, quant));
  }
  c.node(Concatenation{.axis = axis}, in, {c.output(type, quant)});
}

std::vector<TensorId> outputs(CaseBuilder& c, int count, Type type, const Quant& quant) {
  std::vector<TensorId> ids;
  for (int i = 0; i < count; ++i) ids.push_back(c.output(type, quant));
  return ids;
}

void split(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8, Type::s16, Type::s32});
  Shape shape = c.shape(1, 5, 200);
  const int axis = some_axis(c, shape.rank()), parts = c.integer(1, 4);
  shape[axis < 0 ? axis + shape.rank() : axis] = parts * c.extent(5);
  const TensorId at = c.scalar(axis);
  c.node(Split{parts}, {at, c.input(type, shape, quant)}, outputs(c, parts, type, quant));
}

void split_v(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8, Type::s16, Type::s32});
  Shape shape = c.shape(1, 5, 200);
  const int axis = some_axis(c, shape.rank()), parts = c.integer(1, 4);
  std::vector<int32_t> sizes;
  for (int i = 0; i < parts; ++i) sizes.push_back(static_cast<int32_t>(c.extent(5)));
  shape[axis < 0 ? axis + shape.rank() : axis] = std::accumulate(sizes.begin(), sizes.end(), 0);
  const TensorId x = c.input(type, shape, quant), list = c.constant(sizes);
  c.node(SplitV{parts}, {x, list, c.scalar(axis)}, outputs(c, parts, type, quant));
}

void pack(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8, Type::s16, Type::s32, Type::s64});
  const Shape shape = c.shape(0, 5, 200);
  const int count = c.integer(1, 4);
  std::vector<TensorId> in;
  for (int i = 0; i < count; ++i)
    in.push_back(i ? c.operand(type, shape, quant) : c.input(type, shape, quant));
  c.node(Pack{.values_count = count, .axis = some_axis(c, shape.rank() + 1)}, in, {c.output(type, quant)});
}

void unpack(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8, Type::s16, Type::s32});
  Shape shape = c.shape(1, 5, 200);
  const int axis = some_axis(c, shape.rank()), count = c.integer(1, 5);
  shape[axis < 0 ? axis + shape.rank() : axis] = count;
  c.node(Unpack{.num = count, .axis = axis}, {c.input(type, shape, quant)}, outputs(c, count, type, quant));
}

void slice(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8, Type::s16, Type::s32, Type::boolean});
  const Shape shape = c.shape(1, 5);
  std::vector<int32_t> begin, size;
  for (int64_t extent : shape) {
    begin.push_back(c.integer(0, static_cast<int>(std::max<int64_t>(extent - 1, 0))));
    const int rest = static_cast<int>(extent) - begin.back();
    size.push_back(c.chance(0.3) || rest == 0 ? -1 : c.integer(1, rest));
  }
  const TensorId x = c.input(type, shape, quant), at = c.constant(begin);
  c.node(Slice{}, {x, at, c.constant(size)}, {c.output(type, quant)});
}

void strided_slice(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8, Type::s16, Type::s32, Type::boolean});
  const Shape shape = c.shape(1, 5);
  StridedSlice op;
  std::vector<int32_t> begin, end, strides;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const int extent = static_cast<int>(shape[axis]);
    begin.push_back(c.integer(-extent, extent - 1));
    end.push_back(c.integer(-extent - 2, extent + 2));
    strides.push_back(c.random.pick({1, 1, 1, 2, 3, -1, -2}));
    if (c.chance(0.3)) op.begin_mask |= 1 << axis;
    if (c.chance(0.4)) op.end_mask |= 1 << axis;
    if (c.chance(0.15) && extent > 0) {
      op.shrink_axis_mask |= 1 << axis;
      strides.back() = 1;
    }
  }
  const TensorId x = c.input(type, shape, quant), from = c.constant(begin), to = c.constant(end);
  c.node(op, {x, from, to, c.constant(strides)}, {c.output(type, quant)});
}

// --- elements that are named ---

void gather(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8});
  Shape shape = c.shape(1, 4, 200);
  for (int i = 0; i < shape.rank(); ++i) shape[i] = std::max<int64_t>(shape[i], 1);
  Gather op{.axis = c.integer(0, shape.rank() - 1)};
  op.batch_dims = c.chance(0.3) ? c.integer(0, op.axis) : 0;
  Shape indices;
  for (int i = 0; i < op.batch_dims; ++i) indices.push_back(shape[i]);
  for (int64_t extent : c.shape(0, 2, 20)) indices.push_back(extent);
  const Values values{0, static_cast<double>(shape[op.axis] - 1)};
  if (c.chance(0.3)) op.axis -= shape.rank();
  const TensorId x = c.input(type, shape, quant);
  c.node(op, {x, c.operand(Type::s32, indices, {}, values)}, {c.output(type, quant)});
}

void gather_nd(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8});
  Shape shape = c.shape(1, 4, 200);
  int64_t least = 100;
  for (int i = 0; i < shape.rank(); ++i) shape[i] = std::max<int64_t>(shape[i], 1);
  Shape indices = c.shape(0, 2, 10);
  indices.push_back(c.integer(1, shape.rank()));
  for (int i = 0; i < indices.back(); ++i) least = std::min(least, shape[i]);
  const TensorId x = c.input(type, shape, quant);
  const Values values{0, static_cast<double>(least - 1)};
  c.node(GatherNd{}, {x, c.operand(Type::s32, indices, {}, values)}, {c.output(type, quant)});
}

void reverse(CaseBuilder& c) {
  const auto [type, quant] =
      stuff(c, {Type::f32, Type::s8, Type::u8, Type::s16, Type::s32, Type::s64, Type::boolean});
  const Shape shape = c.shape(1, 5);
  // Axes next to each other: TFLite knows no others.
  const int first = c.integer(0, shape.rank() - 1), last = c.integer(first, shape.rank() - 1);
  std::vector<int32_t> axes;
  for (int axis = first; axis <= last; ++axis) axes.push_back(c.chance(0.3) ? axis - shape.rank() : axis);
  c.random.shuffle(axes);
  c.node(Reverse{}, {c.input(type, shape, quant), c.constant(axes)}, {c.output(type, quant)});
}

void dynamic_update_slice(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8, Type::s16, Type::s32, Type::s64});
  const Shape shape = c.shape(1, 5);
  Shape update;
  for (int64_t extent : shape) update.push_back(extent == 0 ? 0 : c.integer(1, static_cast<int>(extent)));
  const TensorId x = c.input(type, shape, quant), part = c.input(type, update, quant);
  const TensorId start = c.operand(Type::s32, {shape.rank()}, {}, {-3, 12});
  c.node(DynamicUpdateSlice{}, {x, part, start}, {c.output(type, quant)});
}

// --- more than there was ---

void tile(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, kAnyType);
  const Shape shape = c.shape(1, 5, 100);
  std::vector<int32_t> times;
  for (int i = 0; i < shape.rank(); ++i) times.push_back(c.chance(0.05) ? 0 : c.integer(1, 3));
  c.node(Tile{}, {c.input(type, shape, quant), c.constant(times)}, {c.output(type, quant)});
}

// Before and after each axis, at most `most(extent)`.
template <class Most>
std::vector<int32_t> paddings(CaseBuilder& c, const Shape& shape, Most most) {
  std::vector<int32_t> result;
  for (int64_t extent : shape)
    for (int side = 0; side < 2; ++side)
      result.push_back(c.chance(0.4) ? 0
                                     : c.integer(0, static_cast<int>(std::min<int64_t>(most(extent), 4))));
  return result;
}

void pad(CaseBuilder& c, bool with_value) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8, Type::s16, Type::s32});
  const Shape shape = c.shape(1, 4, 200);
  const TensorId x = c.input(type, shape, quant);
  std::vector<TensorId> in = {x,
                              c.constant(paddings(c, shape, [](int64_t) { return 4; }), {shape.rank(), 2})};
  if (with_value) in.push_back(c.constant(type, c.chance(0.5) ? Shape{} : Shape{1}, quant));
  c.node(Pad{}, in, {c.output(type, quant)});
}

void mirror_pad(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8});
  const Shape shape = c.shape(1, 4, 200);
  const MirrorMode mode = c.random.pick({MirrorMode::reflect, MirrorMode::symmetric});
  const TensorId x = c.input(type, shape, quant);
  // Reflection leaves out the border itself.
  const int64_t border = mode == MirrorMode::reflect ? 1 : 0;
  const auto list = paddings(c, shape, [&](int64_t extent) { return std::max<int64_t>(extent - border, 0); });
  c.node(MirrorPad{mode}, {x, c.constant(list, {shape.rank(), 2})}, {c.output(type, quant)});
}

void broadcast_to(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8, Type::s16, Type::s32, Type::boolean});
  const Shape to = c.shape(1, 5);
  const TensorId x = c.input(type, c.broadcastable(to), quant);
  c.node(BroadcastTo{}, {x, c.constant(extents_of(to))}, {c.output(type, quant)});
}

void fill(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8, Type::s16, Type::s32, Type::s64});
  const Shape shape = c.shape(0, 5);
  const TensorId to = c.constant(extents_of(shape));
  c.node(Fill{}, {to, c.input(type, {}, quant)}, {c.output(type, quant)});
}

// --- blocks ---

void space_to_depth(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8});
  const int block = c.integer(1, 3);
  const Shape shape{c.integer(1, 2), block * c.extent(5), block * c.extent(5), c.extent(5)};
  c.node(SpaceToDepth{block}, {c.input(type, shape, quant)}, {c.output(type, quant)});
}

void depth_to_space(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8});
  const int block = c.integer(1, 3);
  const Shape shape{c.integer(1, 2), c.extent(5), c.extent(5), block * block * c.extent(5)};
  c.node(DepthToSpace{block}, {c.input(type, shape, quant)}, {c.output(type, quant)});
}

// One or two spatial axes between batch and channels.
struct Blocks {
  std::vector<int32_t> block, borders;  // borders: paddings or crops, before and after
  Shape shape;
};

void space_to_batch(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8});
  Blocks b{.shape = {c.integer(1, 3)}};
  const int axes = c.integer(1, 2);
  for (int i = 0; i < axes; ++i) {
    const int block = c.integer(1, 3), before = c.integer(0, 2), total = block * c.integer(3, 5);
    b.block.push_back(block);
    const int extent = c.integer(std::max(1, total - before - 2), total - before);
    b.borders.insert(b.borders.end(), {before, total - before - extent});
    b.shape.push_back(extent);
  }
  b.shape.push_back(c.extent(5));
  const TensorId x = c.input(type, b.shape, quant), block = c.constant(b.block);
  c.node(SpaceToBatch{}, {x, block, c.constant(b.borders, {axes, 2})}, {c.output(type, quant)});
}

void batch_to_space(CaseBuilder& c) {
  const auto [type, quant] = stuff(c, {Type::f32, Type::s8});
  Blocks b{.shape = {c.integer(1, 2)}};
  const int axes = c.integer(1, 2);
  for (int i = 0; i < axes; ++i) {
    const int block = c.integer(1, 3), extent = c.integer(1, 4), most = block * extent - 1;
    b.block.push_back(block);
    const int before = c.integer(0, std::min(most, 2)), after = c.integer(0, std::min(most - before, 2));
    b.borders.insert(b.borders.end(), {before, after});
    b.shape[0] *= block;
    b.shape.push_back(extent);
  }
  b.shape.push_back(c.extent(5));
  const TensorId x = c.input(type, b.shape, quant), block = c.constant(b.block);
  c.node(BatchToSpace{}, {x, block, c.constant(b.borders, {axes, 2})}, {c.output(type, quant)});
}

}  // namespace

void cases_move(Registry& registry) {
  registry.add("RESHAPE", reshape);
  registry.add("SQUEEZE", squeeze);
  registry.add("EXPAND_DIMS", expand_dims);
  registry.add("TRANSPOSE", transpose);
  registry.add("CONCATENATION", concatenation);
  registry.add("SPLIT", split);
  registry.add("SPLIT_V", split_v);
  registry.add("PACK", pack);
  registry.add("UNPACK", unpack);
  registry.add("SLICE", slice);
  registry.add("STRIDED_SLICE", strided_slice);
  registry.add("GATHER", gather);
  registry.add("GATHER_ND", gather_nd);
  registry.add("REVERSE_V2", reverse);
  registry.add("DYNAMIC_UPDATE_SLICE", dynamic_update_slice);
  registry.add("TILE", tile);
  registry.add("PAD", [](CaseBuilder& c) { pad(c, false); });
  registry.add("PADV2", [](CaseBuilder& c) { pad(c, true); });
  registry.add("MIRROR_PAD", mirror_pad);
  registry.add("BROADCAST_TO", broadcast_to);
  registry.add("FILL", fill);
  registry.add("SPACE_TO_DEPTH", space_to_depth);
  registry.add("DEPTH_TO_SPACE", depth_to_space);
  registry.add("SPACE_TO_BATCH_ND", space_to_batch);
  registry.add("BATCH_TO_SPACE_ND", batch_to_space);
}

}  // namespace teff::conformance
