#!/usr/bin/env python3
"""Runs the cases of a folder (DIR/OP.cases, see pack.h) in TFLite Micro and writes DIR/OP.answers.

usage: oracle.py DIR [OP...]

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

RAN, REFUSED, CRASHED = range(3)
SECONDS_PER_CASE = 20
ARENA_BYTES = 4 << 20


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


def answer_ran(index, outputs):
    return struct.pack("<III", index, RAN, len(outputs)) + b"".join(map(blob, outputs))


def answer_message(index, status, message):
    return struct.pack("<II", index, status) + blob(message.encode())


def input_array(interpreter, i, data, call, calls):
    details = interpreter.get_input_details(i)
    size = len(data) // calls
    array = np.frombuffer(data[call * size:(call + 1) * size], details["dtype"])
    return array.reshape(details["shape"])


def count_outputs(model):
    return len(runtime.convert_bytearray_to_object(model).subgraphs[0].outputs)


def run_case(calls, model, inputs):
    interpreter = runtime.Interpreter.from_bytes(
        model, arena_size=ARENA_BYTES + 4 * len(model),
        intrepreter_config=runtime.InterpreterConfig.kPreserveAllTensors)
    outputs = [b""] * count_outputs(model)
    for call in range(calls):
        for i, data in enumerate(inputs):
            if data:
                interpreter.set_input(input_array(interpreter, i, data, call, calls), i)
        interpreter.invoke()
        for i in range(len(outputs)):
            outputs[i] += interpreter.get_output(i).tobytes()
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


def answer_all(cases, out):
    """In a child: writes one answer after another; each is on its way before the next case starts."""
    messages = Messages()
    for index, calls, model, inputs in cases:
        signal.alarm(SECONDS_PER_CASE)
        messages.forget()
        try:
            answer = answer_ran(index, run_case(calls, model, inputs))
        except Exception as error:  # whatever the binding throws is a refusal
            answer = answer_message(index, REFUSED, messages.first_line() or str(error))
        os.write(out, answer)


def answer(path):
    cases = read_cases(path)
    result = path.with_suffix(".part")
    out = os.open(result, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    done = 0
    while done < len(cases):
        child = os.fork()
        if child == 0:
            answer_all(cases[done:], out)
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
        if records.number() == RAN:
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
