"""What `bitzoo score` must refuse: the file named, the right status, and nothing written."""

import os
import subprocess

import numpy as np
import pytest
from scoring import expected_rows, make_small, read_csv, score_small, write_result


@pytest.fixture
def small(tmp_path):
    return make_small(tmp_path)


def check_refused(bitzoo, folder, options, names, status=3):
    table = folder.parent / "table.csv"
    done = bitzoo("score", "-k", folder, "-p", folder, "-o", table, *options)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    for name in [names] if isinstance(names, str) else names:
        assert name in done.stderr
    assert not table.exists()
    assert not list(folder.parent.glob("*.part"))


def change(folder, array, edit, model="a_keras"):
    """Replace one of a model's arrays by what `edit` makes of it."""
    path = folder / f"{model}_cifar10_{array}.npy"
    changed = np.load(path)
    result = edit(changed)
    np.save(path, changed if result is None else result)
    return path


def put(index, value):
    def edit(array):
        array[index] = value

    return edit


BROKEN_ARRAYS = {
    "class above": ("top5preds", put((17, 2), 10), "row 17: class 10 "),
    "class below": ("top5preds", put((399, 4), -1), "row 399: class -1 "),
    "class far above": ("top5preds", put((0, 0), 1 << 40), "row 0: class 1099511627776 "),
    "class twice": ("top5preds", lambda a: put((5, 1), a[5, 0])(a), "row 5"),
    "NaN": ("top5probs", put((44, 3), np.nan), "row 44"),
    "six columns": ("top5preds", lambda a: np.hstack([a, a[:, :1]]), "6"),
    "four columns": ("top5probs", lambda a: a[:, :4].copy(), "4"),
    "one dimension": ("top5preds", lambda a: a[:, 0].copy(), "1 dimension"),
    "three dimensions": ("top5probs", lambda a: a[None], "3 dimension"),
    "no images": ("top5preds", lambda a: a[:0], "no images"),
    "int32": ("top5preds", lambda a: a.astype(np.int32), "int64"),
    "float64": ("top5probs", lambda a: a.astype(np.float64), "float32"),
    "integer probabilities": ("top5probs", lambda a: (a * 100).astype(np.int64), "float32"),
    "objects": ("top5preds", lambda a: a.astype(object), ""),
    "fewer predictions": ("top5preds", lambda a: a[:-1].copy(), ["399", "400"]),
    "label above": ("labels", put(3, 10), "entry 3: class 10 "),
    "label below": ("labels", put(3, -1), "entry 3: class -1 "),
    "a label too few": ("labels", lambda a: a[:-1].copy(), "399"),
    "labels of floats": ("labels", lambda a: a.astype(float), "floating"),
    "square labels": ("labels", lambda a: a[:, None], "2 dimensions"),
    "other labels": ("labels", lambda a: put(7, (a[7] + 1) % 10)(a), "row 7"),
}


@pytest.mark.parametrize("case", BROKEN_ARRAYS)
def test_broken_arrays(bitzoo, small, case):
    path, _, _ = small
    array, edit, names = BROKEN_ARRAYS[case]
    model = "b_pytorch" if case == "other labels" else "a_keras"
    broken = change(path / "r", array, edit, model)
    names = [names] if isinstance(names, str) else names
    check_refused(bitzoo, path / "r", [], [str(broken), *names])


def test_models_of_different_length(bitzoo, small):
    path, _, _ = small
    for array in ("top5preds", "top5probs", "labels"):
        change(path / "r", array, lambda a: a[:-1].copy(), "b_pytorch")
    (path / "r/b_pytorch_cifar10_labels.npy").unlink()
    check_refused(bitzoo, path / "r", [], ["b_pytorch_cifar10_top5preds.npy", "399", "400"])


@pytest.mark.parametrize("array", ["top5preds", "top5probs"])
def test_half_a_result(bitzoo, small, array):
    path, _, _ = small
    (path / f"r/a_pytorch_cifar10_{array}.npy").unlink()
    check_refused(bitzoo, path / "r", [], "a_pytorch_cifar10_top5")


@pytest.mark.parametrize("array", ["top5preds", "top5probs", "labels"])
def test_truncated_arrays(bitzoo, small, array):
    path, _, _ = small
    broken = path / f"r/a_pytorch_cifar10_{array}.npy"
    whole = broken.read_bytes()
    for length in [0, 1, 6, 9, 10, 64, 127, 128, 129, len(whole) // 2, len(whole) - 1]:
        broken.write_bytes(whole[:length])
        check_refused(bitzoo, path / "r", [], str(broken))
    broken.write_bytes(whole + b"\0")
    check_refused(bitzoo, path / "r", [], str(broken))


BROKEN_MASKS = {
    "index above": (np.array([0, 400]), "entry 1: index 400 "),
    "index below": (np.array([-1]), "entry 0: index -1 "),
    "huge index": (np.array([1 << 63], np.uint64), "entry 0"),
    "floats": (np.array([1.0]), "floating"),
    "square": (np.zeros((2, 2), int), "2 dimensions"),
    "few booleans": (np.ones(399, bool), "399"),
    "objects": (np.array([None]), ""),
}


@pytest.mark.parametrize("option", ["-i", "-j"])
@pytest.mark.parametrize("case", BROKEN_MASKS)
def test_broken_masks(bitzoo, small, option, case):
    path, _, _ = small
    mask, names = BROKEN_MASKS[case]
    np.save(path / "mask.npy", mask)
    check_refused(bitzoo, path / "r", [option, path / "mask.npy"], [str(path / "mask.npy"), names])


def test_masks_that_leave_nothing(bitzoo, small):
    path, _, _ = small
    np.save(path / "mask.npy", np.arange(400))
    check_refused(bitzoo, path / "r", ["-i", path / "mask.npy"], str(path / "mask.npy"))
    np.save(path / "mask.npy", np.array([], int))
    check_refused(bitzoo, path / "r", ["-j", path / "mask.npy"], str(path / "mask.npy"))


BROKEN_LABELS = {
    "too few": (np.zeros(49, int), "49"),
    "too many": (np.zeros(401, int), "401"),
    "one for all": (np.array(3), "0 dimensions"),
    "above": (np.full(50, 10), "entry 0: class 10 "),
    "huge": (np.full(50, 1 << 63, np.uint64), "entry 0"),
    "floats": (np.zeros(50), "floating"),
    "text": (np.array(["0"] * 50), ""),
}


@pytest.mark.parametrize("case", BROKEN_LABELS)
def test_broken_labels(bitzoo, small, case):
    path, _, _ = small
    labels, names = BROKEN_LABELS[case]
    np.save(path / "labels.npy", labels)
    np.save(path / "mask.npy", np.arange(50))
    options = ["-j", path / "mask.npy", "-l", path / "labels.npy"]
    check_refused(bitzoo, path / "r", options, [str(path / "labels.npy"), names])


def test_unknown_labels(bitzoo, small):
    path, results, own = small
    for labels in (path / "r").glob("*_labels.npy"):
        labels.unlink()
    check_refused(bitzoo, path / "r", [], ["400 images", "-l"])
    np.save(path / "labels.npy", own)
    found = score_small(bitzoo, path / "r", "-l", path / "labels.npy")
    assert found == expected_rows(results, own)


def test_rows_in_another_order_than_imagenets(bitzoo, tmp_path):
    """Labels beside one of two results of 50,000 images must be those of the other."""
    own = np.arange(50000) // 50
    preds = (own[:, None] + np.arange(5)) % 1000
    probs = np.tile(np.float16([0.5, 0.2, 0.1, 0.1, 0.1]), (50000, 1))
    folder = tmp_path / "r"
    write_result(folder, "a", preds, probs)
    write_result(folder, "b", preds[::-1].copy(), probs, labels=own[::-1])
    done = bitzoo("score", "-p", folder)
    assert (done.returncode, done.stdout) == (3, "")
    assert "b_pytorch_imagenet_labels.npy: row 0 has label 999" in done.stderr
    (folder / "a_pytorch_imagenet_top5preds.npy").unlink()
    (folder / "a_pytorch_imagenet_top5probs.npy").unlink()
    rows = read_csv(bitzoo("score", "-p", folder, "--format", "csv", check=True).stdout)
    assert [row["Acc@1"] for row in rows] == [1.0]


@pytest.mark.parametrize("text", ["", "{", "[1]", "{}", '{"images": {"done": 401, "total": 400}}'])
def test_broken_receipts(bitzoo, small, text):
    path, _, _ = small
    receipt = path / "r/a_keras_cifar10_receipt.json"
    receipt.write_text(text)
    check_refused(bitzoo, path / "r", [], str(receipt))


def test_usage(bitzoo, small):
    path, _, _ = small
    np.save(path / "mask.npy", np.arange(5))
    mask = path / "mask.npy"
    for options in (
        ["-i", mask, "-j", mask],
        ["--format", "xml"],
        ["--digits", "-1"],
        ["--digits", "2x"],
        ["--digits", "16"],
        ["-t", "0"],
        ["--dataset", "mnist"],
        ["--nonsense"],
        ["stray"],
    ):
        check_refused(bitzoo, path / "r", options, "bitzoo", status=2)


def test_folders_that_hold_nothing(bitzoo, small, tmp_path):
    path, _, _ = small
    (path / "empty").mkdir()
    for folder in (path / "empty", path / "nowhere", path / "r/a_keras_cifar10_labels.npy"):
        done = bitzoo("score", "-k", folder)
        assert (done.returncode, done.stdout) == (3, "")
        assert str(folder) in done.stderr
    done = bitzoo("score", "-k", path / "r", "-p", path / "empty")
    assert (done.returncode, done.stdout) == (3, "")
    assert str(path / "empty") in done.stderr


def test_names_with_control_characters(bitzoo, small):
    path, results, own = small
    write_result(path / "r", "e\x1b[31m", *results["keras", "a"], "keras", "cifar10")
    check_refused(bitzoo, path / "r", [], str(path / "r" / "e\\x1b[31m_keras_cifar10_top5pr"))


def test_pipes_are_not_waited_for(bitzoo, small):
    path, _, _ = small
    broken = path / "r/a_keras_cifar10_top5probs.npy"
    broken.unlink()
    os.mkfifo(broken)
    check_refused(bitzoo, path / "r", [], str(broken))


def test_output_that_cannot_be_written(bitzoo, small):
    path, _, _ = small
    folders = ["-k", path / "r", "-p", path / "r"]
    done = bitzoo("score", *folders, "-o", path / "not/there/table.csv")
    assert (done.returncode, done.stdout) == (3, "")
    assert str(path / "not/there/table.csv") in done.stderr
    with open("/dev/full", "w") as full:
        done = bitzoo("score", *folders, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 5
    assert "standard output" in done.stderr


def test_closed_pipe(bitzoo, small):
    path, _, _ = small
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as closed:
        done = bitzoo("score", "-k", path / "r", stdout=closed, stderr=subprocess.PIPE)
    assert done.returncode == 5
