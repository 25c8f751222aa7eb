"""The demo's pictures for the two training scripts, and the record of what a framework makes of
them. Everything is drawn by `bitzoo demo --write-set`, so nothing is downloaded."""

import argparse
import hashlib
import json
import pathlib
import subprocess
import tempfile

import numpy
from PIL import Image

TRAIN_IMAGES = 10000
TEST_IMAGES = 2000
EXPECTED_EVERY = 40  # of the test set: 50 pictures, 5 of each class


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--bitzoo", default="build/src/cli/bitzoo", help="the built program")
    parser.add_argument("--out", default="demo", type=pathlib.Path, help="folder for the results")
    return parser.parse_args()


def load(bitzoo, split, images):
    """The pictures as (images, 32, 32, 3) uint8 and their labels, in the order of the folders."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch, split)
        subprocess.run(
            [bitzoo, "demo", "--quiet", "--write-set", folder, "--split", split]
            + ["--images", str(images)],
            check=True,
        )
        files = sorted(folder.glob("*/*.JPEG"))
        pixels = numpy.stack([numpy.asarray(Image.open(f).convert("RGB")) for f in files])
    return pixels, numpy.repeat(numpy.arange(10), images // 10)


def record(out, name, versions, pixels, labels, outputs):
    """Write NAME.json, what the framework itself scores, and NAME_expected.npy, its outputs for
    every fortieth picture of the test set."""
    order = numpy.argsort(-outputs, axis=1, kind="stable")
    about = {
        "trained_with": versions,
        "images": len(labels),
        "top1": round(float(numpy.mean(order[:, 0] == labels)) * 100, 3),
        "top5": round(float(numpy.mean((order[:, :5] == labels[:, None]).any(axis=1))) * 100, 3),
        "pixels_sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
    }
    (out / f"{name}.json").write_text(json.dumps(about, indent=2) + "\n")
    numpy.save(out / f"{name}_expected.npy", outputs[::EXPECTED_EVERY].astype(numpy.float32))
    print(json.dumps(about, indent=2))
