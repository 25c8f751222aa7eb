"""`bitzoo models`: the table, one network layer by layer, and the same for programs."""

import json
import pathlib
import re

import pytest

BAD_USAGE, BAD_INPUT = 2, 3
GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"

# Parameters as torchvision and Keras count them.
PARAMETERS = {
    "pytorch/alexnet": 61100840,
    "pytorch/vgg11": 132863336,
    "pytorch/vgg11_bn": 132868840,
    "pytorch/vgg13": 133047848,
    "pytorch/vgg13_bn": 133053736,
    "pytorch/vgg16": 138357544,
    "pytorch/vgg16_bn": 138365992,
    "pytorch/vgg19": 143667240,
    "pytorch/vgg19_bn": 143678248,
    "pytorch/resnet18": 11689512,
    "pytorch/resnet34": 21797672,
    "pytorch/resnet50": 25557032,
    "pytorch/resnet101": 44549160,
    "pytorch/resnet152": 60192808,
    "pytorch/squeezenet1_0": 1248424,
    "pytorch/squeezenet1_1": 1235496,
    "pytorch/densenet121": 7978856,
    "pytorch/densenet161": 28681000,
    "pytorch/densenet169": 14149480,
    "pytorch/densenet201": 20013928,
    "pytorch/inception_v3": 23834568,
    "keras/vgg16": 138357544,
    "keras/vgg19": 143667240,
    "keras/resnet50": 25636712,
    "keras/densenet121": 8062504,
    "keras/densenet169": 14307880,
    "keras/densenet201": 20242984,
    "keras/mobilenet": 4253864,
    "keras/mobilenet_0.75": 2601976,
    "keras/mobilenet_0.5": 1342536,
    "keras/mobilenet_0.25": 475544,
    "keras/mobilenetV2": 3538984,
    "keras/nasnetmobile": 5326716,
    "keras/nasnetlarge": 88949818,
    "keras/xception": 22910480,
    "keras/inceptionv3": 23851784,
    "keras/inceptionresnetv2": 55873736,
    "keras/article": 11290,
    "pytorch/article": 11290,
}


def models_json(bitzoo, *args):
    done = bitzoo("models", "--json", *args, check=True)
    assert done.stderr == ""
    return {f"{m['framework']}/{m['name']}": m for m in json.loads(done.stdout)["models"]}


def test_table_has_every_model_in_aligned_columns(bitzoo):
    done = bitzoo("models", check=True)
    assert done.stderr == ""
    header, *rows = done.stdout.split("\n\n")[0].splitlines()
    assert header.split() == ["Model", "Parameters", "MFLOPs", "Side", "Published", "Recorded",
                              "Official", "Reference", "Weights"]
    assert {row.split()[0]: int(row.split()[1]) for row in rows} == PARAMETERS
    for title in "Published", "Official", "Weights":  # texts begin under their titles
        at = header.index(title)
        assert all(row[at - 1] == " " and row[at] != " " for row in rows)
    end = header.index("Parameters") + len("Parameters")  # numbers end under theirs
    assert all(row[end - 1].isdigit() and row[end] == " " for row in rows)


def test_recipes_are_told_once(bitzoo):
    table, recipes = bitzoo("models", check=True).stdout.strip().split("\n\n")
    told = dict(line.split(": ") for line in recipes.splitlines())
    assert len(set(told.values())) == len(told)
    row = next(r for r in table.splitlines() if r.startswith("keras/mobilenet "))
    official, reference = row.split()[-3:-1]
    assert told[official] == "short-side 256 bicubic crop 224 tf"
    assert told[reference] == "squash 224 nearest tf"


def test_json_has_everything_about_a_model(bitzoo):
    models = models_json(bitzoo)
    assert {name: model["parameters"] for name, model in models.items()} == PARAMETERS
    assert models["pytorch/squeezenet1_1"] == {
        "framework": "pytorch",
        "name": "squeezenet1_1",
        "in_reference": True,
        "parameters": 1235496,
        "flops": 698303872,
        "side": 224,
        "classes": 1000,
        "recipes": {
            "official": "short-side 256 bilinear crop 224 torchvision",
            "reference": "short-side 256 bilinear crop 224 torchvision",
        },
        "published": {"top1": 58.178, "top5": 80.624},
        "recorded": {"top1": 56.42, "top5": 79.21},
        "weights": {
            "published": [
                {"name": "squeezenet1_1-f364aa15.pth", "sha256_prefix": "f364aa15", "md5": None},
                {"name": "squeezenet1_1-b8a52dc0.pth", "sha256_prefix": "b8a52dc0", "md5": None},
            ],
            "names": ["squeezenet1_1-f364aa15.pth", "squeezenet1_1-b8a52dc0.pth",
                      "squeezenet1_1.pth"],
            "path": None,
        },
    }
    assert models["keras/mobilenet_0.25"]["published"] == {"top1": 50.6, "top5": None}
    assert models["keras/article"]["recorded"] is None


def test_recorded_accuracies_are_the_published_tables(bitzoo, shared):
    rows = (shared / "published/readme_table.csv").read_text().splitlines()[1:]
    published = {}
    for row in rows:
        platform, name, top1, top5 = row.split(",")[:4]
        published[f"{platform.split()[0].lower()}/{name}"] = {
            "top1": float(top1), "top5": float(top5)}
    models = models_json(bitzoo, "all")
    assert len(models) == 34
    for name, model in models.items():
        assert model["recorded"] == published[name]


def test_a_network_is_printed_layer_by_layer(bitzoo):
    done = bitzoo("models", "keras/article", check=True)
    assert done.stdout == """\
keras/article

Layer            Operation  Window        Input  Output        Parameters
input            input                           32 x 32 x 3            0
conv2d           conv       3x3                  30 x 30 x 32         896
conv2d.relu      relu                            30 x 30 x 32           0
max_pooling2d    maxpool    2x2 stride 2         15 x 15 x 32           0
conv2d_1         conv       3x3                  13 x 13 x 16        4624
conv2d_1.relu    relu                            13 x 13 x 16           0
max_pooling2d_1  maxpool    2x2 stride 2         6 x 6 x 16             0
flatten          flatten                         1 x 1 x 576            0
dense            dense                           1 x 1 x 10          5770
dense.softmax    softmax                         1 x 1 x 10             0

parameters: 11,290
FLOPs: 3,124,224
official recipe: squash 32 nearest unit
reference recipe: squash 32 nearest unit
published accuracy: -
recorded accuracy: -
weights: article.h5
"""


def test_layers_tell_windows_and_where_ways_meet(bitzoo):
    text = bitzoo("models", "squeezenet1_1", "mobilenet_0.25", check=True).stdout
    lines = {line.split()[0]: re.split(r"\s{2,}", line) for line in text.splitlines() if line}
    assert lines["maxpool"][1:] == ["maxpool", "3x3 stride 2", "55 x 55 x 64", "0"]
    assert lines["features.3.expand3x3"][1:] == [
        "conv", "3x3 padding 1", "features.3.squeeze.relu", "55 x 55 x 64", "9280"]
    assert lines["concat"][1:] == [
        "concat", "features.3.expand1x1.relu, features.3.expand3x3.relu", "55 x 55 x 128", "0"]
    assert lines["conv_dw_2"][1:] == [
        "depthwise conv", "3x3 stride 2 padding 0,0,1,1", "56 x 56 x 16", "144"]
    assert "published accuracy: 50.60 / -" in text
    assert text.index("pytorch/squeezenet1_1\n") < text.index("\nkeras/mobilenet_0.25\n")


@pytest.mark.parametrize("name, list_name", [
    ("pytorch/resnet50", "resnet50"),
    ("pytorch/densenet121", "densenet121"),
    ("pytorch/inception_v3", "inception_v3"),
    ("pytorch/squeezenet1_0", "squeezenet1_0"),
    ("pytorch/squeezenet1_1", "squeezenet1_1"),
    ("keras/mobilenet_0.25", "mobilenet_0.25"),
])
def test_json_layers_have_the_checkpoints_tensors(bitzoo, name, list_name):
    model = models_json(bitzoo, name)[name]
    tensors = [t for layer in model["layers"] for t in layer["tensors"]]
    lines = [" ".join([t["name"], *map(str, t["shape"])]) for t in tensors]
    assert lines == (GOLDEN / f"{list_name}_names.txt").read_text().splitlines()
    assert sum(layer["parameters"] for layer in model["layers"]) == model["parameters"]
    assert sum(layer["flops"] for layer in model["layers"]) == model["flops"]
    known = set()
    for layer in model["layers"]:
        assert set(layer["inputs"]) <= known
        known.add(layer["name"])
    assert len(known) == len(model["layers"])


def test_json_layers_have_windows(bitzoo):
    layers = models_json(bitzoo, "keras/mobilenet")["keras/mobilenet"]["layers"]
    by_name = {layer["name"]: layer for layer in layers}
    layer = by_name["conv_dw_2"]
    assert (layer["kernel"], layer["stride"], layer["padding"], layer["groups"]) == (
        [3, 3], [2, 2], [0, 0, 1, 1], 64)
    assert layer["output"] == [56, 56, 64]
    assert by_name["conv1_bn"]["epsilon"] == 0.001
    assert "kernel" not in by_name["conv1_bn"]


def test_weights_that_are_there_are_told(bitzoo, tmp_path):
    (tmp_path / "squeezenet1_1.pth").touch()
    (tmp_path / "mobilenet_2_5_224_tf.h5").touch()
    rows = bitzoo("models", "-w", tmp_path, check=True).stdout.splitlines()
    ends = {row.split()[0]: row.split("  ")[-1] for row in rows[1:1 + len(PARAMETERS)]}
    assert ends["pytorch/squeezenet1_1"] == "squeezenet1_1.pth"
    assert ends["keras/mobilenet_0.25"] == "mobilenet_2_5_224_tf.h5"
    assert list(ends.values()).count("not there") == len(PARAMETERS) - 2
    (tmp_path / "squeezenet1_1-b8a52dc0.pth").touch()
    models = models_json(bitzoo, "-w", tmp_path, "squeezenet1_1", "squeezenet1_0")
    path = models["pytorch/squeezenet1_1"]["weights"]["path"]
    assert path == str(tmp_path / "squeezenet1_1-b8a52dc0.pth")
    assert models["pytorch/squeezenet1_0"]["weights"]["path"] is None


def test_real_weights_are_found(bitzoo, shared):
    models = models_json(bitzoo, "-w", shared / "weights")
    found = [name for name, model in models.items() if model["weights"]["path"]]
    assert found == ["keras/mobilenet_0.25"]


def test_quiet_prints_names(bitzoo):
    assert bitzoo("models", "-q", check=True).stdout.split() == list(PARAMETERS)
    done = bitzoo("models", "-q", "mobilenet,squeezenet1_1", "article", "keras/mobilenet",
                  check=True)
    assert done.stdout.split() == ["keras/mobilenet", "pytorch/squeezenet1_1", "keras/article",
                                   "pytorch/article"]


@pytest.mark.parametrize("args, status, text", [
    (["mobilnet"], BAD_USAGE, "there is no model 'mobilnet'; did you mean keras/mobilenet,"),
    (["article", "x" * 3000], BAD_USAGE, "there is no model 'xxxx"),
    ([""], BAD_USAGE, "there is no model ''"),
    (["-w", "no/such/folder"], BAD_INPUT, "no/such/folder: cannot look for weights: No such file"),
    (["-w", "/dev/null"], BAD_INPUT, "/dev/null: not a folder; -w names the one with the weights"),
    (["--frobnicate"], BAD_USAGE, "--frobnicate"),
])
def test_refusals(bitzoo, args, status, text):
    done = bitzoo("models", *args)
    assert (done.returncode, done.stdout) == (status, "")
    assert text in done.stderr


def test_output_that_cannot_be_written_is_an_error(bitzoo):
    with open("/dev/full", "w") as full:
        done = bitzoo("models", stdout=full, stderr=-1)
    assert done.returncode == 5
    assert "standard output" in done.stderr
