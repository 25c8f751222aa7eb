"""The demo: what its README line promises, and the networks' outputs against the frameworks'."""

import hashlib
import json
import pathlib
import re

import numpy
import pytest

DEMO = pathlib.Path(__file__).resolve().parents[2] / "demo"
FRAMEWORKS = ("pytorch", "keras")
IMAGES = 2000
PATIENCE = 1200  # seconds, on a busy machine and with sanitizers


def recorded(framework):
    return json.loads((DEMO / f"{framework}.json").read_text())


@pytest.fixture(scope="module")
def demo(bitzoo, tmp_path_factory):
    """The demo's folder, and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    return folder, bitzoo("demo", "-o", folder, check=True, timeout=PATIENCE)


def test_table_gives_what_the_frameworks_scored(demo):
    folder, done = demo
    for framework, platform in (("pytorch", "PyTorch"), ("keras", "Keras")):
        about = recorded(framework)
        row = re.search(rf"{platform}\s+article\s+([\d.]+)\s+([\d.]+)", done.stdout)
        assert row, done.stdout
        # One picture of 2,000 may lie on a tie that other arithmetic decides otherwise.
        assert float(row[1]) == pytest.approx(about["top1"], abs=0.051)
        assert float(row[2]) == pytest.approx(about["top5"], abs=0.051)


def test_every_run_has_the_digest_of_the_first(demo):
    folder, done = demo
    rows = re.findall(
        r"^(c|avx2|avx512) +([12]) +(1|7|32)  ([0-9a-f]{16})  ([0-9a-f]{16})$", done.stdout, re.M
    )
    assert [row[:3] for row in rows[:3]] == [("c", "2", "1"), ("c", "1", "7"), ("c", "2", "32")]
    assert len(rows) in (3, 6, 9) and len({row[:3] for row in rows}) == len(rows)
    first = tuple(
        json.loads((folder / f"results/article_{f}_imagenet_receipt.json").read_text())[
            "predictions_sha256"
        ][:16]
        for f in sorted(FRAMEWORKS)
    )
    assert {row[3:] for row in rows} == {first}


def test_tells_what_to_type(demo, program):
    folder, done = demo
    for command in ("prep", "predict", "score"):
        assert f"\n$ {program} {command} " in done.stderr
    assert f"\n  {program} predict ILSVRC2012_img_val.tar " in done.stderr
    assert done.stderr.endswith(f"\n  {program} score -k results -p results\n")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_probabilities_are_the_framework_s(demo, framework):
    folder, done = demo
    expected = numpy.load(DEMO / f"{framework}_expected.npy")
    if framework == "pytorch":
        expected = numpy.exp(expected)
    every = IMAGES // len(expected)
    name = folder / f"results/article_{framework}_imagenet"
    classes = numpy.load(f"{name}_top5preds.npy")[::every]
    found = numpy.load(f"{name}_top5probs.npy")[::every].astype(numpy.float64)
    wanted = numpy.take_along_axis(expected, classes, axis=1)
    assert found.shape == (50, 5)
    assert numpy.abs(found - wanted).max() <= 1e-4 * expected.max()
    assert (classes[range(50), found.argmax(axis=1)] == expected.argmax(axis=1)).all()


def test_carries_the_trained_weights(demo):
    folder, done = demo
    for name in ("article.pth", "article.h5", "pytorch.json", "keras.json"):
        assert (folder / "weights" / name).read_bytes() == (DEMO / name).read_bytes()


def test_set_is_a_set_of_ten_classes(demo):
    folder, done = demo
    classes = sorted(path.name for path in (folder / "set").iterdir())
    assert classes[0] == "00_disc" and classes[9] == "09_checker" and len(classes) == 10
    assert all(len(list((folder / "set" / name).glob("*.JPEG"))) == 200 for name in classes)
    for framework in FRAMEWORKS:
        labels = numpy.load(folder / f"results/article_{framework}_imagenet_labels.npy")
        assert (labels == numpy.repeat(numpy.arange(10), 200)).all()


def test_second_run_gives_the_same(demo, bitzoo, sanitized):
    if sanitized:
        pytest.skip("one run of the demo is enough with sanitizers, where it takes minutes")
    folder, done = demo
    again = bitzoo("demo", "-o", folder, "-t", 1, "--quiet", check=True, timeout=PATIENCE)
    assert again.stdout == done.stdout
    assert again.stderr == ""


def test_refuses_a_set_that_was_changed(bitzoo, tmp_path):
    (tmp_path / "out").mkdir()
    bitzoo("demo", "--write-set", tmp_path / "out/set", "--images", 10, check=True)
    done = bitzoo("demo", "-o", tmp_path / "out")
    assert done.returncode == 3
    assert "a set of 10 pictures is not what this program makes" in done.stderr
    assert done.stdout == ""


def test_writes_sets_to_train_on(bitzoo, tmp_path):
    def written(split, images):
        folder = tmp_path / f"{split}-{images}"
        bitzoo("demo", "--write-set", folder, "--split", split, "--images", images, check=True)
        files = sorted(folder.glob("*/*.JPEG"))
        assert len(files) == images
        return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).digest() for f in files}

    train, more, test = written("train", 100), written("train", 200), written("test", 100)
    assert train.items() < more.items()  # more of the same
    assert not set(train.values()) & set(test.values())


@pytest.mark.parametrize(
    "options, told",
    [
        (("--images", "7"), "multiple of 10"),
        (("--images", "-10"), "whole number"),
        (("--images", "10x"), "whole number"),
        (("--split", "dev"), "test or train"),
        (("elsewhere",), "Too many arguments"),
    ],
)
def test_refuses_bad_options(bitzoo, tmp_path, options, told):
    done = bitzoo("demo", "--write-set", tmp_path / "set", *options)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "set").exists()


def test_refuses_set_options_without_a_set(bitzoo):
    done = bitzoo("demo", "--images", 10)
    assert done.returncode == 2
    assert "--write-set" in done.stderr


def test_help_ends_with_an_example(bitzoo):
    done = bitzoo("demo", "--help", check=True)
    example = "bitzoo demo --write-set pictures --split train --images 10000"
    assert done.stdout.rstrip().endswith(example)
