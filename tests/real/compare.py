#!/usr/bin/env python3
"""Runs real networks in teff and beside it in LiteRT (floats) or TFLite Micro (integers), and prints a table.

usage: compare.py --teff PROGRAM --cache FOLDER [PART OF A MODEL'S NAME]...

Float outputs may differ from LiteRT's by TOLERANCE of the output's largest value. Where they differ by more, the
network in float64 says who is wrong: teff must not be farther from that than LiteRT.
Integers are the same bytes: all outputs of all steps, and every operator's result in the last one.
Times are one thread's and only information: the two programs take turns, and the medians are printed.
"""
import argparse
import functools
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import zlib

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from tflite_micro.python.tflite_micro import runtime

import float64
import inputs

TOLERANCE = 1e-4
STEPS = 50
ARENA_BYTES = 4 << 20
TIMING_ROUNDS, RUNS_PER_ROUND = 5, 5


class Failure(Exception):
    pass


class Cache:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def model(self, package, name):
        return next(self.folder.glob(f"{package}-*/{name}.tflite"))


# ---- The two sides. A model's input is an array of steps x its shape; outputs are arrays of steps x their shapes.


class Teff:
    def __init__(self, program):
        self.program = program

    def call(self, *words):
        done = subprocess.run([self.program, *map(str, words)], capture_output=True, text=True)
        if done.returncode:
            raise Failure(done.stderr.strip().removeprefix("teff: "))
        return done.stdout

    def check(self, model, shape=()):
        done = subprocess.run([self.program, "check", model, *shape, "--json"], capture_output=True, text=True)
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:
            raise Failure(done.stderr.strip()) from None

    def run(self, model, x, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x.bin"
            x.tofile(path)
            said = self.call("run", model, "--input", path, "--output", folder, *options)
            files = sorted(pathlib.Path(folder).glob("*.npy"), key=lambda file: int(file.stem))
            outputs = [np.load(file) for file in files]
        return [y if len(x) > 1 else y[None] for y in outputs], said

    def seconds(self, model, *options):
        words = ("bench", model, "--threads", 1, "--runs", RUNS_PER_ROUND, "--seconds", 0, "--json", *options)
        return json.loads(self.call(*words))["seconds"]


class LiteRt:
    def __init__(self, model, shape):
        self.interpreter = Interpreter(str(model), num_threads=1)
        (details,) = self.interpreter.get_input_details()
        self.index = details["index"]
        if tuple(details["shape"]) != tuple(shape):
            self.interpreter.resize_tensor_input(self.index, shape)
        self.interpreter.allocate_tensors()

    def run(self, x):
        return stack(self.step(one) for one in x)

    def step(self, one):
        self.interpreter.set_tensor(self.index, one)
        self.interpreter.invoke()
        return [self.interpreter.get_tensor(y["index"]) for y in self.interpreter.get_output_details()]

    def seconds(self):
        times = []
        for _ in range(RUNS_PER_ROUND):
            start = time.perf_counter()
            self.interpreter.invoke()
            times.append(time.perf_counter() - start)
        return statistics.median(times)


class Micro:
    def __init__(self, model):
        everything = runtime.InterpreterConfig.kPreserveAllTensors
        self.interpreter = runtime.Interpreter.from_bytes(
            model.read_bytes(), arena_size=ARENA_BYTES, intrepreter_config=everything)

    def run(self, x):
        return stack(self.step(one) for one in x)

    def step(self, one):
        self.interpreter.set_input(one, 0)
        self.interpreter.invoke()
        return [self.interpreter.get_output(0)]

    def crc(self, tensor):
        values = self.interpreter.GetTensor(tensor, 0)["tensor_data"]
        return zlib.crc32(np.ascontiguousarray(values).tobytes())


def stack(steps):
    return [np.stack(values) for values in zip(*steps)]


# ---- Comparing.


def relative_error(outputs, reference):
    """The largest difference of any output, in parts of that output's largest value in the same step."""
    if [y.shape for y in outputs] != [y.shape for y in reference]:
        raise Failure(f"shapes {[y.shape for y in outputs]}, not {[y.shape for y in reference]}")
    worst = 0.0
    for y, expected in zip(outputs, reference):
        rows = (len(y), -1)
        y, expected = y.reshape(rows).astype(np.float64), expected.reshape(rows).astype(np.float64)
        scale = np.maximum(np.abs(expected).max(axis=1), np.finfo(np.float32).tiny)
        errors = np.abs(y - expected).max(axis=1) / scale
        if not np.isfinite(errors).all():
            raise Failure("a result is not a number")
        worst = max(worst, errors.max())
    return worst


def compare_floats(teff, model, x, options):
    fused, _ = teff.run(model, x, *options)
    plain, _ = teff.run(model, x, "--no-fuse", *options)
    optimized = LiteRt(model, x.shape[1:]).run(x)

    def error(expected):
        return max(relative_error(fused, expected), relative_error(plain, expected))

    worst = error(optimized)
    if worst <= TOLERANCE:
        return f"{worst:.1e}"
    exact = exactly(model, x)
    ours, theirs = error(exact), relative_error(optimized, exact)
    if ours <= theirs:
        return f"{ours:.1e} of float64 (LiteRT {theirs:.1e})"
    raise Failure(f"error {worst:.1e}, of float64 {ours:.1e} (LiteRT {theirs:.1e})")


def exactly(model, x):
    try:
        return stack(float64.evaluate(model, one) for one in x)
    except KeyError as operator:
        raise Failure(f"not within {TOLERANCE} of LiteRT, and float64.py lacks {operator}") from None


def compare_bytes(teff, model, x, options):
    micro = Micro(model)
    (expected,) = micro.run(x)
    for fusion in ([], ["--no-fuse"]):
        (y,), said = teff.run(model, x, "--crc", *fusion, *options)
        different = np.flatnonzero((y != expected).reshape(len(x), -1).any(axis=1))
        if len(different):
            raise Failure(f"the output differs in {len(different)} steps, first in step {different[0]}")
        last = said[said.rindex("# call"):]
        for line in re.findall(r"op \d+ \w+ tensor \d+ \S+ \d+ crc32 \w+", last):
            words = line.split()
            if micro.crc(int(words[4])) != int(words[-1], 16):
                raise Failure(f"after {len(x)} steps another result: {line}")
    return "0"


# ---- The models: where each is, and what it is shown.


class Case:
    def __init__(self, package, name, x, compare=compare_floats, options=()):
        self.package, self.name, self.x, self.compare, self.options = package, name, x, compare, options

    def title(self):
        return f"{self.package}/{self.name}"


def for_pictures(cache):
    ranges = {"face_detection_short_range": (-1, 1), "face_detection_full_range_sparse": (-1, 1),
              "pose_detection": (-1, 1)}
    for name in ["face_detection_short_range", "face_detection_full_range_sparse", "face_landmark",
                 "hand_landmark_full", "hand_landmark_lite", "hand_recrop", "iris_landmark", "palm_detection_full",
                 "palm_detection_lite", "pose_detection", "pose_landmark_full", "selfie_segmentation",
                 "selfie_segmentation_landscape"]:
        def x(model, low_high=ranges.get(name, (0, 1))):
            return inputs.pictures(cache.folder, input_details(model)["shape"], *low_high)
        yield Case("mediapipe", name, x)


def input_details(model):
    (details,) = Interpreter(str(model)).get_input_details()
    return details


def for_microcontrollers():
    for name in ["alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"]:
        def x(model, words=name.replace("_", " ")):
            details = input_details(model)
            _, frames, bands = details["shape"]
            scale, zero = details["quantization"]
            heard = inputs.features(words, 0.01 * frames * (STEPS + 4))[:frames * STEPS]
            quantized = np.clip(np.round(heard / scale + zero), -128, 127).astype(np.int8)
            return quantized.reshape(STEPS, 1, frames, bands)
        yield Case("pymicro-wakeword", name, x, compare_bytes)


class OpenWakeWord:
    """Three networks in a row: each is shown what LiteRT makes of the one before."""

    PACKAGE = "pyopen-wakeword"
    SAMPLES, FRAMES, FRAME_STEP, EMBEDDINGS = 48000, 76, 8, 16

    def __init__(self, cache):
        self.cache = cache

    def samples(self, _=None):
        return (inputs.sound("okay nabu", 16000, 3) * 32767).astype(np.float32)[None, None]

    @functools.cache
    def spectrum(self):
        model = self.cache.model(self.PACKAGE, "melspectrogram")
        (spectrum,) = LiteRt(model, (1, self.SAMPLES)).run(self.samples())
        return spectrum.reshape(-1, 32) / 10 + 2

    def frames(self, _=None):
        frames = windows(self.spectrum(), self.FRAMES, self.FRAME_STEP)
        return frames.reshape(-1, 1, self.FRAMES, 32, 1)

    @functools.cache
    def embeddings(self, _=None):
        model = self.cache.model(self.PACKAGE, "embedding_model")
        (embeddings,) = LiteRt(model, (1, self.FRAMES, 32, 1)).run(self.frames())
        return windows(embeddings.reshape(-1, 96), self.EMBEDDINGS, 1)[:, None]

    def cases(self):
        shape = f"serving_default_input:0=1x{self.SAMPLES}"
        yield Case(self.PACKAGE, "melspectrogram", self.samples, options=("--shape", shape))
        yield Case(self.PACKAGE, "embedding_model", self.frames)
        for name in ["alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy", "okay_nabu"]:
            yield Case(self.PACKAGE, name, self.embeddings)


def windows(rows, count, step):
    starts = range(0, len(rows) - count + 1, step)
    return np.ascontiguousarray(np.stack([rows[start:start + count] for start in starts]))


def notes(model):
    """Two windows of a sound for the transcription of music."""
    _, count, _ = input_details(model)["shape"]
    heard = inputs.sound("one two three", 22050, 2 * count / 22050 + 0.1)
    return heard[:2 * count].astype(np.float32).reshape(2, 1, count, 1)


def all_cases(cache):
    yield from for_microcontrollers()
    yield from for_pictures(cache)
    yield from OpenWakeWord(cache).cases()
    yield Case("basic-pitch", "nmp", notes)


# Two operators of its own that no other program than its maker's has; LiteRT's package lacks them too.
NOT_SUPPORTED = [("mediapipe", "face_landmark_with_attention")]


# ---- The table.

ROW = "{:48} {:>4} {:>14} {:>5} {:>9} {:>9} {:>6}  {}"


def times(teff, case, model, x):
    litert = LiteRt(model, x.shape[1:])
    litert.step(x[0])
    rounds = [(teff.seconds(model, *case.options), litert.seconds()) for _ in range(TIMING_ROUNDS)]
    return [statistics.median(column) for column in zip(*rounds)]


def row(teff, cache, case, with_times):
    """Prints a model's line; whether all is well with it."""
    model = cache.model(case.package, case.name)
    operators, x, ours, theirs, verdict, well = "", None, 0, 0, "", True
    try:
        layers = json.loads(teff.call("inspect", model, "--json", *case.options))["layers"]
        operators = len(layers)
        x = case.x(model)
        verdict = "ok, error " + case.compare(teff, model, x, case.options)
        if with_times:
            ours, theirs = times(teff, case, model, x)
    except Failure as failure:
        verdict, well = f"FAILED: {failure}", False
    shape = "" if x is None else "x".join(map(str, x.shape[1:]))
    ratio = f"{ours / theirs:.2f}" if theirs else ""
    print(ROW.format(case.title(), operators, shape, "" if x is None else len(x), milliseconds(ours),
                     milliseconds(theirs), ratio, verdict), flush=True)
    return well


def milliseconds(seconds):
    return f"{seconds * 1e3:.3f}" if seconds else ""


def row_of_unsupported(teff, model, title):
    missing = sorted({reason["operator"] for reason in teff.check(model)["unsupported"]})
    verdict = f"not supported: {', '.join(missing)}" if missing else "FAILED: all operators are supported: compare it"
    print(ROW.format(title, "", "", "", "", "", "", verdict), flush=True)
    return bool(missing)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teff", required=True)
    parser.add_argument("--cache", required=True)
    parser.add_argument("--no-times", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    teff, cache = Teff(arguments.teff), Cache(arguments.cache)

    def asked_for(title):
        return not arguments.names or any(name in title for name in arguments.names)

    print(ROW.format("model", "ops", "input", "steps", "teff ms", "LiteRT ms", "ratio", "verdict"))
    well = [row(teff, cache, case, not arguments.no_times) for case in all_cases(cache) if asked_for(case.title())]
    well += [row_of_unsupported(teff, cache.model(package, name), f"{package}/{name}")
             for package, name in NOT_SUPPORTED if asked_for(f"{package}/{name}")]
    print(f"{sum(well)} of {len(well)} models are as they should be")
    return 0 if well and all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
