// Padding, and trading height and width for depth or batch.
#include <algorithm>

#include "graph/infer.h"
#include "plan/copy.h"
#include "plan/lower.h"

namespace teff {
namespace {

Type padded_type(const Lowering& node) {
  const Type type = node.out().type;
  if (node.in(0).type != type) node.unsupported("input and output have to be of one type");
  if (bits_of(type) < 8) node.unsupported("only types of whole bytes can be padded");
  return type;
}

// One element that stands for the real 0.
Operand zero_of(Lowering& node) {
  const Tensor& out = node.out();
  std::vector<std::byte> element(static_cast<size_t>(bits_of(out.type)) / 8);
  if (out.type == Type::s8 || out.type == Type::u8) {
    const int least = out.type == Type::s8 ? -128 : 0;
    check(out.quant.zero() >= least && out.quant.zero() <= least + 255,
          "the zero point {} is not a value of type {}", out.quant.zero(), name_of(out.type));
    element[0] = static_cast<std::byte>(out.quant.zero());
  }
  return node.constant(element);
}

// What of `outer` lies before and behind `inner` along one axis, for each axis in turn; the axes before it
// are confined to `inner`, so that the pieces do not overlap.
void fill_around(Lowering& node, Type type, Shape piece, const std::vector<int64_t>& paddings,
                 Operand value) {
  const Shape& out = node.out().shape;
  const auto strides = strides_of(out);
  int64_t offset = 0;
  for (int i = 0; i < out.rank(); ++i) {
    const auto axis = static_cast<size_t>(i);
    const int64_t before = paddings[2 * axis], after = paddings[2 * axis + 1],
                  inside = out[i] - before - after;
    const auto fill = [&](int64_t begin, int64_t extent) {
      piece[i] = extent;
      Box box = fill_box(piece, out);
      box.to_offset = offset + begin * strides[axis];
      add_copy(node, type, box, value, node.output());
    };
    fill(0, before), fill(out[i] - after, after);
    piece[i] = inside;
    offset += before * strides[axis];
  }
}

int64_t padded_offset(const Shape& out, const std::vector<int64_t>& paddings) {
  const auto strides = strides_of(out);
  int64_t offset = 0;
  for (size_t i = 0; i < static_cast<size_t>(out.rank()); ++i) offset += paddings[2 * i] * strides[i];
  return offset;
}

}  // namespace

void lower(const Pad&, Lowering& node) {
  const Type type = padded_type(node);
  const auto paddings = node.integers(1);
  const Shape &in = node.in(0).shape, &out = node.out().shape;
  if (node.has(2)) {
    if (node.in(2).type != type) node.unsupported("the padding's value has to be of the input's type");
    const Quant &value = node.in(2).quant, &quant = node.out().quant;
    const bool quantized = type == Type::s8 || type == Type::u8;
    check(!quantized || (value.zero() == quant.zero() && value.scale() == quant.scale()),
          "the padding's value is quantized differently from the output");
  }
  Box box = box_of(in, in, out);
  box.to_offset = padded_offset(out, paddings);
  add_copy(node, type, box, node.input(0), node.output());
  fill_around(node, type, out, paddings, node.has(2) ? node.input(2) : zero_of(node));
}

// The input in the middle, then axis by axis what mirrors it: of the axes done already the whole extent, of
// those to come only the middle.
void lower(const MirrorPad& op, Lowering& node) {
  const Type type = padded_type(node);
  const auto paddings = node.integers(1);
  const Shape &in = node.in(0).shape, &out = node.out().shape;
  const auto strides = strides_of(out);
  int64_t middle = padded_offset(out, paddings);
  Box box = box_of(in, in, out);
  box.to_offset = middle;
  add_copy(node, type, box, node.input(0), node.output());
  const int64_t edge = op.mode == MirrorMode::reflect ? 1 : 0;  // the outermost element is not repeated
  Shape slab = in;
  for (int i = 0; i < out.rank(); ++i) {
    const auto axis = static_cast<size_t>(i);
    const int64_t stride = strides[axis];
    const auto mirror = [&](int64_t extent, int64_t from, int64_t to) {
      slab[i] = extent;
      Box part = box_of(slab, out, out);
      part.axes[axis].from = -stride;
      part.from_offset = middle + from * stride, part.to_offset = middle + to * stride;
      add_copy(node, type, part, node.output(), node.output());
    };
    const int64_t before = paddings[2 * axis], after = paddings[2 * axis + 1];
    mirror(before, before - 1 + edge, -before);
    mirror(after, in[i] - 1 - edge, in[i]);
    slab[i] = out[i];
    middle -= before * stride;
  }
}

// --- blocks ---

namespace {

struct DepthBlocks {
  const Shape &space, &depth;  // [N,H,W,C], [N,H/b,W/b,b*b*C]
  int64_t block;
};

// Both directions are one permutation: space[n][y*b+i][x*b+j][c] is depth[n][y][x][(i*b+j)*C+c].
Box depth_box(const DepthBlocks& blocks, bool to_depth) {
  const auto s = strides_of(blocks.space), d = strides_of(blocks.depth);
  const int64_t b = blocks.block, channels = blocks.space[3];
  const Shape& depth = blocks.depth;
  Box box;
  box.axes = {{depth[0], s[0], d[0]},     {depth[1], b * s[1], d[1]}, {b, s[1], b * channels},
              {depth[2], b * s[2], d[2]}, {b, s[2], channels},        {channels, 1, 1}};
  if (!to_depth)
    for (Box::Axis& axis : box.axes) std::swap(axis.from, axis.to);
  return box;
}

// Along one axis, position `block * i + k - before` of space is element i of batch k. Those k for which the
// same i lie inside of space make one piece.
struct Piece {
  int64_t k, k_count, i, i_count;
};

std::vector<Piece> pieces_of(int64_t block, int64_t before, int64_t extent) {
  // The first i inside is ceil((before - k) / block), the first behind ceil((before + extent - k) / block):
  // each drops by one where k passes the remainder.
  std::vector<int64_t> cuts = {0, before % block, (before + extent) % block, block};
  std::sort(cuts.begin(), cuts.end());
  std::vector<Piece> pieces;
  for (size_t c = 0; c + 1 < cuts.size(); ++c) {
    const int64_t k = cuts[c];
    if (k == cuts[c + 1]) continue;
    const auto first_from = [&](int64_t position) { return (position - k + block - 1) / block; };
    const int64_t i = first_from(before);
    pieces.push_back({k, cuts[c + 1] - k, i, first_from(before + extent) - i});
  }
  return pieces;
}

struct BatchBlocks {
  const Shape &space, &batch;
  std::vector<int64_t> sizes, margins;
};

// Adds the copies of all combinations of pieces, axis by axis.
void add_batch_copies(Lowering& node, Type type, const BatchBlocks& blocks, size_t axis, Box box,
                      bool to_batch) {
  const auto space = strides_of(blocks.space), batch = strides_of(blocks.batch);
  if (axis == blocks.sizes.size()) {
    for (size_t a = axis + 1; a < static_cast<size_t>(blocks.space.rank()); ++a)
      box.axes.push_back({blocks.space[static_cast<int>(a)], space[a], batch[a]});
    if (!to_batch) {
      for (Box::Axis& a : box.axes) std::swap(a.from, a.to);
      std::swap(box.from_offset, box.to_offset);
    }
    return add_copy(node, type, box, node.input(0), node.output());
  }
  const int64_t block = blocks.sizes[axis], before = blocks.margins[2 * axis];
  int64_t batches = blocks.space[0];  // from one k of this axis to the next
  for (size_t a = axis + 1; a < blocks.sizes.size(); ++a) batches *= blocks.sizes[a];
  const size_t a = axis + 1;
  for (const Piece& piece : pieces_of(block, before, blocks.space[static_cast<int>(a)])) {
    Box part = box;
    part.axes.push_back({piece.i_count, block * space[a], batch[a]});
    part.axes.push_back({piece.k_count, space[a], batches * batch[0]});
    part.from_offset += (piece.i * block + piece.k - before) * space[a];
    part.to_offset += piece.i * batch[a] + piece.k * batches * batch[0];
    add_batch_copies(node, type, blocks, axis + 1, std::move(part), to_batch);
  }
}

void add_batch_copies(Lowering& node, Type type, const BatchBlocks& blocks, bool to_batch) {
  Box box;
  box.axes.push_back({blocks.space[0], strides_of(blocks.space)[0], strides_of(blocks.batch)[0]});
  add_batch_copies(node, type, blocks, 0, std::move(box), to_batch);
}

}  // namespace

void lower(const SpaceToDepth& op, Lowering& node) {
  const Type type = padded_type(node);
  const DepthBlocks blocks{node.in(0).shape, node.out().shape, op.block_size};
  add_copy(node, type, depth_box(blocks, true), node.input(0), node.output());
}

void lower(const DepthToSpace& op, Lowering& node) {
  const Type type = padded_type(node);
  const DepthBlocks blocks{node.out().shape, node.in(0).shape, op.block_size};
  add_copy(node, type, depth_box(blocks, false), node.input(0), node.output());
}

void lower(const SpaceToBatch&, Lowering& node) {
  const Type type = padded_type(node);
  const BatchBlocks blocks{node.in(0).shape, node.out().shape, node.integers(1), node.integers(2)};
  const bool padded = std::any_of(blocks.margins.begin(), blocks.margins.end(), [](auto m) { return m > 0; });
  if (padded) add_copy(node, type, fill_box(blocks.batch, blocks.batch), zero_of(node), node.output());
  add_batch_copies(node, type, blocks, true);
}

void lower(const BatchToSpace&, Lowering& node) {
  const Type type = padded_type(node);
  const BatchBlocks blocks{node.out().shape, node.in(0).shape, node.integers(1), node.integers(2)};
  add_batch_copies(node, type, blocks, false);
}

}  // namespace teff
