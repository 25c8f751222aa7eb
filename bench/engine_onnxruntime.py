#!/usr/bin/env python3
"""Time bitzoo's engine against ONNX Runtime on the same networks, interleaved in one run.

    python3 -m venv .venv-bench && .venv-bench/bin/pip install -r bench/requirements.txt
    .venv-bench/bin/python bench/engine_onnxruntime.py [--rounds 5] [--seconds 1]

Both sides compute the same layers with weights of the same shapes (their values do not matter for
the time); ONNX Runtime gets NCHW graphs with batch normalisation, which it folds itself, and all
its optimisations. Prints, for each network and setting, the least and the median time per image
over all rounds, and ONNX Runtime's time over bitzoo's.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parent.parent
SETTINGS = [(1, 1), (1, 2), (8, 1), (8, 2)]  # batch, threads
random = np.random.default_rng(1)


class Graph:
    """An ONNX graph that grows layer by layer; a tensor is its name and its channels."""

    def __init__(self):
        self.nodes, self.values, self.count = [], [], 0

    def node(self, op, inputs, **attributes):
        self.count += 1
        output = f"t{self.count}"
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def value(self, array):
        name = f"w{len(self.values)}"
        self.values.append(numpy_helper.from_array(np.asarray(array, np.float32), name))
        return name

    def conv(self, x, channels, out, kernel, stride=1, pads=0, groups=1, bias=True):
        shape = (out, channels // groups, kernel, kernel)
        scale = np.sqrt(2.0 / np.prod(shape[1:]))
        inputs = [x, self.value(random.standard_normal(shape) * scale)]
        if bias:
            inputs.append(self.value(random.standard_normal(out) * 0.1))
        pads = pads if isinstance(pads, list) else [pads] * 4
        return self.node("Conv", inputs, strides=[stride] * 2, pads=pads, group=groups)

    def norm(self, x, channels):
        inputs = [x] + [self.value(v) for v in (np.ones(channels), np.zeros(channels),
                                                np.zeros(channels), np.ones(channels))]
        return self.node("BatchNormalization", inputs, epsilon=1e-3)

    def relu6(self, x):
        return self.node("Clip", [x, self.value(0.0), self.value(6.0)])

    def model(self, output):
        picture = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 224, 224])
        result = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "net", [picture], [result], self.values)
        opset = [helper.make_opsetid("", 17)]
        return helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()


def squeezenet(first, kernel, fires):
    g = Graph()
    x, channels = g.node("Relu", [g.conv("x", 3, first, kernel, 2)]), first
    for fire in fires:
        if fire == "pool":
            x = g.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
            continue
        squeeze, expand = fire
        s = g.node("Relu", [g.conv(x, channels, squeeze, 1)])
        x = g.node("Concat", [g.node("Relu", [g.conv(s, squeeze, expand, 1)]),
                              g.node("Relu", [g.conv(s, squeeze, expand, 3, pads=1)])], axis=1)
        channels = 2 * expand
    x = g.node("Relu", [g.conv(x, channels, 1000, 1)])
    return g.model(g.node("Flatten", [g.node("GlobalAveragePool", [x])]))


def mobilenet(alpha):
    g = Graph()
    channels = int(32 * alpha)
    x = g.relu6(g.norm(g.conv("x", 3, channels, 3, 2, [0, 0, 1, 1], bias=False), channels))
    for out, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + \
            [(512, 1)] * 5 + [(1024, 2), (1024, 1)]:
        out = int(out * alpha)
        pads = [0, 0, 1, 1] if stride == 2 else 1
        x = g.relu6(g.norm(g.conv(x, channels, channels, 3, stride, pads, channels, False),
                           channels))
        x = g.relu6(g.norm(g.conv(x, channels, out, 1, bias=False), out))
        channels = out
    x = g.conv(g.node("GlobalAveragePool", [x]), channels, 1000, 1)
    return g.model(g.node("Softmax", [g.node("Flatten", [x])], axis=1))


NETWORKS = {
    "pytorch/squeezenet1_1": lambda: squeezenet(64, 3, [
        "pool", (16, 64), (16, 64), "pool", (32, 128), (32, 128), "pool",
        (48, 192), (48, 192), (64, 256), (64, 256)]),
    "pytorch/squeezenet1_0": lambda: squeezenet(96, 7, [
        "pool", (16, 64), (16, 64), (32, 128), "pool", (32, 128), (48, 192), (48, 192), (64, 256),
        "pool", (64, 256)]),
    "keras/mobilenet": lambda: mobilenet(1.0),
    "keras/mobilenet_0.25": lambda: mobilenet(0.25),
}


def time_ours(program, model, batch, threads, seconds):
    arguments = [program, model, str(batch), str(threads), str(seconds)]
    result = json.loads(subprocess.run(arguments, check=True, capture_output=True).stdout)
    return result["min_ms"] / batch, result["median_ms"] / batch


def time_theirs(session, batch, seconds):
    x = random.standard_normal((batch, 3, 224, 224)).astype(np.float32)
    session.run(None, {"x": x})
    times, end = [], time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        session.run(None, {"x": x})
        times.append(time.perf_counter() - start)
    return 1e3 * min(times) / batch, 1e3 * statistics.median(times) / batch


def open_session(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if threads > 1 else "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default=ROOT / "build/bench/bench_engine")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    arguments = parser.parse_args()
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}; ms an image, "
          f"least / median of {arguments.rounds} interleaved rounds")
    for name, build in NETWORKS.items():
        model = build()
        for batch, threads in SETTINGS:
            ours, theirs = [], []
            for _ in range(arguments.rounds):
                ours.append(time_ours(arguments.program, name, batch, threads, arguments.seconds))
                session = open_session(model, threads)
                theirs.append(time_theirs(session, batch, arguments.seconds))
                del session
            a, b = min(t[0] for t in ours), min(t[0] for t in theirs)
            c, d = (statistics.median(t[1] for t in side) for side in (ours, theirs))
            print(f"{name:22s} batch {batch} threads {threads}: bitzoo {a:7.3f} / {c:7.3f}  "
                  f"onnxruntime {b:7.3f} / {d:7.3f}  ratio {b / a:5.2f} / {d / c:5.2f}", flush=True)


if __name__ == "__main__":
    main()
