#!/usr/bin/env python3
"""Runs the cases of a folder (DIR/OP.cases, see pack.h) in TFLite Micro and writes DIR/OP.answers.

usage: oracle.py DIR [OP...]

What TFLite Micro refuses (an operator that it lacks, a type, an empty tensor) the reference kernels of LiteRT
are asked, where the package ai-edge-litert is installed.

TFLite Micro ends the process where it asserts, so cases run in child processes: a case that takes its child
along is answered "crashed", and another child goes on behind it.
"""
import os
import pathlib
import signal
import struct
import sys

import numpy as np
from tflite_micro.python.tflite_micro import runtime

try:
    from ai_edge_litert import interpreter as litert
except ImportError:
    litert = None

RAN, REFUSED, CRASHED, RAN_IN_LITERT = range(4)
SECONDS_PER_CASE = 20
ARENA_BYTES = 4 << 20

# Where TFLite Micro computes with memory that it never sets: the value of the padding.
UNDEFINED_IN_MICRO = {"SPACE_TO_BATCH_ND"}


class Records:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        (value,) = struct.unpack_from("<I", self.data, self.at)
        self.at += 4
        return value

    def blob(self):
        size = self.number()
        self.at += size
        return self.data[self.at - size:self.at]

    def ended(self):
        return self.at == len(self.data)


def read_cases(path):
    records = Records(path.read_bytes())
    cases = []
    while not records.ended():
        index, calls = records.number(), records.number()
        model = records.blob()
        cases.append((index, calls, model, [records.blob() for _ in range(records.number())]))
    return cases


def blob(data):
    return struct.pack("<I", len(data)) + data


def answer_ran(index, status, outputs):
    return struct.pack("<III", index, status, len(outputs)) + b"".join(map(blob, outputs))


def answer_message(index, status, message):
    return struct.pack("<II", index, status) + blob(message.encode())


def input_array(details, data, call, calls):
    size = len(data) // calls
    array = np.frombuffer(data[call * size:(call + 1) * size], details["dtype"])
    return array.reshape(details["shape"])


def count_outputs(model):
    return len(runtime.convert_bytearray_to_object(model).subgraphs[0].outputs)


def run_in_micro(calls, model, inputs):
    interpreter = runtime.Interpreter.from_bytes(
        model, arena_size=ARENA_BYTES + 4 * len(model),
        intrepreter_config=runtime.InterpreterConfig.kPreserveAllTensors)
    outputs = [b""] * count_outputs(model)
    for call in range(calls):
        for i, data in enumerate(inputs):
            if data:
                details = interpreter.get_input_details(i)
                interpreter.set_input(input_array(details, data, call, calls), i)
        interpreter.invoke()
        for i in range(len(outputs)):
            outputs[i] += interpreter.get_output(i).tobytes()
    return outputs


def run_in_litert(calls, model, inputs):
    interpreter = litert.Interpreter(
        model_content=bytes(model), experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    outputs = [b""] * len(interpreter.get_output_details())
    for call in range(calls):
        for details, data in zip(interpreter.get_input_details(), inputs):
            if data:
                interpreter.set_tensor(details["index"], input_array(details, data, call, calls))
        interpreter.invoke()
        for i, details in enumerate(interpreter.get_output_details()):
            outputs[i] += interpreter.get_tensor(details["index"]).tobytes()
    return outputs


class Messages:
    """What TFLite Micro writes to stderr: the only place where it says why it refuses."""

    def __init__(self):
        self.file = os.memfd_create("messages")
        os.dup2(self.file, 2)

    def forget(self):
        os.ftruncate(self.file, 0)
        os.lseek(self.file, 0, os.SEEK_SET)

    def first_line(self):
        text = os.pread(self.file, 4096, 0).decode(errors="replace").strip()
        return text.splitlines()[0] if text else ""


def answer_one(op, messages, index, calls, model, inputs):
    try:
        if op not in UNDEFINED_IN_MICRO or not litert:
            return answer_ran(index, RAN, run_in_micro(calls, model, inputs))
        why = "its result is not defined"
    except Exception as error:  # whatever the binding throws is a refusal
        why = messages.first_line() or str(error)
    if litert:
        try:
            return answer_ran(index, RAN_IN_LITERT, run_in_litert(calls, model, inputs))
        except Exception:
            pass  # both refuse
    return answer_message(index, REFUSED, why)


def answer_all(op, cases, out):
    """In a child: writes one answer after another; each is on its way before the next case starts."""
    messages = Messages()
    for case in cases:
        signal.alarm(SECONDS_PER_CASE)
        messages.forget()
        os.write(out, answer_one(op, messages, *case))


def answer(path):
    cases = read_cases(path)
    result = path.with_suffix(".part")
    out = os.open(result, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    done = 0
    while done < len(cases):
        child = os.fork()
        if child == 0:
            answer_all(path.stem, cases[done:], out)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        done = count_answers(result)
        if done < len(cases):
            why = os.waitstatus_to_exitcode(status)
            message = "takes too long" if why == -signal.SIGALRM else f"ended by {why}"
            os.write(out, answer_message(cases[done][0], CRASHED, message))
            done += 1
    os.close(out)
    result.rename(path.with_suffix(".answers"))


def count_answers(path):
    records, count = Records(path.read_bytes()), 0
    while not records.ended():
        records.number()
        if records.number() in (RAN, RAN_IN_LITERT):
            for _ in range(records.number()):
                records.blob()
        else:
            records.blob()
        count += 1
    return count


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    names = sys.argv[2:] or sorted(p.stem for p in folder.glob("*.cases"))
    for name in names:
        answer(folder / f"{name}.cases")


if __name__ == "__main__":
    main()
