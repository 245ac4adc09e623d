// For tests of the memory planner: networks as work, with scratch as large as kernels for microcontrollers
// need.
#pragma once

#include <algorithm>
#include <string>

#include "graph/graph.h"
#include "graph/infer.h"
#include "plan/work.h"

namespace teff::testing {

struct Image {
  int32_t height = 1, width = 1, channels = 1;
  int64_t row() const { return static_cast<int64_t>(width) * channels; }
  int64_t bytes() const { return height * row(); }
};

struct Window {
  int32_t kernel = 1, stride = 1, dilation = 1, pad = 0;
};

// Adds steps one by one. Each takes tensors and returns the one that it makes.
class WorkBuilder {
 public:
  Work work;

  int input(const Image& image) {
    const int id = tensor(image);
    work.tensors.back().input = true;
    return id;
  }
  // The same, delivered row by row from outside.
  int camera(const Image& image) {
    WorkStep step = rows("camera", image);
    step.from_outside = true;
    return add(step, image);
  }
  Image image(int id) const { return images_[static_cast<size_t>(id)]; }

  // Height and width have windows of their own; `out` is the result. What two pixels see is written down in
  // scratch for all outputs in turn.
  int conv(int x, const Image& out, const Window& h, const Window& w) {
    const Image in = image(x);
    WorkStep step = rows("CONV_2D", out);
    step.scratch = int64_t{2} * std::min(2, out.width) * h.kernel * w.kernel * in.channels;
    step.reads = {read(x, h)};
    return add(step, out, set_parts(step, 2, w, out));
  }
  // `pixels` a part; 0: a row of one channel after the other.
  int depthwise(int x, const Image& out, const Window& h, const Window& w, int pixels = 0) {
    WorkStep step = rows("DEPTHWISE_CONV_2D", out);
    step.scratch = int64_t{2} * h.kernel * (image(x).width + w.kernel - 1);
    step.reads = {read(x, h)};
    return add(step, out, pixels == 0 ? 0 : set_parts(step, pixels, w, out));
  }
  int pool(int x, const Image& out, const Window& h) {
    if (out.height == 1 && h.kernel == image(x).height) return gather("POOL_2D", x, out);
    WorkStep step = rows("POOL_2D", out);
    step.scratch = int64_t{4} * out.channels;
    step.reads = {read(x, h)};
    return add(step, out);
  }
  // Sums over all rows.
  int gather(const std::string& name, int x, const Image& out) {
    WorkStep step = rows(name, out);
    step.units = image(x).height;
    step.gathers = true;
    step.scratch = int64_t{4} * out.channels;
    step.reads = {read(x, {})};
    return add(step, out);
  }
  // Each row of the result is a sum over one row.
  int mean_of_rows(int x, const Image& out) {
    WorkStep step = rows("MEAN", out);
    step.scratch = int64_t{4} * out.channels;
    step.reads = {read(x, {})};
    return add(step, out);
  }
  // Operands of the image's shape, or vectors that are read for every row.
  int elementwise(const std::string& name, const std::vector<int>& operands, const Image& out) {
    WorkStep step = rows(name, out);
    step.parts = 2;  // which says that bytes are read and written from the first to the last
    step.buffered = true;
    for (int x : operands) {
      step.reads.push_back(read(x, {}));
      if (image(x).bytes() == out.bytes()) {
        step.reads.back().part_bytes = (out.row() + 1) / 2;
      } else {
        step.reads.back() = {.tensor = x, .height = 1, .row_bytes = image(x).bytes()};
      }
    }
    return add(step, out, (out.row() + 1) / 2);
  }
  int whole(const std::string& name, const std::vector<int>& operands, const Image& out,
            int64_t scratch = 0) {
    WorkStep step{.name = name, .scratch = scratch};
    for (int x : operands) step.reads.push_back({.tensor = x, .row_bytes = image(x).bytes()});
    step.writes = {{.tensor = tensor(out), .row_bytes = out.bytes()}};
    work.steps.push_back(step);
    return step.writes[0].tensor;
  }
  void output(int id) { work.tensors[static_cast<size_t>(id)].output = true; }
  // The same bytes under another shape.
  int reshaped(int id) const { return id; }

 private:
  int tensor(const Image& image) {
    images_.push_back(image);
    work.tensors.push_back({.bytes = image.bytes(), .align = 4});
    return static_cast<int>(images_.size()) - 1;
  }
  static WorkStep rows(const std::string& name, const Image& out) {
    return {.name = name, .units = out.height, .by_rows = true};
  }
  // Returns the bytes that a part writes.
  int64_t set_parts(WorkStep& step, int pixels, const Window& w, const Image& out) const {
    WorkRead& read = step.reads[0];
    const int64_t channels = image(read.tensor).channels;
    const int64_t reach = int64_t{w.kernel - 1} * w.dilation + 1;
    step.parts = (out.width + pixels - 1) / pixels;
    step.buffered = true;
    read.part_bytes = pixels * w.stride * channels;
    read.part_before = w.pad * channels;
    read.part_after = std::max<int64_t>(reach - w.pad - w.stride, 0) * channels;
    return int64_t{pixels} * out.channels;
  }
  WorkRead read(int x, const Window& w) const {
    return {.tensor = x,
            .height = image(x).height,
            .row_bytes = image(x).row(),
            .kernel = w.kernel,
            .stride = w.stride,
            .dilation = w.dilation,
            .pad = w.pad};
  }
  int add(WorkStep& step, const Image& out, int64_t part_bytes = 0) {
    step.name += '#';  // (g++ 12 warns of a literal + a string where it optimizes)
    step.name += std::to_string(work.steps.size());
    step.writes = {
        {.tensor = tensor(out), .height = out.height, .row_bytes = out.row(), .part_bytes = part_bytes}};
    work.steps.push_back(step);
    return step.writes[0].tensor;
  }

  std::vector<Image> images_;
};

inline Image image_of(const Tensor& tensor) {
  const Shape& s = tensor.shape;
  const auto extent = [](int64_t n) { return static_cast<int32_t>(n); };
  if (s.rank() == 4 && s[0] == 1) return {extent(s[1]), extent(s[2]), extent(s[3])};
  return {1, 1, extent(s.elements())};
}

// The int8 part of an image network: floats at its ends are left out.
class GraphWork {
 public:
  explicit GraphWork(const Graph& graph) : graph_(graph), ids_(graph.tensors.size(), -1) {
    for (TensorId id : graph.inputs)
      if (graph.tensor(id).type == Type::s8) id_of(id) = builder_.input(image_of(graph.tensor(id)));
    for (const Node& node : graph.nodes) add(node);
    builder_.output(last_);
  }
  Work take() { return std::move(builder_.work); }

 private:
  int& id_of(TensorId id) { return ids_[static_cast<size_t>(id)]; }

  void add(const Node& node) {
    const TensorId y = node.outputs[0];
    const std::string name(op_name(node.op));
    if (name == "QUANTIZE") {
      id_of(y) = builder_.input(image_of(graph_.tensor(y)));
    } else if (name != "DEQUANTIZE") {
      id_of(y) = last_ =
          std::visit([&](const auto& op) { return make(op, node, image_of(graph_.tensor(y))); }, node.op);
    }
  }

  template <class Op>
  static Window vertical(const Op& op, int64_t in, int64_t kernel, int dilation) {
    const auto [out, pad] =
        window_axis(in, kernel, op.stride_h, dilation, op.padding, op.pads.top, op.pads.bottom);
    return {static_cast<int32_t>(kernel), op.stride_h, dilation, static_cast<int32_t>(pad)};
  }
  template <class Op>
  static Window horizontal(const Op& op, int64_t in, int64_t kernel, int dilation) {
    const auto [out, pad] =
        window_axis(in, kernel, op.stride_w, dilation, op.padding, op.pads.left, op.pads.right);
    return {static_cast<int32_t>(kernel), op.stride_w, dilation, static_cast<int32_t>(pad)};
  }

  int make(const Conv2D& op, const Node& node, const Image& out) {
    const Shape &x = graph_.tensor(node.inputs[0]).shape, &w = graph_.tensor(node.inputs[1]).shape;
    return builder_.conv(id_of(node.inputs[0]), out, vertical(op, x[1], w[1], op.dilation_h),
                         horizontal(op, x[2], w[2], op.dilation_w));
  }
  int make(const DepthwiseConv2D& op, const Node& node, const Image& out) {
    const Shape &x = graph_.tensor(node.inputs[0]).shape, &w = graph_.tensor(node.inputs[1]).shape;
    return builder_.depthwise(id_of(node.inputs[0]), out, vertical(op, x[1], w[1], op.dilation_h),
                              horizontal(op, x[2], w[2], op.dilation_w));
  }
  int make(const Pool2D& op, const Node& node, const Image& out) {
    const Shape& x = graph_.tensor(node.inputs[0]).shape;
    return builder_.pool(id_of(node.inputs[0]), out, vertical(op, x[1], op.filter_height, 1));
  }
  int make(const Reduce&, const Node& node, const Image& out) {
    const int x = id_of(node.inputs[0]);
    const Image in = builder_.image(x);
    if (in.channels != out.channels) return builder_.whole("MEAN", {x}, out);
    if (in.height == out.height) return builder_.mean_of_rows(x, out);
    return builder_.gather("MEAN", x, out);
  }
  int make(const Reshape&, const Node& node, const Image&) { return id_of(node.inputs[0]); }
  int make(const Binary&, const Node& node, const Image& out) { return elementwise(node, out); }
  int make(const Unary&, const Node& node, const Image& out) { return elementwise(node, out); }

  int elementwise(const Node& node, const Image& out) {
    return builder_.elementwise(std::string(op_name(node.op)), computed(node), out);
  }
  template <class Op>
  int make(const Op&, const Node& node, const Image& out) {
    return builder_.whole(std::string(op_name(node.op)), computed(node), out);
  }
  std::vector<int> computed(const Node& node) {
    std::vector<int> ids;
    for (TensorId id : node.inputs)
      if (id != kNoTensor && id_of(id) >= 0) ids.push_back(id_of(id));
    return ids;
  }

  const Graph& graph_;
  WorkBuilder builder_;
  std::vector<int> ids_;
  int last_ = -1;
};

}  // namespace teff::testing
