// The operators of a graph: one struct each, holding what is fixed when the network is written down.
//
// A struct's `fields` lists its members once, by the names of TFLite's options; reading and writing files,
// printing and comparing all go through it. Inputs are described as in the comments: shapes are NHWC, [] is
// left out at will. docs/adding-an-operator.md says how a new one comes in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "core/types.h"

namespace teff {

// The numbers are TFLite's.
enum class Padding : int8_t { same = 0, valid = 1, given = 2 };  // given: in Pads
enum class Activation : int8_t { none = 0, relu = 1, relu_n1_to_1 = 2, relu6 = 3, tanh = 4, sign_bit = 5 };

struct Pads {
  int top = 0, left = 0, bottom = 0, right = 0;
  bool operator==(const Pads&) const = default;
};

// The members that several operators share.
inline void window_fields(auto& op, auto&& f) {
  f("padding", op.padding), f("stride_w", op.stride_w), f("stride_h", op.stride_h);
}
inline void dilation_fields(auto& op, auto&& f) {
  f("dilation_w_factor", op.dilation_w), f("dilation_h_factor", op.dilation_h);
}
inline void activation_field(auto& op, auto&& f) { f("fused_activation_function", op.activation); }

// --- windows that slide over height and width ---

struct Conv2D {  // x [N,H,W,C], weights [O,kh,kw,C/groups], [bias [O]]
  Padding padding = Padding::same;
  int stride_w = 1, stride_h = 1, dilation_w = 1, dilation_h = 1;
  Activation activation = Activation::none;
  Pads pads{};                           // when padding is `given`
  Type quantized_bias_type = Type::s64;  // of an int16 network's bias where there is none: how wide sums are
  static void fields(auto& op, auto&& f) {
    window_fields(op, f), dilation_fields(op, f), activation_field(op, f),
        f("quantized_bias_type", op.quantized_bias_type);
  }
};
struct DepthwiseConv2D {  // x [N,H,W,C], weights [1,kh,kw,C*multiplier], [bias]
  Padding padding = Padding::same;
  int stride_w = 1, stride_h = 1, dilation_w = 1, dilation_h = 1, depth_multiplier = 1;
  Activation activation = Activation::none;
  Pads pads{};
  static void fields(auto& op, auto&& f) {
    window_fields(op, f), dilation_fields(op, f), f("depth_multiplier", op.depth_multiplier),
        activation_field(op, f);
  }
};
struct TransposeConv {  // output shape [4], weights [O,kh,kw,C], x [N,H,W,C], [bias]
  Padding padding = Padding::same;
  int stride_w = 1, stride_h = 1;
  Activation activation = Activation::none;
  static void fields(auto& op, auto&& f) { window_fields(op, f), activation_field(op, f); }
};
struct TransposeConvBias {  // MediaPipe's Convolution2DTransposeBias: x, weights [O,kh,kw,C], bias
  Padding padding = Padding::same;
  int stride_w = 1, stride_h = 1;
  static void fields(auto& op, auto&& f) { window_fields(op, f); }
};
enum class PoolKind : int8_t { average, max, l2 };
struct Pool2D {  // x
  PoolKind kind = PoolKind::max;
  Padding padding = Padding::same;
  int stride_w = 1, stride_h = 1, filter_width = 1, filter_height = 1;
  Activation activation = Activation::none;
  Pads pads{};
  static void fields(auto& op, auto&& f) {
    window_fields(op, f), f("filter_width", op.filter_width), f("filter_height", op.filter_height),
        activation_field(op, f);
  }
};
struct ResizeBilinear {  // x, size [2]
  bool align_corners = false, half_pixel_centers = false;
  static void fields(auto& op, auto&& f) {
    f("align_corners", op.align_corners), f("half_pixel_centers", op.half_pixel_centers);
  }
};
struct ResizeNearest {  // x, size [2]
  bool align_corners = false, half_pixel_centers = false;
  static void fields(auto& op, auto&& f) {
    f("align_corners", op.align_corners), f("half_pixel_centers", op.half_pixel_centers);
  }
};

// --- matrices ---

struct FullyConnected {  // x [...,C], weights [O,C], [bias [O]]
  Activation activation = Activation::none;
  bool keep_num_dims = false, asymmetric_quantize_inputs = false;
  int weights_format = 0;
  Type quantized_bias_type = Type::s64;  // as Conv2D's
  static void fields(auto& op, auto&& f) {
    activation_field(op, f), f("keep_num_dims", op.keep_num_dims),
        f("asymmetric_quantize_inputs", op.asymmetric_quantize_inputs),
        f("weights_format", op.weights_format), f("quantized_bias_type", op.quantized_bias_type);
  }
};
struct BatchMatMul {  // a [...,M,K], b [...,K,N]
  bool adj_x = false, adj_y = false, asymmetric_quantize_inputs = false;
  static void fields(auto& op, auto&& f) {
    f("adj_x", op.adj_x), f("adj_y", op.adj_y),
        f("asymmetric_quantize_inputs", op.asymmetric_quantize_inputs);
  }
};
struct EmbeddingLookup {};  // ids [n], table [rows,...]

// --- element by element ---

enum class UnaryKind : int8_t {
  abs,
  ceil,
  cos,
  elu,
  exp,
  floor,
  hard_swish,
  log,
  logical_not,
  logistic,
  neg,
  relu,
  relu6,
  relu_n1_to_1,
  relu_0_to_1,
  round,
  rsqrt,
  sign,
  sin,
  sqrt,
  square,
  tanh,
  zeros_like
};
struct Unary {  // x
  UnaryKind kind = UnaryKind::abs;
};
struct LeakyRelu {  // x
  float alpha = 0;
  static void fields(auto& op, auto&& f) { f("alpha", op.alpha); }
};
struct Gelu {  // x
  bool approximate = false;
  static void fields(auto& op, auto&& f) { f("approximate", op.approximate); }
};
struct Prelu {};  // x, alpha (broadcast)
enum class BinaryKind : int8_t {
  add,
  sub,
  mul,
  div,
  maximum,
  minimum,
  squared_difference,
  floor_div,
  floor_mod,
  pow,
  atan2,
  equal,
  not_equal,
  greater,
  greater_equal,
  less,
  less_equal,
  logical_and,
  logical_or
};
struct Binary {  // a, b (broadcast)
  BinaryKind kind = BinaryKind::add;
  Activation activation = Activation::none;
  bool pot_scale_int16 = true;
  static void fields(auto& op, auto&& f) {
    activation_field(op, f), f("pot_scale_int16", op.pot_scale_int16);
  }
};
struct AddN {};        // a, b, ...
struct Select {};      // condition, a, b (broadcast)
struct SelectV1 {};    // condition of rank 0, 1 (a row each) or a's shape; a, b of one shape
struct Cast {};        // x; the types are the tensors'
struct Quantize {};    // x
struct Dequantize {};  // x
struct Densify {};     // a sparse constant

// --- along axes ---

struct Softmax {  // x
  float beta = 1;
  static void fields(auto& op, auto&& f) { f("beta", op.beta); }
};
struct LogSoftmax {};     // x
struct L2Normalization {  // x
  Activation activation = Activation::none;
  static void fields(auto& op, auto&& f) { activation_field(op, f); }
};
enum class ReduceKind : int8_t { mean, sum, prod, max, min, any, all };
struct Reduce {  // x, axes
  ReduceKind kind = ReduceKind::mean;
  bool keep_dims = false;
  static void fields(auto& op, auto&& f) { f("keep_dims", op.keep_dims); }
};
enum class ArgKind : int8_t { max, min };
struct ArgReduce {  // x, axis
  ArgKind kind = ArgKind::max;
  Type output_type = Type::s64;
  static void fields(auto& op, auto&& f) { f("output_type", op.output_type); }
};
struct CumSum {  // x, axis
  bool exclusive = false, reverse = false;
  static void fields(auto& op, auto&& f) { f("exclusive", op.exclusive), f("reverse", op.reverse); }
};

// --- moving data ---

struct Reshape {  // x, [shape]
  std::vector<int64_t> new_shape;
  static void fields(auto& op, auto&& f) { f("new_shape", op.new_shape); }
};
struct Squeeze {  // x
  std::vector<int64_t> squeeze_dims;
  static void fields(auto& op, auto&& f) { f("squeeze_dims", op.squeeze_dims); }
};
struct ExpandDims {};   // x, axis
struct Transpose {};    // x, permutation
struct Concatenation {  // a, b, ...
  int axis = 0;
  Activation activation = Activation::none;
  static void fields(auto& op, auto&& f) { f("axis", op.axis), activation_field(op, f); }
};
struct Split {  // axis, x
  int num_splits = 0;
  static void fields(auto& op, auto&& f) { f("num_splits", op.num_splits); }
};
struct SplitV {  // x, sizes, axis
  int num_splits = 0;
  static void fields(auto& op, auto&& f) { f("num_splits", op.num_splits); }
};
struct Pack {  // a, b, ...
  int values_count = 0, axis = 0;
  static void fields(auto& op, auto&& f) { f("values_count", op.values_count), f("axis", op.axis); }
};
struct Unpack {  // x
  int num = 0, axis = 0;
  static void fields(auto& op, auto&& f) { f("num", op.num), f("axis", op.axis); }
};
struct Slice {};       // x, begin, size
struct StridedSlice {  // x, begin, end, strides
  int begin_mask = 0, end_mask = 0, ellipsis_mask = 0, new_axis_mask = 0, shrink_axis_mask = 0;
  bool offset = false;
  static void fields(auto& op, auto&& f) {
    f("begin_mask", op.begin_mask), f("end_mask", op.end_mask), f("ellipsis_mask", op.ellipsis_mask),
        f("new_axis_mask", op.new_axis_mask), f("shrink_axis_mask", op.shrink_axis_mask),
        f("offset", op.offset);
  }
};
struct Gather {  // x, indices
  int axis = 0, batch_dims = 0;
  static void fields(auto& op, auto&& f) { f("axis", op.axis), f("batch_dims", op.batch_dims); }
};
struct GatherNd {};  // x, indices
struct Tile {};      // x, multiples
struct Pad {};       // x, paddings [rank,2], [value]
enum class MirrorMode : int8_t { reflect = 0, symmetric = 1 };
struct MirrorPad {  // x, paddings
  MirrorMode mode = MirrorMode::reflect;
  static void fields(auto& op, auto&& f) { f("mode", op.mode); }
};
struct Reverse {};     // x, axes
struct SpaceToDepth {  // x
  int block_size = 1;
  static void fields(auto& op, auto&& f) { f("block_size", op.block_size); }
};
struct DepthToSpace {  // x
  int block_size = 1;
  static void fields(auto& op, auto&& f) { f("block_size", op.block_size); }
};
struct SpaceToBatch {};        // x, block, paddings
struct BatchToSpace {};        // x, block, crops
struct BroadcastTo {};         // x, shape
struct Fill {};                // shape, value
struct DynamicUpdateSlice {};  // x, update, start

// --- shapes as data ---

struct ShapeOf {  // x
  Type out_type = Type::s32;
  static void fields(auto& op, auto&& f) { f("out_type", op.out_type); }
};
struct Rank {};           // x
struct BroadcastArgs {};  // shape, shape
struct RangeOf {};        // start, limit, delta (scalars)

// --- sequences and state ---

struct Lstm {  // TFLite's 20 or 24 inputs; see kernels/c/lstm.h
  Activation activation = Activation::tanh;
  float cell_clip = 0, proj_clip = 0;
  bool time_major = false, asymmetric_quantize_inputs = false, diagonal_recurrent_tensors = false;
  static void fields(auto& op, auto&& f) {
    activation_field(op, f), f("cell_clip", op.cell_clip), f("proj_clip", op.proj_clip),
        f("time_major", op.time_major), f("asymmetric_quantize_inputs", op.asymmetric_quantize_inputs),
        f("diagonal_recurrent_tensors", op.diagonal_recurrent_tensors);
  }
};
struct BidirectionalLstm {  // TFLite's 48 inputs
  Activation activation = Activation::tanh;
  float cell_clip = 0, proj_clip = 0;
  bool merge_outputs = false, time_major = true, asymmetric_quantize_inputs = false;
  static void fields(auto& op, auto&& f) {
    activation_field(op, f), f("cell_clip", op.cell_clip), f("proj_clip", op.proj_clip),
        f("merge_outputs", op.merge_outputs), f("time_major", op.time_major),
        f("asymmetric_quantize_inputs", op.asymmetric_quantize_inputs);
  }
};
struct LstmStep {  // TFLite's LSTM: one step; kernel_type 0: the 20 or 24 inputs, 1 (BASIC): x, h, weights,
                   // bias, c
  Activation activation = Activation::tanh;
  float cell_clip = 0, proj_clip = 0;
  int kernel_type = 0;
  bool asymmetric_quantize_inputs = false;
  static void fields(auto& op, auto&& f) {
    activation_field(op, f), f("cell_clip", op.cell_clip), f("proj_clip", op.proj_clip),
        f("kernel_type", op.kernel_type), f("asymmetric_quantize_inputs", op.asymmetric_quantize_inputs);
  }
};
struct Svdf {  // x, weights in features, weights in time, [bias], state
  int rank = 1;
  Activation activation = Activation::none;
  bool asymmetric_quantize_inputs = false;
  static void fields(auto& op, auto&& f) {
    f("rank", op.rank), activation_field(op, f),
        f("asymmetric_quantize_inputs", op.asymmetric_quantize_inputs);
  }
};
struct VarHandle {  // none
  std::string container, shared_name;
  static void fields(auto& op, auto&& f) { f("container", op.container), f("shared_name", op.shared_name); }
};
struct ReadVariable {};    // handle
struct AssignVariable {};  // handle, value
struct CallOnce {          // none
  int init_subgraph_index = 0;
  static void fields(auto& op, auto&& f) { f("init_subgraph_index", op.init_subgraph_index); }
};
struct If {  // condition, arguments...
  int then_subgraph_index = 0, else_subgraph_index = 0;
  static void fields(auto& op, auto&& f) {
    f("then_subgraph_index", op.then_subgraph_index), f("else_subgraph_index", op.else_subgraph_index);
  }
};
struct While {  // arguments...
  int cond_subgraph_index = 0, body_subgraph_index = 0;
  static void fields(auto& op, auto&& f) {
    f("cond_subgraph_index", op.cond_subgraph_index), f("body_subgraph_index", op.body_subgraph_index);
  }
};
struct CircularBuffer {  // TFLite Micro's custom operator: x [1,1,..]; keeps the last rows
  int cycles_max = 0;
  static void fields(auto& op, auto&& f) { f("cycles_max", op.cycles_max); }
};

using AnyOp = std::variant<Conv2D, DepthwiseConv2D, TransposeConv, TransposeConvBias, Pool2D, ResizeBilinear,
                           ResizeNearest, FullyConnected, BatchMatMul, EmbeddingLookup, Unary, LeakyRelu,
                           Gelu, Prelu, Binary, AddN, Select, SelectV1, Cast, Quantize, Dequantize, Densify,
                           Softmax, LogSoftmax, L2Normalization, Reduce, ArgReduce, CumSum, Reshape, Squeeze,
                           ExpandDims, Transpose, Concatenation, Split, SplitV, Pack, Unpack, Slice,
                           StridedSlice, Gather, GatherNd, Tile, Pad, MirrorPad, Reverse, SpaceToDepth,
                           DepthToSpace, SpaceToBatch, BatchToSpace, BroadcastTo, Fill, DynamicUpdateSlice,
                           ShapeOf, Rank, BroadcastArgs, RangeOf, Lstm, BidirectionalLstm, LstmStep, Svdf,
                           VarHandle, ReadVariable, AssignVariable, CallOnce, If, While, CircularBuffer>;

// One of them. How it is copied and destroyed stands in ops.cc: a variant of some seventy types needs
// thousands of functions for that, and every file that holds a graph would compile them again.
struct Op : AnyOp {
  using AnyOp::AnyOp;
  Op();
  Op(const Op&);
  Op(Op&&) noexcept;
  Op& operator=(const Op&);
  Op& operator=(Op&&) noexcept;
  ~Op();
};

// "CONV_2D", "RELU": the operator's name in TFLite, also for operators that came from elsewhere.
std::string_view op_name(const Op& op);

// Calls f(name, member) for each member of an operator that a file records. What tells operators of one
// struct apart (the kind of a Unary) is not a field: it is part of the operator's name.
void fields(auto& op, auto&& f) {
  using Operator = std::remove_cvref_t<decltype(op)>;
  if constexpr (requires { Operator::fields(op, f); }) Operator::fields(op, f);
}

}  // namespace teff
