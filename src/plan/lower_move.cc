// Operators that put elements somewhere else: each is a copy or a few, told apart by their strides.
#include "graph/infer.h"
#include "graph/slicing.h"
#include "plan/copy.h"
#include "plan/lower.h"

namespace teff {
namespace {

// The type of what is moved: that of the output and of every input from `first` to before `last`.
Type moved_type(const Lowering& node, int first = 0, int last = 1) {
  const Type type = node.out().type;
  bool same = true;
  for (int i = first; i < last; ++i) same = same && node.in(i).type == type;
  for (int i = 1; i < node.outputs(); ++i) same = same && node.out(i).type == type;
  if (!same) node.unsupported("what is moved has to be of one type");
  if (bits_of(type) < 8) node.unsupported("only types of whole bytes can be moved");
  return type;
}

// A part of the input, from `begin` on along an axis, that becomes the whole of an output.
void add_part(Lowering& node, Type type, int input, int output, int axis, int64_t begin) {
  const Shape &in = node.in(input).shape, &out = node.out(output).shape;
  Box box = box_of(out, in, out);
  box.from_offset = begin * strides_of(in)[static_cast<size_t>(axis)];
  add_copy(node, type, box, node.input(input), node.output(output));
}

// Joins all inputs along an axis of the output; each takes `extent(i)` of it.
void join(Lowering& node, int axis, const Shape& out, auto&& shape_of_input) {
  const Type type = moved_type(node, 0, node.inputs());
  int64_t begin = 0;
  for (int i = 0; i < node.inputs(); ++i) {
    const Shape in = shape_of_input(i);
    Box box = box_of(in, in, out);
    box.to_offset = begin * strides_of(out)[static_cast<size_t>(axis)];
    add_copy(node, type, box, node.input(i), node.output());
    begin += in[axis];
  }
}

void split(Lowering& node, int input, int axis) {
  const Type type = moved_type(node, input, input + 1);
  int64_t begin = 0;
  for (int i = 0; i < node.outputs(); ++i) {
    add_part(node, type, input, i, axis, begin);
    begin += node.out(i).shape[axis];
  }
}

// TFLite Micro does not rescale: int8 has to be quantized alike, int16 has to have its zero at 0.
void expect_same_scale(const Lowering& node) {
  const Quant& to = node.out().quant;
  for (int i = 0; i < node.inputs(); ++i) {
    const Quant& from = node.in(i).quant;
    const bool alike = node.out().type == Type::s16 ? from.zero() == 0 && to.zero() == 0
                                                    : from.zero() == to.zero() && from.scale() == to.scale();
    check(alike,
          "input {} is quantized differently from the output: only int16 with zero points of 0 and "
          "int8 and uint8 with one scale and zero point can be joined",
          i);
  }
}

bool is_small_integer(Type type) { return type == Type::s8 || type == Type::u8 || type == Type::s16; }

}  // namespace

void lower(const Transpose&, Lowering& node) {
  const Type type = moved_type(node);
  const Shape &in = node.in(0).shape, &out = node.out().shape;
  const auto permutation = node.integers(1);
  const auto from = strides_of(in);
  Box box = box_of(out, out, out);
  for (size_t i = 0; i < box.axes.size(); ++i)
    box.axes[i].from = from[static_cast<size_t>(Inference::axis(permutation[i], in.rank()))];
  add_copy(node, type, box, node.input(0), node.output());
}

void lower(const Concatenation& op, Lowering& node) {
  if (is_small_integer(node.out().type)) expect_same_scale(node);
  const Shape& out = node.out().shape;
  join(node, Inference::axis(op.axis, out.rank()), out, [&](int i) { return node.in(i).shape; });
}

void lower(const Pack& op, Lowering& node) {
  const Shape& out = node.out().shape;
  const int axis = Inference::axis(op.axis, out.rank());
  Shape layer = out;
  layer[axis] = 1;
  join(node, axis, out, [&](int) { return layer; });
}

void lower(const Split&, Lowering& node) {
  split(node, 1, Inference::axis(node.integers(0)[0], node.in(1).shape.rank()));
}

void lower(const SplitV&, Lowering& node) {
  split(node, 0, Inference::axis(node.integers(2)[0], node.in(0).shape.rank()));
}

void lower(const Unpack& op, Lowering& node) {
  if (node.outputs() == 0) return;
  const Type type = moved_type(node);
  const Shape& in = node.in(0).shape;
  const int axis = Inference::axis(op.axis, in.rank());
  Shape layer = in;
  layer[axis] = 1;
  for (int i = 0; i < node.outputs(); ++i) {
    Box box = box_of(layer, in, layer);
    box.from_offset = i * strides_of(in)[static_cast<size_t>(axis)];
    add_copy(node, type, box, node.input(0), node.output(i));
  }
}

void lower(const StridedSlice& op, Lowering& node) {
  const Type type = moved_type(node);
  const Shape& in = node.in(0).shape;
  const Slicing slicing = slicing_of(op, in, node.integers(1), node.integers(2), node.integers(3));
  Shape taken;  // the output with its shrunk axes and without new ones
  for (const SlicedAxis& axis : slicing.axes) taken.push_back(axis.count);
  Box box = box_of(taken, in, taken);
  for (size_t i = 0; i < box.axes.size(); ++i) {
    box.from_offset += slicing.axes[i].start * box.axes[i].from;
    box.axes[i].from *= slicing.axes[i].step;
  }
  add_copy(node, type, box, node.input(0), node.output());
}

void lower(const Reverse&, Lowering& node) {
  const Type type = moved_type(node);
  const Shape& shape = node.in(0).shape;
  Box box = box_of(shape, shape, shape);
  for (int64_t entry : node.integers(1)) {
    Box::Axis& axis = box.axes[static_cast<size_t>(Inference::axis(entry, shape.rank()))];
    box.from_offset += (axis.extent - 1) * axis.from;
    axis.from = -axis.from;
  }
  add_copy(node, type, box, node.input(0), node.output());
}

// --- slices whose place is known only when the network runs ---

namespace {

void add_copy_at(Lowering& node, Type type, const Shape& whole, const Shape& part, bool into, bool clamp,
                 Operand from, int index, Operand to) {
  if (part.elements() == 0) return;
  const Shape &read = into ? part : whole, &written = into ? whole : part;
  teff_copy_at_params p{.copy = copy_params(type, box_of(part, read, written), false)};
  p.rank = whole.rank(), p.clamp = clamp, p.into = into;
  const auto strides = strides_of(whole);
  for (int i = 0; i < whole.rank(); ++i) {
    p.most[i] = static_cast<int32_t>(whole[i] - part[i]);
    p.stride[i] = static_cast<int32_t>(strides[static_cast<size_t>(i)]);
  }
  const int64_t units = copy_units(p.copy);
  const double cost = copy_unit_cost(p.copy);
  if (node.in(index).type == Type::s64)
    node.step(KERNEL_ID(copy_at_s64), p, units, cost, from, node.input(index), to);
  else
    node.step(KERNEL_ID(copy_at_s32), p, units, cost, from, node.input(index), to);
}

}  // namespace

void lower(const Slice&, Lowering& node) {
  const Type type = moved_type(node);
  const Shape &in = node.in(0).shape, &out = node.out().shape;
  if (!node.in(1).value().owned())
    return add_copy_at(node, type, in, out, false, false, node.input(0), 1, node.output());
  const auto begin = node.integers(1);
  Box box = box_of(out, in, out);
  for (size_t i = 0; i < box.axes.size(); ++i) box.from_offset += begin[i] * box.axes[i].from;
  add_copy(node, type, box, node.input(0), node.output());
}

void lower(const DynamicUpdateSlice&, Lowering& node) {
  const Type type = moved_type(node, 0, 2);
  const Shape &x = node.in(0).shape, &update = node.in(1).shape;
  add_copy(node, type, box_of(x, x, x), node.input(0), node.output());
  add_copy_at(node, type, x, update, true, true, node.input(1), 2, node.output());
}

// --- repeating ---

void lower(const Tile&, Lowering& node) {
  const Type type = moved_type(node);
  const Shape &in = node.in(0).shape, &out = node.out().shape;
  if (out.elements() == 0) return;
  Box box = box_of(in, in, out);
  const auto strides = strides_of(out);
  for (int i = 0; i < in.rank(); ++i)
    box.axes.push_back({out[i] / in[i], 0, strides[static_cast<size_t>(i)] * in[i]});
  add_copy(node, type, box, node.input(0), node.output());
}

void lower(const BroadcastTo&, Lowering& node) {
  const Type type = moved_type(node);
  const Shape &in = node.in(0).shape, &out = node.out().shape;
  const auto from = strides_of(in);
  Box box = box_of(out, out, out);
  for (int i = 0; i < out.rank(); ++i) {
    const int axis = i - (out.rank() - in.rank());
    const bool repeated = axis < 0 || in[axis] == 1;
    box.axes[static_cast<size_t>(i)].from = repeated ? 0 : from[static_cast<size_t>(axis)];
  }
  add_copy(node, type, box, node.input(0), node.output());
}

void lower(const Fill&, Lowering& node) {
  const Type type = moved_type(node, 1, 2);
  add_copy(node, type, fill_box(node.out().shape, node.out().shape), node.input(1), node.output());
}

}  // namespace teff
