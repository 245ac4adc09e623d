// The shape rule of each operator, by family: rules_window.cc, rules_matrix.cc, ... infer.cc calls the one
// for a node.
#pragma once

#include "graph/infer.h"
#include "graph/ops.h"

namespace teff {

void infer(const Conv2D&, Inference&);
void infer(const DepthwiseConv2D&, Inference&);
void infer(const TransposeConv&, Inference&);
void infer(const TransposeConvBias&, Inference&);
void infer(const Pool2D&, Inference&);
void infer(const ResizeBilinear&, Inference&);
void infer(const ResizeNearest&, Inference&);
void infer(const FullyConnected&, Inference&);
void infer(const BatchMatMul&, Inference&);
void infer(const EmbeddingLookup&, Inference&);
void infer(const Unary&, Inference&);
void infer(const LeakyRelu&, Inference&);
void infer(const Gelu&, Inference&);
void infer(const Prelu&, Inference&);
void infer(const Binary&, Inference&);
void infer(const AddN&, Inference&);
void infer(const Select&, Inference&);
void infer(const SelectV1&, Inference&);
void infer(const Cast&, Inference&);
void infer(const Quantize&, Inference&);
void infer(const Dequantize&, Inference&);
void infer(const Densify&, Inference&);
void infer(const Softmax&, Inference&);
void infer(const LogSoftmax&, Inference&);
void infer(const L2Normalization&, Inference&);
void infer(const Reduce&, Inference&);
void infer(const ArgReduce&, Inference&);
void infer(const CumSum&, Inference&);
void infer(const Reshape&, Inference&);
void infer(const Squeeze&, Inference&);
void infer(const ExpandDims&, Inference&);
void infer(const Transpose&, Inference&);
void infer(const Concatenation&, Inference&);
void infer(const Split&, Inference&);
void infer(const SplitV&, Inference&);
void infer(const Pack&, Inference&);
void infer(const Unpack&, Inference&);
void infer(const Slice&, Inference&);
void infer(const StridedSlice&, Inference&);
void infer(const Gather&, Inference&);
void infer(const GatherNd&, Inference&);
void infer(const Tile&, Inference&);
void infer(const Pad&, Inference&);
void infer(const MirrorPad&, Inference&);
void infer(const Reverse&, Inference&);
void infer(const SpaceToDepth&, Inference&);
void infer(const DepthToSpace&, Inference&);
void infer(const SpaceToBatch&, Inference&);
void infer(const BatchToSpace&, Inference&);
void infer(const BroadcastTo&, Inference&);
void infer(const Fill&, Inference&);
void infer(const DynamicUpdateSlice&, Inference&);
void infer(const ShapeOf&, Inference&);
void infer(const Rank&, Inference&);
void infer(const BroadcastArgs&, Inference&);
void infer(const RangeOf&, Inference&);
void infer(const Lstm&, Inference&);
void infer(const BidirectionalLstm&, Inference&);
void infer(const LstmStep&, Inference&);
void infer(const Svdf&, Inference&);
void infer(const VarHandle&, Inference&);
void infer(const ReadVariable&, Inference&);
void infer(const AssignVariable&, Inference&);
void infer(const CallOnce&, Inference&);
void infer(const If&, Inference&);
void infer(const While&, Inference&);
void infer(const CircularBuffer&, Inference&);

}  // namespace teff
