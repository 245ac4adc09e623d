// Operators that put elements somewhere else.
#include <algorithm>

#include "graph/rules.h"
#include "graph/slicing.h"

namespace teff {
namespace {

// The one integer of input i.
int64_t scalar(const Inference& node, int i) {
  const auto values = node.integers(i);
  check(values.size() == 1, "input {} has {} elements where one is expected", i, values.size());
  return values[0];
}

std::vector<int64_t> integers_of_rank(const Inference& node, int i, int rank) {
  const auto values = node.integers(i);
  check(values.size() == static_cast<size_t>(rank), "input {} has {} elements for {} axes", i, values.size(),
        rank);
  return values;
}

void expect_same_but(const Shape& a, const Shape& b, int axis) {
  bool same = a.rank() == b.rank();
  for (int i = 0; same && i < a.rank(); ++i) same = i == axis || a[i] == b[i];
  check(same, "shapes {} and {} cannot be joined along axis {}", to_string(a), to_string(b), axis);
}

Shape without(const Shape& shape, int axis) {
  Shape rest;
  for (int i = 0; i < shape.rank(); ++i)
    if (i != axis) rest.push_back(shape[i]);
  return rest;
}

}  // namespace

void infer(const Transpose&, Inference& node) {
  node.expect(2, 2);
  const Shape& in = node.shape(0);
  const auto permutation = integers_of_rank(node, 1, in.rank());
  Shape out;
  bool seen[kMaxRank] = {};
  for (int64_t from : permutation) {
    const int axis = Inference::axis(from, in.rank());
    check(!seen[axis], "axis {} appears twice in the permutation", axis);
    seen[axis] = true;
    out.push_back(in[axis]);
  }
  node.set(0, out);
}

// --- joining and splitting ---

void infer(const Concatenation& op, Inference& node) {
  node.expect(1, node.inputs());
  check(op.activation == Activation::none, "a fused activation is not supported here");
  Shape out = node.shape(0);
  const int axis = Inference::axis(op.axis, out.rank());
  for (int i = 1; i < node.inputs(); ++i) {
    expect_same_but(node.shape(0), node.shape(i), axis);
    out[axis] += node.shape(i)[axis];
    check(out[axis] < int64_t{1} << 62, "the result would be too large");
  }
  node.set(0, out);
}

void infer(const Split& op, Inference& node) {
  node.expect(2, 2, 1, node.outputs());
  Shape part = node.shape(1);
  const int axis = Inference::axis(scalar(node, 0), part.rank());
  const int parts = node.outputs();
  check(op.num_splits == parts, "{} splits but {} outputs", op.num_splits, parts);
  check(part[axis] % parts == 0, "an axis of {} cannot be split into {} equal parts", part[axis], parts);
  part[axis] /= parts;
  for (int i = 0; i < parts; ++i) node.set(i, part);
}

void infer(const SplitV&, Inference& node) {
  node.expect(3, 3, 1, node.outputs());
  Shape part = node.shape(0);
  const int axis = Inference::axis(scalar(node, 2), part.rank());
  auto sizes = integers_of_rank(node, 1, node.outputs());
  int64_t rest = part[axis];
  auto open = sizes.end();
  for (auto size = sizes.begin(); size != sizes.end(); ++size) {
    check(*size >= -1 && (*size != -1 || open == sizes.end()), "a part of size {}", *size);
    if (*size == -1)
      open = size;
    else
      rest -= std::min(*size, rest + 1);  // goes below 0 at most to -1, however large the sizes are
  }
  const bool fits = open == sizes.end() ? rest == 0 : rest >= 0;
  if (open != sizes.end()) *open = rest;
  check(fits, "the parts do not add up to an axis of {}", part[axis]);
  for (int i = 0; i < node.outputs(); ++i) {
    part[axis] = sizes[static_cast<size_t>(i)];
    node.set(i, part);
  }
}

void infer(const Pack& op, Inference& node) {
  node.expect(1, node.inputs());
  const Shape& in = node.shape(0);
  check(op.values_count == node.inputs(), "{} values but {} inputs", op.values_count, node.inputs());
  check(in.rank() < kMaxRank, "{} dimensions cannot become one more", in.rank());
  for (int i = 1; i < node.inputs(); ++i)
    check(node.shape(i) == in, "shapes {} and {} cannot be packed", to_string(in), to_string(node.shape(i)));
  const int axis = Inference::axis(op.axis, in.rank() + 1);
  Shape out;
  for (int i = 0; i <= in.rank(); ++i) {
    if (i == axis) out.push_back(node.inputs());
    if (i < in.rank()) out.push_back(in[i]);
  }
  node.set(0, out);
}

void infer(const Unpack& op, Inference& node) {
  node.expect(1, 1, 0, node.outputs());
  const Shape& in = node.shape(0);
  const int axis = Inference::axis(op.axis, in.rank());
  check(op.num == node.outputs() && in[axis] == op.num, "an axis of {} becomes {} tensors ({} outputs)",
        in[axis], op.num, node.outputs());
  for (int i = 0; i < node.outputs(); ++i) node.set(i, without(in, axis));
}

// --- slices ---

// Begin may be known only when the network runs, as long as the size is known or stands in the file.
void infer(const Slice&, Inference& node) {
  node.expect(3, 3);
  const Shape& in = node.shape(0);
  check(node.shape(1).elements() == in.rank() && node.shape(2).elements() == in.rank(),
        "begin and size have {} and {} elements for {} axes", node.shape(1).elements(),
        node.shape(2).elements(), in.rank());
  const bool knows_begin = node.knows(1), knows_size = node.knows(2);
  const auto begin = knows_begin ? node.integers(1) : std::vector<int64_t>();
  const auto size = knows_size ? node.integers(2) : std::vector<int64_t>();
  if (!knows_size) node.keep(0);
  check(knows_size || node.out().shape.rank() == in.rank(), "{} cannot be a slice of {}",
        to_string(node.out().shape), to_string(in));
  Shape out;
  for (int i = 0; i < in.rank(); ++i) {
    const auto axis = static_cast<size_t>(i);
    const int64_t first = knows_begin ? begin[axis] : 0;
    check(first >= 0 && first <= in[i], "a slice starts at {} of an axis of {}", first, in[i]);
    int64_t extent = knows_size ? size[axis] : node.out().shape[i];
    check(extent != -1 || knows_begin, "the size of a slice depends on where it starts");
    if (extent == -1) extent = in[i] - first;
    check(extent >= 0 && extent <= in[i] - first, "a slice of {} from {} on of an axis of {}", extent, first,
          in[i]);
    out.push_back(extent);
  }
  node.set(0, out);
}

void infer(const StridedSlice& op, Inference& node) {
  node.expect(4, 4);
  node.set(0, slicing_of(op, node.shape(0), node.integers(1), node.integers(2), node.integers(3)).out);
}

void infer(const Reverse&, Inference& node) {
  node.expect(2, 2);
  const Shape& in = node.shape(0);
  bool seen[kMaxRank] = {};
  for (int64_t entry : node.integers(1)) {
    const int axis = Inference::axis(entry, in.rank());
    check(!seen[axis], "axis {} is reversed twice", axis);
    seen[axis] = true;
  }
  node.set(0, in);
}

void infer(const DynamicUpdateSlice&, Inference& node) {
  node.expect(3, 3);
  const Shape &x = node.shape(0), &update = node.shape(1);
  bool fits = update.rank() == x.rank();
  for (int i = 0; fits && i < x.rank(); ++i) fits = update[i] <= x[i];
  check(fits, "an update of shape {} does not fit into {}", to_string(update), to_string(x));
  check(node.shape(2).elements() == x.rank(), "{} start indices for {} axes", node.shape(2).elements(),
        x.rank());
  node.set(0, x);
}

// --- padding ---

void infer(const Pad&, Inference& node) {
  node.expect(2, 3);
  Shape out = node.shape(0);
  const auto paddings = node.integer_pairs(1, out.rank());
  for (int i = 0; i < out.rank(); ++i) {
    const auto axis = static_cast<size_t>(i);
    out[i] += paddings[2 * axis] + paddings[2 * axis + 1];
  }
  if (node.has(2)) check(node.shape(2).elements() == 1, "the padding's value is not a single one");
  node.set(0, out);
}

void infer(const MirrorPad& op, Inference& node) {
  node.expect(2, 2);
  const Shape& in = node.shape(0);
  Shape out = in;
  const auto paddings = node.integer_pairs(1, out.rank());
  for (int i = 0; i < out.rank(); ++i) {
    const int64_t before = paddings[2 * static_cast<size_t>(i)];
    const int64_t after = paddings[2 * static_cast<size_t>(i) + 1];
    const int64_t most = op.mode == MirrorMode::reflect ? in[i] - 1 : in[i];
    check(std::max(before, after) <= std::max<int64_t>(most, 0), "axis {} of {} is padded by {} and {}", i,
          in[i], before, after);
    out[i] += before + after;
  }
  node.set(0, out);
}

// --- repeating ---

void infer(const Tile&, Inference& node) {
  node.expect(2, 2);
  const Shape& in = node.shape(0);
  check(node.shape(1).elements() == in.rank(), "{} multiples for {} axes", node.shape(1).elements(),
        in.rank());
  Shape out;
  if (node.knows(1)) {
    const auto multiples = node.integers(1);
    for (int i = 0; i < in.rank(); ++i) {
      int64_t extent = 0;
      const bool overflow = __builtin_mul_overflow(in[i], multiples[static_cast<size_t>(i)], &extent);
      check(!overflow, "{} repetitions are too many", multiples[static_cast<size_t>(i)]);
      out.push_back(extent);
    }
    return node.set(0, out);
  }
  node.keep(0);
  out = node.out().shape;
  bool whole = out.rank() == in.rank();
  for (int i = 0; whole && i < in.rank(); ++i) whole = in[i] == 0 ? out[i] == 0 : out[i] % in[i] == 0;
  check(whole, "{} does not repeat to {}", to_string(in), to_string(out));
}

void infer(const BroadcastTo&, Inference& node) {
  node.expect(2, 2);
  const Shape& in = node.shape(0);
  if (node.knows(1)) {
    const auto wanted = node.integers(1);
    node.set(0, Shape::checked(std::span<const int64_t>(wanted)));
  } else {
    node.keep(0);
  }
  const Shape& out = node.out().shape;
  check(in.rank() <= out.rank() && broadcast(in, out) == out, "{} cannot be broadcast to {}", to_string(in),
        to_string(out));
}

void infer(const Fill&, Inference& node) {
  node.expect(2, 2);
  check(node.shape(1).elements() == 1, "the value to fill with is not a single one");
  if (!node.knows(0)) return node.keep(0);
  const auto wanted = node.integers(0);
  node.set(0, Shape::checked(std::span<const int64_t>(wanted)));
}

}  // namespace teff
