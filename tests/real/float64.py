"""A TFLite network of floats in float64: what its results would be if computing had no rounding errors.

It says who is wrong where two programs in float32 do not agree. It knows the operators of the networks in which
that happened; others raise KeyError. Written down after TFLite's documentation, as plainly as numpy allows.
"""
import numpy as np
from ai_edge_litert import schema_py_generated as schema

TYPES = {schema.TensorType.FLOAT32: np.float32, schema.TensorType.FLOAT16: np.float16,
         schema.TensorType.INT32: np.int32, schema.TensorType.BOOL: np.bool_}
NAMES = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}


def evaluate(model, x):
    """The outputs for one input."""
    file = schema.ModelT.InitFromPackedBuf(model.read_bytes(), 0)
    graph = file.subgraphs[0]
    values = {i: constant(file, tensor) for i, tensor in enumerate(graph.tensors)}
    values[-1] = None
    values[graph.inputs[0]] = x.astype(np.float64)
    for op in graph.operators:
        name = operator_name(file.operatorCodes[op.opcodeIndex])
        result = OPERATORS[name](options_of(op), *[values[i] for i in op.inputs])
        values[op.outputs[0]] = activated(result, getattr(op.builtinOptions, "fusedActivationFunction", 0))
    return [values[i] for i in graph.outputs]


def constant(file, tensor):
    data = file.buffers[tensor.buffer].data
    if data is None or len(data) == 0:
        return None
    values = np.frombuffer(bytes(data), TYPES[tensor.type]).reshape(tensor.shape)
    return values.astype(np.float64) if values.dtype.kind == "f" else values


def operator_name(code):
    number = max(code.builtinCode, code.deprecatedBuiltinCode)
    return code.customCode.decode() if number == schema.BuiltinOperator.CUSTOM else NAMES[number]


def options_of(op):
    return op.builtinOptions if op.customOptions is None else np.frombuffer(bytes(op.customOptions), np.int32)


def activated(y, activation):
    return {0: lambda: y, 1: lambda: np.maximum(y, 0), 3: lambda: np.clip(y, 0, 6)}[activation]()


# ---- Windows.


def padded(x, kernel, stride, same):
    """The image with the zeros around it that padding means, and the size of the output."""
    if not same:
        return x, [(n - k) // s + 1 for n, k, s in zip(x.shape[1:3], kernel, stride)]
    size = [-(-n // s) for n, s in zip(x.shape[1:3], stride)]
    total = [max((m - 1) * s + k - n, 0) for m, s, k, n in zip(size, stride, kernel, x.shape[1:3])]
    return np.pad(x, [(0, 0)] + [(t // 2, t - t // 2) for t in total] + [(0, 0)]), size


def taps(o, x, kernel):
    """For every tap of a window its place in the window, and what all windows see there."""
    stride = (o.strideH, o.strideW)
    x, (height, width) = padded(x, kernel, stride, o.padding == schema.Padding.SAME)
    for i, j in np.ndindex(*kernel):
        yield i, j, x[:, i:i + height * stride[0]:stride[0], j:j + width * stride[1]:stride[1]]


def conv_2d(o, x, w, bias):
    y = sum(seen @ w[:, i, j].T for i, j, seen in taps(o, x, w.shape[1:3]))
    return y if bias is None else y + bias


def depthwise_conv_2d(o, x, w, bias):
    return sum(seen * w[0, i, j] for i, j, seen in taps(o, x, w.shape[1:3])) + bias


def average_pool_2d(o, x):
    kernel = (o.filterHeight, o.filterWidth)
    inside = sum(seen for _, _, seen in taps(o, np.ones_like(x), kernel))
    return sum(seen for _, _, seen in taps(o, x, kernel)) / inside


def max_pool_2d(o, x):
    above = x - x.min()  # what is seen of the padding is 0, the least of all
    return np.max([seen for _, _, seen in taps(o, above, (o.filterHeight, o.filterWidth))], axis=0) + x.min()


def transpose_conv_bias(o, x, w, bias):
    same, stride_w, stride_h = o[0] == 1, o[1], o[2]
    count, height, width, _ = x.shape
    outputs, kernel_h, kernel_w, _ = w.shape
    y = np.zeros((count, (height - 1) * stride_h + kernel_h, (width - 1) * stride_w + kernel_w, outputs))
    for i, j in np.ndindex(kernel_h, kernel_w):
        y[:, i:i + height * stride_h:stride_h, j:j + width * stride_w:stride_w] += x @ w[:, i, j].T
    if same:
        top, left = max(kernel_h - stride_h, 0) // 2, max(kernel_w - stride_w, 0) // 2
        y = y[:, top:top + height * stride_h, left:left + width * stride_w]
    return y + bias


def resize_bilinear(o, x, size):
    for axis, n in ((1, size[0]), (2, size[1])):
        have = x.shape[axis]
        scale = (have - 1) / (n - 1) if o.alignCorners and n > 1 else have / n
        at = np.maximum((np.arange(n) + 0.5) * scale - 0.5, 0) if o.halfPixelCenters else np.arange(n) * scale
        low = np.minimum(np.floor(at).astype(int), have - 1)
        part = (at - low).reshape([-1 if a == axis else 1 for a in range(4)])
        x = np.take(x, low, axis) * (1 - part) + np.take(x, np.minimum(low + 1, have - 1), axis) * part
    return x


# ---- Shapes.


def strided_slice(o, x, begin, end, strides):
    index = []
    for axis, (first, last, stride) in enumerate(zip(begin, end, strides)):
        if o.shrinkAxisMask >> axis & 1:
            index.append(int(first))
            continue
        index.append(slice(None if o.beginMask >> axis & 1 else int(first),
                           None if o.endMask >> axis & 1 else int(last), int(stride)))
    return x[tuple(index)]


def mirror_pad(o, x, widths):
    mode = "reflect" if o.mode == schema.MirrorPadMode.REFLECT else "symmetric"
    return np.pad(x, [tuple(pair) for pair in widths], mode)


def reduction(function):
    return lambda o, x, axes: function(x, axis=tuple(int(axis) for axis in np.ravel(axes)), keepdims=o.keepDims)


OPERATORS = {
    "ADD": lambda o, x, y: x + y,
    "AVERAGE_POOL_2D": average_pool_2d,
    "CONCATENATION": lambda o, *xs: np.concatenate(xs, o.axis),
    "CONV_2D": conv_2d,
    "Convolution2DTransposeBias": transpose_conv_bias,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "DEQUANTIZE": lambda o, x: x,
    "DIV": lambda o, x, y: x / y,
    "EQUAL": lambda o, x, y: x == y,
    "EXPAND_DIMS": lambda o, x, axis: np.expand_dims(x, int(np.ravel(axis)[0])),
    "HARD_SWISH": lambda o, x: x * np.clip(x + 3, 0, 6) / 6,
    "LOG": lambda o, x: np.log(x),
    "LOGISTIC": lambda o, x: 0.5 + 0.5 * np.tanh(x / 2),
    "MAX_POOL_2D": max_pool_2d,
    "MEAN": reduction(np.mean),
    "MIRROR_PAD": mirror_pad,
    "MUL": lambda o, x, y: x * y,
    "NEG": lambda o, x: -x,
    "PACK": lambda o, *xs: np.stack(xs, o.axis),
    "PAD": lambda o, x, widths: np.pad(x, [tuple(pair) for pair in widths]),
    "REDUCE_MAX": reduction(np.max),
    "REDUCE_MIN": reduction(np.min),
    "RELU": lambda o, x: np.maximum(x, 0),
    "RESHAPE": lambda o, x, shape: x.reshape(np.ravel(shape)),
    "RESIZE_BILINEAR": resize_bilinear,
    "SELECT_V2": lambda o, choice, x, y: np.where(choice, x, y),
    "SHAPE": lambda o, x: np.array(x.shape, np.int32),
    "SQRT": lambda o, x: np.sqrt(x),
    "SQUARE": lambda o, x: x * x,
    "STRIDED_SLICE": strided_slice,
    "SUB": lambda o, x, y: x - y,
    "SUM": reduction(np.sum),
    "TRANSPOSE": lambda o, x, axes: np.transpose(x, axes),
}
