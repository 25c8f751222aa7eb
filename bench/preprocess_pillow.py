#!/usr/bin/env python3
"""Compare bench/preprocess with Pillow: decoding, resizing and cropping the same JPEG files.

    bench/preprocess_pillow.py build/bench/preprocess FILE...

The two take turns, ROUNDS times; each figure is the least CPU time of its rounds, in milliseconds
a picture, on one thread.
"""

import io
import pathlib
import subprocess
import sys
import time

import PIL
from PIL import Image

ROUNDS = 5


def decode(file):
    image = Image.open(io.BytesIO(file))
    return image.convert("RGB") if image.mode != "RGB" else image.load() and image


def crop_of(image, filter):
    """torchvision's Resize(256), CenterCrop(224) in Pillow's own calls."""
    width, height = image.size
    short, long = min(width, height), max(width, height)
    sides = (256, int(256 * long / short))
    resized = image.resize(sides if width <= height else sides[::-1], filter)
    left, top = (int(round((side - 224) / 2.0)) for side in resized.size)
    return resized.crop((left, top, left + 224, top + 224))


KINDS = {"bilinear": lambda image: crop_of(image, Image.Resampling.BILINEAR),
         "bicubic": lambda image: crop_of(image, Image.Resampling.BICUBIC),
         "nearest": lambda image: image.resize((224, 224), Image.Resampling.NEAREST)}


def pillow_round(files):
    spent = dict.fromkeys(["decode", *KINDS], 0.0)
    for file in files:
        start = time.process_time()
        image = decode(file)
        spent["decode"] += time.process_time() - start
        for kind, work in KINDS.items():
            start = time.process_time()
            work(image)
            spent[kind] += time.process_time() - start
    return {kind: seconds / len(files) * 1e3 for kind, seconds in spent.items()}


def bitzoo_round(program, paths):
    words = subprocess.run([program, *paths], capture_output=True, text=True,
                           check=True).stdout.split()
    return dict(zip(words[::2], map(float, words[1::2])))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program, paths = sys.argv[1], sys.argv[2:]
    files = [pathlib.Path(path).read_bytes() for path in paths]
    ours, theirs = {}, {}
    for _ in range(ROUNDS):
        for least, spent in ((ours, bitzoo_round(program, paths)), (theirs, pillow_round(files))):
            for kind, value in spent.items():
                least[kind] = min(value, least.get(kind, value))
    print(f"{len(files)} pictures, ms of CPU time a picture, least of {ROUNDS} rounds")
    print(f"{'':24}{'bitzoo':>8}  Pillow {PIL.__version__}")
    for kind in ("decode", *KINDS):
        print(f"{kind:24}{ours[kind]:8.3f}{theirs[kind]:8.3f}")
    for kind in KINDS:
        print(f"{'decode + ' + kind:24}{ours['decode'] + ours[kind]:8.3f}"
              f"{theirs['decode'] + theirs[kind]:8.3f}")
    print(f"libjpeg-turbo's decoding alone: {ours['libjpeg']:.3f}; decode + bilinear is "
          f"{(ours['decode'] + ours['bilinear']) / ours['libjpeg']:.2f} times that")
    print(f"bilinear in plain C: {ours['bilinear_c']:.3f}; bilinear and floats: "
          f"{ours['floats']:.3f}")


if __name__ == "__main__":
    main()
