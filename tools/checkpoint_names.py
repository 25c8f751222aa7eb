#!/usr/bin/env python3
"""Lists a checkpoint's tensors, one "name dimension..." a line, as the golden lists in
tests/golden/*_names.txt have them. Needs torch for a .pth, h5py for a Keras 2 .h5.
Usage: checkpoint_names.py FILE"""

import sys


def pth(path):
    import torch

    for name, tensor in torch.load(path, map_location="cpu", weights_only=True).items():
        yield name, tensor.shape


def h5(path):
    import h5py

    with h5py.File(path) as file:
        group = file.get("model_weights", file)
        for layer in group.attrs["layer_names"]:
            for weight in group[layer].attrs["weight_names"]:
                name = weight.decode().rsplit("/", 1)[1].removesuffix(":0")
                yield f"{layer.decode()}/{name}", group[layer][weight].shape


path = sys.argv[1]
for name, shape in (h5 if path.endswith(".h5") else pth)(path):
    print(name, *shape)
