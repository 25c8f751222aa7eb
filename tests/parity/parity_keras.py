#!/usr/bin/env python3
"""Compares every Keras model of bitzoo with Keras's own, on real images.

Each network is built by Keras with seeded weights, and its outputs are computed three times: by
`bitzoo predict`, by Keras in float32, and by Keras in float64. bitzoo reads the weights from the
.h5 that Keras 3 saves and from one as Keras 2.2.4 did, and must give the same bits for both. Exits
with 1 when a model differs by more than rounding, with 77 when Keras or the images are not there.

    python3 -m venv build/parity-keras
    build/parity-keras/bin/pip install -r tests/parity/requirements_keras.txt
    build/parity-keras/bin/python tests/parity/parity_keras.py [MODEL...]
"""

import argparse
import json
import logging
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
try:
    import h5py
    import keras
    import numpy as np
    import tensorflow
    from keras.ops import convert_to_numpy as to_numpy
except ImportError as missing:
    print(f"skipped: {missing}; see the top of {__file__}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("BITZOO_SHARED", ROOT.parent / "shared/data"))

# What counts as rounding.
MOST_DIFFERENCE = 1e-4  # of the largest logit
MOST_ERROR = 2.0  # times Keras's own float32 error

SPREAD = 3.0  # standard deviation of the logits, so that no probability underflows

APPLICATIONS = {
    "vgg16": "VGG16", "vgg19": "VGG19", "resnet50": "ResNet50", "densenet121": "DenseNet121",
    "densenet169": "DenseNet169", "densenet201": "DenseNet201", "mobilenet": "MobileNet",
    "mobilenetV2": "MobileNetV2", "nasnetmobile": "NASNetMobile", "nasnetlarge": "NASNetLarge",
    "xception": "Xception", "inceptionv3": "InceptionV3",
    "inceptionresnetv2": "InceptionResNetV2",
}

HEADER = ("model", "parameters", "largest logit", "difference", "rms error", "Keras's", "ratio",
          "top-5", "")


def resnet50_of_keras_2(model):
    """Keras 3's ResNet-50 with the layer names and the epsilon of Keras 2.2.4."""
    def rename(match):
        stage, block, way, kind = match.groups()
        prefix = {"conv": "res", "bn": "bn"}[kind]
        branch = ["1", "2a", "2b", "2c"][int(way)]
        return f'"{prefix}{stage}{chr(ord("a") + int(block) - 1)}_branch{branch}"'

    text = json.dumps(model.get_config())
    text = re.sub(r'"conv(\d)_block(\d)_(\d)_(conv|bn)"', rename, text)
    for new, old in (("conv1_conv", "conv1"), ("conv1_bn", "bn_conv1"), ("predictions", "fc1000")):
        text = text.replace(f'"{new}"', f'"{old}"')
    text, changed = re.subn(r'"epsilon": 1.001e-05', '"epsilon": 0.001', text)
    assert changed == 53
    return keras.Model.from_config(json.loads(text))


def network(name, dtype):
    """Keras's own. The session is never cleared, so layers without names get ever higher numbers."""
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    model = getattr(keras.applications, APPLICATIONS[name])(weights=None)
    return resnet50_of_keras_2(model) if name == "resnet50" else model


def weigh(model, images, seed):
    """Weights that keep activations at their size, biases, and statistics that are near those of
    the images but not them: a wrong epsilon, mean or variance would show."""
    random = np.random.default_rng(seed)
    norms = [x for x in model.layers if isinstance(x, keras.layers.BatchNormalization)]
    for layer in model.layers:
        for variable in layer.weights:
            fan_in = np.prod(variable.shape[:-1])
            if variable.name == "depthwise_kernel" or isinstance(
                    layer, keras.layers.DepthwiseConv2D):
                fan_in = np.prod(variable.shape[:2])
            if len(variable.shape) > 1:
                variable.assign(random.normal(0, (2 / fan_in) ** 0.5, variable.shape))
            elif variable.name == "gamma":
                variable.assign(random.uniform(0.5, 1.5, variable.shape))
            elif variable.name in ("bias", "beta"):
                variable.assign(random.normal(0, 0.2, variable.shape))
    for layer in norms:
        layer.momentum = 0.0
    model(images, training=True)
    for layer in norms:
        mean, variance = map(to_numpy, (layer.moving_mean, layer.moving_variance))
        layer.moving_mean.assign(mean + 0.1 * variance ** 0.5 * random.normal(size=mean.shape))
        layer.moving_variance.assign(variance * random.uniform(0.7, 1.4, mean.shape))
    spread_logits(model, images)


def spread_logits(model, images):
    last = [layer for layer in model.layers if layer.weights][-1]
    activation, last.activation = last.activation, keras.activations.linear
    logits = to_numpy(keras.Model(model.inputs, last.output)(images))
    last.set_weights([weight * SPREAD / logits.std() for weight in last.get_weights()])
    last.activation = activation


def preprocess(paths, recipe):
    """What Keras's users did in 2019: "squash 224 nearest caffe"."""
    fit, side, interpolation, mode = recipe.split()
    assert fit == "squash", recipe
    pictures = [keras.utils.img_to_array(keras.utils.load_img(
        path, target_size=(int(side), int(side)), interpolation=interpolation), dtype="float32")
        for path in paths]
    return keras.applications.imagenet_utils.preprocess_input(np.stack(pictures), mode=mode)


def logits_of(probabilities):
    """Their logarithms are the logits, but for one constant an image."""
    logits = np.log(np.asarray(probabilities, dtype=np.float64))
    return logits - logits.mean(axis=1, keepdims=True)


def run_bitzoo(bitzoo, *args):
    done = subprocess.run([bitzoo, *map(str, args)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"bitzoo {args[0]}: {done.stderr}")
    return done.stdout


def keras_2_name(model, layer, numbers):
    """What Keras 2.2.4 called a layer: numbers began with 1, some names have changed since."""
    numbered = re.fullmatch(r"(conv2d|batch_normalization)(_\d+)?", layer.name)
    if numbered:
        base = numbered[1]
        numbers[base] = numbers.get(base, 0) + 1
        return f"{base}_{numbers[base]}"
    if model.name.startswith("densenet"):
        return {"conv1_conv": "conv1/conv", "conv1_bn": "conv1/bn",
                "predictions": "fc1000"}.get(layer.name, layer.name)
    return "Logits" if (model.name[:11], layer.name) == ("mobilenetv2", "predictions") \
        else layer.name


def save_as_keras_2(model, path):
    """The weights alone, as Keras 2.2.4's save_weights wrote them."""
    numbers = {}
    created = sorted(model.layers, key=lambda layer: [
        int(digits) for digits in re.findall(r"_(\d+)$", layer.name)] or [0])
    names = {layer.name: keras_2_name(model, layer, numbers) for layer in created}
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([names[x.name].encode() for x in model.layers])
        file.attrs["keras_version"], file.attrs["backend"] = b"2.2.4", b"tensorflow"
        for layer in model.layers:
            group = file.create_group(names[layer.name])
            depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
            kinds = ["depthwise_kernel" if depthwise and v.name == "kernel" else v.name
                     for v in layer.weights]
            paths = [f"{names[layer.name]}/{kind}:0" for kind in kinds]
            group.attrs["weight_names"] = np.array([p.encode() for p in paths], dtype="S")
            for weight_path, variable in zip(paths, layer.weights):
                group[weight_path] = to_numpy(variable)


def bitzoo_outputs(bitzoo, folder, name, weights):
    run_bitzoo(bitzoo, "predict", folder / "images", "-m", f"keras/{name}", "-w", weights, "-o",
               folder / "results", "-q", "--save-logits", "--recipe", "reference")
    weights.unlink()
    outputs, = (folder / "results").glob("*logits.npy")
    values = np.load(outputs)
    shutil.rmtree(folder / "results")
    return values


def bitzoo_logits(bitzoo, folder, name, model):
    """And whether both files give the same bits."""
    model.save(folder / "keras3.h5", include_optimizer=False)
    new = bitzoo_outputs(bitzoo, folder, name, folder / "keras3.h5")
    save_as_keras_2(model, folder / "keras2.h5")
    old = bitzoo_outputs(bitzoo, folder, name, folder / "keras2.h5")
    return logits_of(new), new.tobytes() == old.tobytes()


def rms(values):
    return float(np.sqrt(np.mean(values ** 2)))


def compare_top5(ours, exact, error):
    """How many images have a margin between the fifth and the sixth class that no error of either
    side bridges, and how many of those have the same five classes."""
    order = np.sort(exact, axis=1)
    clear = order[:, -5] - order[:, -6] > 2 * error
    best = [np.sort(np.argsort(values, axis=1)[:, -5:], axis=1) for values in (ours, exact)]
    return int(clear.sum()), int((best[0] == best[1]).all(axis=1)[clear].sum())


def check(arguments, folder, paths, described):
    """One row of the table."""
    name = described["name"]
    images = preprocess(paths, described["recipes"]["reference"])
    model = network(name, "float32")
    weigh(model, images, seed=1 + list(APPLICATIONS).index(name))
    ours, old_is_new = bitzoo_logits(arguments.bitzoo, folder, name, model)
    single = logits_of(to_numpy(model(images, training=False)))
    double = network(name, "float64")
    double.set_weights(model.get_weights())
    exact = logits_of(to_numpy(double(images.astype(np.float64), training=False)))
    largest = np.abs(exact).max()
    difference = np.abs(ours - single).max() / np.abs(single).max()
    error, their_error = rms(ours - exact), rms(single - exact)
    clear, same = compare_top5(ours, exact, max(np.abs(ours - exact).max(),
                                                np.abs(single - exact).max()))
    parameters = model.count_params()
    good = (parameters == described["parameters"] and 1 < largest < 50
            and difference <= MOST_DIFFERENCE and error <= MOST_ERROR * their_error
            and same == clear > 0 and old_is_new)
    return (name, f"{parameters:,}", f"{largest:.2f}", f"{difference:.1e}", f"{error:.1e}",
            f"{their_error:.1e}", f"{error / their_error:.2f}", f"{same} of {clear}",
            "" if good else "DIFFERS")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="names; all of bitzoo's by default")
    parser.add_argument("--bitzoo", default=ROOT / "build/src/cli/bitzoo")
    parser.add_argument("--images", type=pathlib.Path, default=SHARED / "sample-images",
                        help="folder of class folders")
    parser.add_argument("--count", type=int, default=6, help="how many of the images")
    return parser.parse_args()


def choose_images(arguments, folder):
    """`count` images, spread over all, in folders as bitzoo wants them and in its order."""
    found = sorted(arguments.images.glob("*/*.JPEG"))
    if len(found) < arguments.count:
        print(f"skipped: {arguments.images} has {len(found)} images, {arguments.count} are wanted")
        sys.exit(77)
    chosen = found[::len(found) // arguments.count][:arguments.count]
    for path in chosen:
        target = folder / "images" / path.parent.name
        target.mkdir(parents=True)
        shutil.copy(path, target)
    return chosen


def main():
    arguments = parse()
    warnings.filterwarnings("ignore", module="keras")
    logging.getLogger("absl").setLevel("ERROR")  # .h5 is an old format, as we know
    names = [f"keras/{name}" for name in arguments.models] or ["keras"]
    listed = json.loads(run_bitzoo(arguments.bitzoo, "models", "--json", *names))["models"]
    print(f"Keras {keras.__version__}, TensorFlow {tensorflow.__version__}, "
          f"{arguments.count} images\n")
    print("|", " | ".join(HEADER), "|")
    print("|" + "---|" * len(HEADER), flush=True)
    failures = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        paths = choose_images(arguments, folder)
        for described in listed:
            row = check(arguments, folder, paths, described)
            failures += row[-1] != ""
            print("|", " | ".join(row), "|", flush=True)
    print(f"\n{len(listed) - failures} of {len(listed)} agree")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
