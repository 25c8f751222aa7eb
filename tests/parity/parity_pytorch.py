#!/usr/bin/env python3
"""Compares every torchvision model of bitzoo with torchvision's own, on real images.

Each network is built by torchvision with seeded weights, saved as a .pth, and its logits computed
three times: by `bitzoo predict`, by PyTorch in float32, and by PyTorch in float64. Exits with 1
when a model differs by more than rounding, with 77 when PyTorch or the images are not there.

    python3 -m venv build/parity
    build/parity/bin/pip install -r tests/parity/requirements_pytorch.txt
    build/parity/bin/python tests/parity/parity_pytorch.py [MODEL...]
"""

import argparse
import copy
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    import torchvision
    from PIL import Image
    from torchvision import transforms
    from torchvision.models.resnet import BasicBlock, Bottleneck
    from torch.utils.flop_counter import FlopCounterMode
except ImportError as missing:
    print(f"skipped: {missing}; see the top of {__file__}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("BITZOO_SHARED", ROOT.parent / "shared/data"))

# What counts as rounding.
MOST_DIFFERENCE = 1e-4  # of the largest logit
MOST_ERROR = 2.0  # times PyTorch's own float32 error

LEFT_OUT = "AuxLogits."  # inception_v3's second classifier, which inference does not need

HEADER = ("model", "parameters", "MFLOPs", "largest logit", "difference", "rms error",
          "PyTorch's", "ratio", "top-5", "")


def network(name):
    """torchvision's own, without its slow default initialisation where that can be turned off."""
    options = {"weights": None}
    if name == "inception_v3":
        options |= {"transform_input": True, "aux_logits": True, "init_weights": False}
    if name.startswith("vgg"):
        options |= {"init_weights": False}
    return torchvision.models.get_model(name, **options).eval()


def weigh(model, images, seed):
    """Weights that keep activations at their size, biases, and statistics that are near those of
    the images but not them: a wrong epsilon, mean or variance would show."""
    random = torch.Generator().manual_seed(seed)

    def normal(tensor, deviation):
        tensor.data.normal_(0, deviation, generator=random)

    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for module in model.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            normal(module.weight, (2 / module.weight[0].numel()) ** 0.5)
            if module.bias is not None:
                normal(module.bias, 0.1)
    for module in norms:
        module.weight.data.uniform_(0.5, 1.5, generator=random)
        normal(module.bias, 0.2)
        module.momentum = 1.0
        module.training = True
    for module in model.modules():  # training leaves residuals small; large ones amplify rounding
        if isinstance(module, (BasicBlock, Bottleneck)):
            last = module.bn2 if isinstance(module, BasicBlock) else module.bn3
            last.weight *= 0.3
    if norms:
        model(images)
    for module in norms:
        module.training = False
        variance = module.running_var
        module.running_mean += 0.1 * variance.sqrt() * torch.randn(variance.shape, generator=random)
        variance *= 0.7 + 0.7 * torch.rand(variance.shape, generator=random)


def preprocess(paths, recipe):
    """torchvision's own evaluation, with the sizes of "short-side 256 bilinear crop 224 ..."."""
    words = recipe.split()
    assert words[0::2][:2] == ["short-side", "bilinear"] and words[3] == "crop", recipe
    steps = transforms.Compose([
        transforms.Resize(int(words[1])), transforms.CenterCrop(int(words[4])),
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    return torch.stack([steps(Image.open(path).convert("RGB")) for path in paths])


def run_bitzoo(bitzoo, *args):
    done = subprocess.run([bitzoo, *map(str, args)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"bitzoo {args[0]}: {done.stderr}")
    return done.stdout


def bitzoo_logits(bitzoo, folder, name, model):
    torch.save(model.state_dict(), folder / f"{name}.pth")
    run_bitzoo(bitzoo, "predict", folder / "images", "-m", f"pytorch/{name}", "-w",
               folder / f"{name}.pth", "-o", folder / "results", "-q", "--save-logits")
    (folder / f"{name}.pth").unlink()
    logits, = (folder / "results").glob("*logits.npy")
    values = np.load(logits).astype(np.float64)
    shutil.rmtree(folder / "results")
    return values


def counts(model, image):
    """Parameters and floating-point operations of one image, as PyTorch counts them."""
    model = copy.deepcopy(model).to("meta")
    parameters = sum(p.numel() for n, p in model.named_parameters() if not n.startswith(LEFT_OUT))
    with FlopCounterMode(display=False) as counter:
        model(image[None].to("meta"))
    return parameters, counter.get_total_flops()


def rms(values):
    return float(np.sqrt(np.mean(values ** 2)))


def compare_top5(ours, exact, error):
    """How many images have a margin between the fifth and the sixth class that no error of either
    side bridges, and how many of those have the same five classes."""
    order = np.sort(exact, axis=1)
    clear = order[:, -5] - order[:, -6] > 2 * error
    best = [np.sort(np.argsort(values, axis=1)[:, -5:], axis=1) for values in (ours, exact)]
    return int(clear.sum()), int((best[0] == best[1]).all(axis=1)[clear].sum())


def check(arguments, folder, paths, described, seed):
    """One row of the table."""
    name = described["name"]
    images = preprocess(paths, described["recipes"]["official"])
    model = network(name)
    weigh(model, images, seed)
    ours = bitzoo_logits(arguments.bitzoo, folder, name, model)
    single = model(images).numpy().astype(np.float64)
    parameters, flops = counts(model, images[0])
    exact = copy.deepcopy(model).double()(images.double()).numpy()
    largest = np.abs(exact).max()
    difference = np.abs(ours - single).max() / np.abs(single).max()
    error, their_error = rms(ours - exact), rms(single - exact)
    clear, same = compare_top5(ours, exact, max(np.abs(ours - exact).max(),
                                                np.abs(single - exact).max()))
    good = (parameters == described["parameters"] and flops == described["flops"]
            and 0.1 < largest < 1000 and difference <= MOST_DIFFERENCE
            and error <= MOST_ERROR * their_error and same == clear > 0)
    return (name, f"{parameters:,}", f"{flops / 1e6:,.0f}", f"{largest:.2f}", f"{difference:.1e}",
            f"{error:.1e}", f"{their_error:.1e}", f"{error / their_error:.2f}",
            f"{same} of {clear}", "" if good else "DIFFERS")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="names; all of bitzoo's by default")
    parser.add_argument("--bitzoo", default=ROOT / "build/src/cli/bitzoo")
    parser.add_argument("--images", type=pathlib.Path, default=SHARED / "sample-images",
                        help="folder of class folders")
    parser.add_argument("--count", type=int, default=8, help="how many of the images")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
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


def choose_models(arguments):
    """(seed, description) of each: a model has the same weights alone and among others."""
    listed = json.loads(run_bitzoo(arguments.bitzoo, "models", "--json", "pytorch"))["models"]
    unknown = set(arguments.models) - {described["name"] for described in listed}
    if unknown:
        sys.exit(f"bitzoo has no {', '.join(sorted(unknown))} of torchvision's")
    return [(seed, described) for seed, described in enumerate(listed, 1)
            if not arguments.models or described["name"] in arguments.models]


def main():
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    torch.set_grad_enabled(False)
    listed = choose_models(arguments)
    print(f"PyTorch {torch.__version__}, torchvision {torchvision.__version__}, "
          f"{arguments.count} images\n")
    print("|", " | ".join(HEADER), "|")
    print("|" + "---|" * len(HEADER))
    failures = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        paths = choose_images(arguments, folder)
        for seed, described in listed:
            row = check(arguments, folder, paths, described, seed)
            failures += row[-1] != ""
            print("|", " | ".join(row), "|", flush=True)
    print(f"\n{len(listed) - failures} of {len(listed)} agree")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
