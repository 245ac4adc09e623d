// How each operator becomes steps, by family: lower_window.cc, lower_matrix.cc, ...
#pragma once

#include "graph/ops.h"
#include "plan/lowering.h"

namespace teff {

void lower(const Conv2D&, Lowering&);
void lower(const DepthwiseConv2D&, Lowering&);
void lower(const TransposeConv&, Lowering&);
void lower(const TransposeConvBias&, Lowering&);
void lower(const Pool2D&, Lowering&);
void lower(const ResizeBilinear&, Lowering&);
void lower(const ResizeNearest&, Lowering&);
void lower(const FullyConnected&, Lowering&);
void lower(const BatchMatMul&, Lowering&);
void lower(const EmbeddingLookup&, Lowering&);
void lower(const Unary&, Lowering&);
void lower(const LeakyRelu&, Lowering&);
void lower(const Gelu&, Lowering&);
void lower(const Prelu&, Lowering&);
void lower(const Binary&, Lowering&);
void lower(const AddN&, Lowering&);
void lower(const Select&, Lowering&);
void lower(const SelectV1&, Lowering&);
void lower(const Cast&, Lowering&);
void lower(const Quantize&, Lowering&);
void lower(const Dequantize&, Lowering&);
void lower(const Densify&, Lowering&);
void lower(const Softmax&, Lowering&);
void lower(const LogSoftmax&, Lowering&);
void lower(const L2Normalization&, Lowering&);
void lower(const Reduce&, Lowering&);
void lower(const ArgReduce&, Lowering&);
void lower(const CumSum&, Lowering&);
void lower(const Reshape&, Lowering&);
void lower(const Squeeze&, Lowering&);
void lower(const ExpandDims&, Lowering&);
void lower(const Transpose&, Lowering&);
void lower(const Concatenation&, Lowering&);
void lower(const Split&, Lowering&);
void lower(const SplitV&, Lowering&);
void lower(const Pack&, Lowering&);
void lower(const Unpack&, Lowering&);
void lower(const Slice&, Lowering&);
void lower(const StridedSlice&, Lowering&);
void lower(const Gather&, Lowering&);
void lower(const GatherNd&, Lowering&);
void lower(const Tile&, Lowering&);
void lower(const Pad&, Lowering&);
void lower(const MirrorPad&, Lowering&);
void lower(const Reverse&, Lowering&);
void lower(const SpaceToDepth&, Lowering&);
void lower(const DepthToSpace&, Lowering&);
void lower(const SpaceToBatch&, Lowering&);
void lower(const BatchToSpace&, Lowering&);
void lower(const BroadcastTo&, Lowering&);
void lower(const Fill&, Lowering&);
void lower(const DynamicUpdateSlice&, Lowering&);
void lower(const ShapeOf&, Lowering&);
void lower(const Rank&, Lowering&);
void lower(const BroadcastArgs&, Lowering&);
void lower(const RangeOf&, Lowering&);
void lower(const Lstm&, Lowering&);
void lower(const BidirectionalLstm&, Lowering&);
void lower(const LstmStep&, Lowering&);
void lower(const Svdf&, Lowering&);
void lower(const VarHandle&, Lowering&);
void lower(const ReadVariable&, Lowering&);
void lower(const AssignVariable&, Lowering&);
void lower(const CallOnce&, Lowering&);
void lower(const If&, Lowering&);
void lower(const While&, Lowering&);
void lower(const CircularBuffer&, Lowering&);

}  // namespace teff
