#!/usr/bin/env python3
"""Trains the Fashion-MNIST network that teff carries, and quantizes it to int8.

Writes fashion.tflite, labels.txt, samples.bin and outputs.bin beside itself and prints the accuracies that
README.md quotes. Everything is fixed beforehand (seed, epochs, schedule): the test set is measured once, at
the end, and decides nothing.
"""

import argparse
import gzip
import math
import pathlib

import flatbuffers
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.lite.python import schema_py_generated as schema

OPERATOR_LAYERS = (layers.Conv2D, layers.DepthwiseConv2D, layers.Add, layers.AveragePooling2D, layers.Dense)
SEED = 1
BATCH = 128
SAMPLES = 40
CALIBRATION_IMAGES = 1000
HERE = pathlib.Path(__file__).resolve().parent
LABELS = ["T-shirt/top", "trouser", "pullover", "dress", "coat",
          "sandal", "shirt", "sneaker", "bag", "ankle boot"]


def read_idx(path):
    """An IDX file of bytes: two zeros, type 8, the rank, big-endian sizes, then the elements."""
    raw = gzip.decompress(path.read_bytes())
    assert raw[:3] == b"\0\0\x08", f"{path} is not an IDX file of bytes"
    rank = raw[3]
    shape = np.frombuffer(raw, ">u4", rank, 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def read_split(folder, name):
    images = read_idx(folder / f"{name}-images-idx3-ubyte.gz")
    return images[..., None], read_idx(folder / f"{name}-labels-idx1-ubyte.gz").astype(np.int32)


class Augmented(keras.utils.PyDataset):
    """The training set, newly shuffled, mirrored, shifted and with a square cut out, each epoch."""

    def __init__(self, images, labels):
        super().__init__()
        self.images, self.labels = images, labels
        self.random = np.random.default_rng(SEED)
        self.order = self.random.permutation(len(images))

    def __len__(self):
        return len(self.images) // BATCH

    def on_epoch_end(self):
        self.order = self.random.permutation(len(self.images))

    def __getitem__(self, index):
        chosen = self.order[index * BATCH:(index + 1) * BATCH]
        images = np.stack([self.augment(image) for image in self.images[chosen]])
        return images.astype(np.float32) / 255, self.labels[chosen]

    def augment(self, image):
        flip, top, left, cut_y, cut_x = self.random.integers((2, 5, 5, 28, 28))
        padded = np.pad(image[:, ::-1] if flip else image, ((2, 2), (2, 2), (0, 0)))
        image = padded[top:top + 28, left:left + 28].copy()
        image[max(cut_y - 4, 0):cut_y + 4, max(cut_x - 4, 0):cut_x + 4] = 0
        return image


def normalized(x, relu=True):
    x = layers.BatchNormalization(momentum=0.95)(x)
    return layers.ReLU(6.0)(x) if relu else x


def depthwise(x, name, stride=1):
    return normalized(layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False, name=name)(x))


def pointwise(x, channels, name, relu=True):
    return normalized(layers.Conv2D(channels, 1, use_bias=False, name=name)(x), relu)


def separable(x, channels, name, stride=1):
    return pointwise(depthwise(x, f"{name}_depthwise", stride), channels, f"{name}_pointwise")


def inverted_residual(x, name):
    """Widen, filter, narrow, add: the block whose wide middle decides how much memory the network takes."""
    channels = x.shape[-1]
    wide = depthwise(pointwise(x, 2 * channels, f"{name}_widen"), f"{name}_depthwise")
    return layers.Add(name=f"{name}_add")([x, pointwise(wide, channels, f"{name}_narrow", relu=False)])


def build():
    x = image = keras.Input((28, 28, 1))
    x = normalized(layers.Conv2D(16, 3, padding="same", use_bias=False, name="stem")(x))
    x = separable(x, 32, "shrink14", stride=2)
    x = inverted_residual(x, "residual14")
    x = separable(x, 64, "shrink7", stride=2)
    x = inverted_residual(x, "residual7")
    x = separable(x, 96, "features")
    x = layers.AveragePooling2D(7, name="average")(x)
    x = layers.Dense(10, name="classes")(layers.Flatten()(x))
    return keras.Model(image, x)


def train(model, images, labels, epochs):
    steps = epochs * (len(images) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(0.0, steps, warmup_target=4e-3, warmup_steps=steps // 20)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=5e-3),
                  keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(Augmented(images, labels), epochs=epochs, shuffle=False, verbose=2)


def quantize(model, images):
    """Full int8: weights per output channel, inputs and outputs int8, ranges from training images."""
    chosen = np.random.default_rng(SEED).choice(len(images), CALIBRATION_IMAGES, replace=False)
    inputs = images[chosen, None].astype(np.float32) / 255
    image = keras.Input(batch_shape=(1, 28, 28, 1), name="image")
    one_image = keras.Model(image, layers.Softmax()(model(image)))
    converter = tf.lite.TFLiteConverter.from_keras_model(one_image)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image] for image in inputs)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter._experimental_disable_per_channel_quantization_for_dense_layers = True
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return renamed(converter.convert(), model)


def renamed(flatbuffer, model):
    """Tensors named after their layer alone: the converter glues the paths of all that it fused together."""
    contents = schema.ModelT.InitFromPackedBuf(flatbuffer)
    graph, = contents.subgraphs
    names = [layer.name for layer in model.layers if isinstance(layer, OPERATOR_LAYERS)] + ["probabilities"]
    assert len(names) == len(graph.operators), "an operator without a layer, or a layer without an operator"
    graph.tensors[graph.inputs[0]].name = "image"
    for name, operator in zip(names, graph.operators):
        graph.tensors[operator.outputs[0]].name = name
        if not name.endswith("_add"):
            for role, index in zip(("/weights", "/bias"), operator.inputs[1:]):
                assert index >= 0, f"{name} has lost its {role}"
                graph.tensors[index].name = name + role
    return packed(contents)


def packed(contents):
    """Serialized with constants 16-byte aligned, as the schema asks and Python's generated code forgets."""
    schema.BufferStartDataVector = lambda builder, count: builder.StartVector(1, count, 16)
    for buffer in contents.buffers:
        if buffer.data is not None:
            buffer.data = list(buffer.data)
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(contents.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def run_int8(flatbuffer, images):
    """What the reference kernels answer for every image; the network's input is the pixel minus 128."""
    interpreter = tf.lite.Interpreter(
        model_content=flatbuffer, num_threads=1,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    scale, zero_point = source["quantization"]
    assert zero_point == -128 and math.isclose(scale, 1 / 255, rel_tol=1e-6), (scale, zero_point)
    outputs = []
    for image in images:
        interpreter.set_tensor(source["index"], (image[None].astype(np.int16) - 128).astype(np.int8))
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(target["index"])[0])
    return np.stack(outputs)


def write_samples(path, images, labels):
    """The first SAMPLES test images, each as one label byte and 28x28 pixel bytes."""
    records = np.column_stack([labels[:SAMPLES].astype(np.uint8), images[:SAMPLES].reshape(SAMPLES, -1)])
    path.write_bytes(records.tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--out", type=pathlib.Path, default=HERE)
    parser.add_argument("--epochs", type=int, default=30)
    options = parser.parse_args()

    tf.config.threading.set_intra_op_parallelism_threads(2)
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    images, labels = read_split(options.data, "train")
    test_images, test_labels = read_split(options.data, "t10k")
    model = build()
    model.summary()
    train(model, images, labels, options.epochs)
    flatbuffer = quantize(model, images)

    float_outputs = model.predict(test_images.astype(np.float32) / 255, verbose=0)
    int8_outputs = run_int8(flatbuffer, test_images)

    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "fashion.tflite").write_bytes(flatbuffer)
    (options.out / "labels.txt").write_text("\n".join(LABELS) + "\n")
    (options.out / "outputs.bin").write_bytes(int8_outputs[:SAMPLES].tobytes())
    write_samples(options.out / "samples.bin", test_images, test_labels)
    print(f"{len(flatbuffer)} bytes")
    print(f"float {np.sum(float_outputs.argmax(1) == test_labels)} of {len(test_labels)}")
    print(f"int8  {np.sum(int8_outputs.argmax(1) == test_labels)} of {len(test_labels)}")
    classes = int8_outputs[:SAMPLES].argmax(1)
    for sample in np.flatnonzero(classes != test_labels[:SAMPLES]):
        print(f"sample {sample}: {LABELS[test_labels[sample]]} taken for {LABELS[classes[sample]]}")



if __name__ == "__main__":
    main()
