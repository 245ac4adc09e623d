#!/usr/bin/env python3
"""Writes features.tflite with TFLite's own schema classes (pip install ai-edge-litert flatbuffers numpy): one of
everything that the reader knows, so that it is tested against files that our own writer did not write."""
import sys

import ai_edge_litert.schema_py_generated as schema
import flatbuffers
import numpy as np


def make(cls, **fields):
    table = cls()
    for name, value in fields.items():
        assert hasattr(table, name), (cls, name)
        setattr(table, name, value)
    return table


def ints(*values):
    return np.array(values, np.int32)


def code(deprecated, builtin, version=1, custom=None):
    return make(schema.OperatorCodeT, deprecatedBuiltinCode=deprecated, builtinCode=builtin, version=version,
                customCode=custom)


def tensor(name, shape, type_, buffer=0, **more):
    return make(schema.TensorT, name=name, shape=ints(*shape), type=type_, buffer=buffer, **more)


def quantization(**fields):
    return make(schema.QuantizationParametersT, **fields)


def sparse_dimension(segments, indices):
    return make(schema.DimensionMetadataT, format=schema.DimensionType.SPARSE_CSR,
                arraySegmentsType=schema.SparseIndexVector.Uint8Vector,
                arraySegments=make(schema.Uint8VectorT, values=np.array(segments, np.uint8)),
                arrayIndicesType=schema.SparseIndexVector.Uint16Vector,
                arrayIndices=make(schema.Uint16VectorT, values=np.array(indices, np.uint16)))


def main_graph():
    tensors = [
        tensor("input", [1, 2], schema.TensorType.INT8, shapeSignature=ints(-1, 2),
               quantization=quantization(scale=np.float32([0.5]), zeroPoint=np.int64([-3]))),
        tensor("weights", [3, 2], schema.TensorType.INT8, buffer=1,
               quantization=quantization(scale=np.float32([1, 2, 4]), zeroPoint=np.int64([0, 0, 0]),
                                         quantizedDimension=0)),
        tensor("outside", [3], schema.TensorType.INT32, buffer=2),
        tensor("state", [1, 3], schema.TensorType.FLOAT32, isVariable=True),
        tensor("sparse", [2, 4], schema.TensorType.FLOAT32, buffer=3,
               sparsity=make(schema.SparsityParametersT, traversalOrder=ints(0, 1), blockMap=ints(),
                             dimMetadata=[make(schema.DimensionMetadataT, denseSize=2),
                                          sparse_dimension([0, 1, 2], [3, 0])])),
        tensor("blocks", [2, 4], schema.TensorType.INT4, buffer=4,
               quantization=quantization(
                   detailsType=schema.QuantizationDetails.BlockwiseQuantization,
                   details=make(schema.BlockwiseQuantizationT, scales=6, zeroPoints=-1, blockSize=2))),
        tensor("block scales", [2, 2], schema.TensorType.FLOAT16, buffer=5),
        tensor("nothing", [0, 7], schema.TensorType.INT64, buffer=6),
        tensor("output", [1, 3], schema.TensorType.INT8, hasRank=True),
    ]
    operators = [
        make(schema.OperatorT, opcodeIndex=0, inputs=ints(0, 1, -1), outputs=ints(8), intermediates=ints(3),
             builtinOptionsType=schema.BuiltinOptions.FullyConnectedOptions,
             builtinOptions=make(schema.FullyConnectedOptionsT, fusedActivationFunction=3, keepNumDims=True)),
        make(schema.OperatorT, opcodeIndex=1, inputs=ints(8, 2), outputs=ints(8)),
        make(schema.OperatorT, opcodeIndex=2, inputs=ints(8), outputs=ints(8),
             customOptions=np.frombuffer(b"flex", np.uint8)),
        make(schema.OperatorT, opcodeIndex=2, inputs=ints(8), outputs=ints(8), largeCustomOptionsOffset=1 << 40,
             largeCustomOptionsSize=5),
        make(schema.OperatorT, opcodeIndex=3, inputs=ints(8), outputs=ints(8),
             builtinOptions2Type=schema.BuiltinOptions2.StablehloShiftLeftOptions,
             builtinOptions2=schema.StablehloShiftLeftOptionsT()),
        make(schema.OperatorT, opcodeIndex=4, inputs=ints(0), outputs=ints(),
             builtinOptionsType=schema.BuiltinOptions.CallOnceOptions,
             builtinOptions=make(schema.CallOnceOptionsT, initSubgraphIndex=1)),
    ]
    return make(schema.SubGraphT, name="main", tensors=tensors, inputs=ints(0), outputs=ints(8),
                operators=operators)


def model():
    init = make(schema.SubGraphT, name="init", tensors=[], inputs=ints(), outputs=ints(), operators=[])

    def buffer(array):
        return make(schema.BufferT, data=np.frombuffer(array.tobytes(), np.uint8))

    buffers = [
        schema.BufferT(),
        buffer(np.int8([1, 2, 3, 4, 5, 6])),
        make(schema.BufferT, offset=1 << 40, size=12),
        buffer(np.float32([5, 6])),
        buffer(np.uint8([0x21, 0x43, 0x65, 0x87])),
        buffer(np.float16([0.5, 1, 1.5, 2])),
        schema.BufferT(),
        buffer(np.frombuffer(b"1.14.0", np.uint8)),
    ]
    signature = make(schema.SignatureDefT, signatureKey="serve", subgraphIndex=0,
                     inputs=[make(schema.TensorMapT, name="x", tensorIndex=0)],
                     outputs=[make(schema.TensorMapT, name="y", tensorIndex=8)])
    return make(schema.ModelT, version=3, description="features", buffers=buffers,
                operatorCodes=[code(9, 0, 5), code(127, 145, 2), code(32, 32, 1, "Mystery"), code(127, 207),
                               code(127, 129)],
                subgraphs=[main_graph(), init], signatureDefs=[signature],
                metadata=[make(schema.MetadataT, name="min_runtime_version", buffer=7)])


def packed(value):
    builder = flatbuffers.Builder(1024)
    builder.Finish(value.Pack(builder), b"TFL3")
    return bytes(builder.Output())


value = model()
behind = len(packed(value))  # what stands outside of the flatbuffer begins here
value.buffers[2].offset = behind
value.subgraphs[0].operators[3].largeCustomOptionsOffset = behind + 12
with open(sys.argv[1], "wb") as file:
    file.write(packed(value) + np.int32([7, 8, 9]).tobytes() + b"large")
