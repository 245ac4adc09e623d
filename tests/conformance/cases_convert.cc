#include "tests/conformance/case.h"

namespace teff::conformance {
namespace {

struct Range {
  double least, most;
};

// What fits into a type, as far as floats tell numbers apart.
Range range_of(Type type) {
  switch (type) {
    case Type::s8: return {-128, 127};
    case Type::s16: return {-32768, 32767};
    case Type::u32: return {0, 4e9};
    case Type::boolean: return {0, 1};
    default: return {-2e9, 2e9};
  }
}

// A float that does not fit the result's type has no defined value; integers are cut off.
void cast(CaseBuilder& c) {
  const Type from =
      c.random.pick({Type::s8, Type::s16, Type::s32, Type::u32, Type::f32, Type::f32, Type::boolean});
  const Type to = c.random.pick({Type::s8, Type::s16, Type::s32, Type::u32, Type::f32});
  const auto [least, most] = from == Type::f32 && to == Type::f32 ? Range{-10, 10}
                             : from == Type::f32                  ? range_of(to)
                                                                  : range_of(from);
  const double part = from == Type::f32 ? c.real(1e-8f, 1) : 1;
  const TensorId x = c.input(from, c.shape(0, 6), {}, {least * part, most * part});
  c.node(Cast{}, {x}, {c.output(to)});
}

struct Pair {
  Type from, to;
};
const std::vector<Pair> kRequantized = {
    {Type::f32, Type::s8},  {Type::f32, Type::u8},  {Type::f32, Type::s16}, {Type::s8, Type::s8},
    {Type::s8, Type::u8},   {Type::u8, Type::s8},   {Type::s8, Type::s16},  {Type::s8, Type::s32},
    {Type::s16, Type::s8},  {Type::s16, Type::s16}, {Type::s16, Type::s32}, {Type::s32, Type::s8},
    {Type::s32, Type::s16},
};

void quantize(CaseBuilder& c) {
  const auto [from, to] = c.random.pick(kRequantized);
  const Quant before = from == Type::f32 ? Quant{} : c.quant(from);
  Quant after = c.quant(to);
  // A scale near the input's, or one that has nothing to do with it.
  if (from != Type::f32 && c.chance(0.7)) after.scales[0] = before.scale() * c.real(0.25, 4);
  c.node(Quantize{}, {c.input(from, c.shape(0, 6), before)}, {c.output(to, after)});
}

void dequantize(CaseBuilder& c) {
  const Type type = c.random.pick({Type::s8, Type::s16, Type::u8, Type::f16, Type::s4});
  const Shape shape = c.shape(0, 6);
  Quant quant = c.quant(type);
  // Of int8 TFLite Micro takes the first channel's scale for all.
  if (type == Type::s4 && shape.rank() > 0 && c.chance(0.4)) {
    const int axis = c.integer(0, shape.rank() - 1);
    quant = c.per_channel(shape[axis], axis);
  }
  // Half floats and int4 are constants in files; as inputs of a network no tool takes them.
  const bool is_constant = type == Type::f16 || type == Type::s4;
  const TensorId x = is_constant ? c.constant(type, shape, quant) : c.input(type, shape, quant);
  c.node(Dequantize{}, {x}, {c.output(Type::f32)});
}

// A matrix of which most blocks are zero, as TFLite stores it: rows of blocks, the blocks that are not zero
// by column, then each block as it lies.
struct BlockMatrix {
  int64_t rows, columns;  // in blocks
  int64_t block_rows, block_columns;
  std::vector<int32_t> segments{0}, indices;
};

BlockMatrix block_matrix(CaseBuilder& c) {
  BlockMatrix m{c.integer(1, 6), c.integer(1, 6), 1, 1};
  if (c.chance(0.5)) m.block_rows = c.integer(1, 4), m.block_columns = c.integer(1, 4);
  for (int64_t row = 0; row < m.rows; ++row) {
    for (int32_t column = 0; column < m.columns; ++column)
      if (c.chance(0.4)) m.indices.push_back(column);
    m.segments.push_back(static_cast<int32_t>(m.indices.size()));
  }
  if (m.indices.empty()) m.indices.push_back(0), m.segments.back() = 1;
  return m;
}

SparseLayout layout_of(const BlockMatrix& m) {
  const auto dense = [](int64_t size) {
    return SparseLayout::Dimension{.compressed = false, .dense_size = static_cast<int32_t>(size)};
  };
  SparseLayout layout;
  layout.traversal_order = {0, 1};
  layout.dimensions = {dense(m.rows), {.compressed = true, .segments = m.segments, .indices = m.indices}};
  if (m.block_rows * m.block_columns == 1) return layout;
  layout.traversal_order = {0, 1, 2, 3};
  layout.block_map = {0, 1};
  layout.dimensions.push_back(dense(m.block_rows));
  layout.dimensions.push_back(dense(m.block_columns));
  return layout;
}

void densify(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8});
  const BlockMatrix m = block_matrix(c);
  const auto stored = static_cast<int64_t>(m.indices.size()) * m.block_rows * m.block_columns;
  const Quant quant = c.symmetric(type);
  const TensorId x =
      c.constant(type, {m.rows * m.block_rows, m.columns * m.block_columns}, quant, c.data(type, stored, {}));
  c.tensor(x).sparse = std::make_shared<const SparseLayout>(layout_of(m));
  c.node(Densify{}, {x}, {c.output(type, quant)});
}

}  // namespace

void cases_convert(Registry& registry) {
  registry.add("CAST", cast);
  registry.add("QUANTIZE", quantize);
  registry.add("DEQUANTIZE", dequantize);
  registry.add("DENSIFY", densify);
}

}  // namespace teff::conformance
