"""`bitzoo score` against the same table made with numpy, and against what must be refused."""

import csv
import io
import json
import os
import subprocess

import numpy as np
import pytest

PLATFORMS = {"keras": "Keras", "pytorch": "PyTorch"}
CLASSES = {"imagenet": 1000, "cifar10": 10}


# Making results, and scoring them with numpy


def write_result(folder, model, preds, probs, framework="pytorch", dataset="imagenet", **beside):
    """Save a model's arrays; `labels` and `receipt` are saved beside them when given."""
    folder.mkdir(exist_ok=True)
    stem = f"{model}_{framework}_{dataset}"
    np.save(folder / f"{stem}_top5preds.npy", preds)
    np.save(folder / f"{stem}_top5probs.npy", probs)
    if "labels" in beside:
        np.save(folder / f"{stem}_labels.npy", beside["labels"])
    if "receipt" in beside:
        (folder / f"{stem}_receipt.json").write_text(json.dumps(beside["receipt"]))


def random_result(rng, labels, classes, skill, dtype=np.float32):
    """Five different classes an image in no order; the label is among them with chance `skill`."""
    count = len(labels)
    preds = np.argsort(rng.random((count, classes)), axis=1)[:, :5].astype(np.int64)
    lucky = (rng.random(count) < skill) & ~(preds == labels[:, None]).any(1)
    preds[lucky, rng.integers(0, 5, lucky.sum())] = labels[lucky]
    probs = rng.dirichlet(np.ones(5), count).astype(dtype)
    return preds, probs


def fractions(preds, probs, labels, rows):
    top = preds[np.arange(len(preds)), np.argmax(probs, axis=1)]
    top1 = float((top[rows] == labels).sum()) / len(labels)
    top5 = float((preds[rows] == labels[:, None]).any(1).sum()) / len(labels)
    return top1, top5


def ranks(values):
    return [1 + sum(other > value for other in values) for value in values]


def expected_rows(results, own, rows=None, custom=None):
    """The table by facts' definition. `results`: {(framework, model): (preds, probs)}."""
    everything = np.arange(len(own))
    kept = everything if rows is None else rows
    plain = (own[kept], kept) if custom is not None else (own, everything)
    truths = [plain]
    if custom is not None:
        truths.append((custom, kept))
    elif rows is not None:
        truths.append((own[kept], kept))
    names = sorted(results)
    table = [{"Platform": PLATFORMS[f], "Model": m} for f, m in names]
    for prefix, truth in zip(("", "c"), truths):
        for row, name in zip(table, names):
            row[prefix + "Acc@1"], row[prefix + "Acc@5"] = fractions(*results[name], *truth)
        for k in ("1", "5"):
            for row, rank in zip(table, ranks([row[f"{prefix}Acc@{k}"] for row in table])):
                row[f"{prefix}Rank@{k}"] = rank
    order = "cAcc@1" if custom is not None else "Acc@1"
    return sorted(table, key=lambda row: -row[order])


def columns(corrected):
    if not corrected:
        return ["Platform", "Model", "Acc@1", "Acc@5", "Rank@1", "Rank@5"]
    pairs = [(name, "c" + name) for name in ("Acc@1", "Acc@5", "Rank@1", "Rank@5")]
    return ["Platform", "Model", *(name for pair in pairs for name in pair)]


def typed(row):
    """A csv row with its numbers as numbers."""
    kinds = {"Acc": float, "Ran": int, "cAc": float, "cRa": int}
    return {name: kinds.get(name[:3], str)(text) for name, text in row.items()}


def read_csv(text):
    return [typed(row) for row in csv.DictReader(io.StringIO(text))]


def load_results(folder, framework, dataset):
    results = {}
    ending = f"_{framework}_{dataset}_top5preds.npy"
    for path in sorted(folder.glob("*" + ending)):
        model = path.name[: -len(ending)]
        probs = np.load(folder / f"{model}_{framework}_{dataset}_top5probs.npy")
        results[framework, model] = np.load(path), probs
    return results


# The published figures


@pytest.fixture(scope="module")
def recorded(shared):
    folder = shared / "recorded"
    return {
        **load_results(folder / "keras_imagenet", "keras", "imagenet"),
        **load_results(folder / "pytorch_imagenet", "pytorch", "imagenet"),
    }


@pytest.fixture
def recorded_folders(shared):
    folder = shared / "recorded"
    return ["-k", folder / "keras_imagenet", "-p", folder / "pytorch_imagenet"]


def test_published_table(bitzoo, shared, recorded_folders):
    """To the printed digit, but for resnet152, whose files are newer than the table."""
    done = bitzoo("score", *recorded_folders, check=True)
    lines = done.stdout.split("\n\n")[0].splitlines()
    ours = [line.split() for line in lines[1:]]
    with open(shared / "published/readme_table.csv") as file:
        published = list(csv.DictReader(file))
    assert lines[0].split() == list(published[0])
    assert len(ours) == len(published) == 34
    for row, theirs in zip(ours, published):
        assert row[0] == theirs["Platform"].split()[0]
        wanted = [theirs[name] for name in ("Model", "Acc@1", "Acc@5", "Rank@1")]
        if theirs["Model"] == "resnet152":
            assert [theirs["Acc@1"], theirs["Acc@5"]] == ["77.62", "93.81"]
            wanted[1:3] = ["77.61", "93.82"]
        assert row[1:5] == wanted
    # The published Rank@5 says at each rank which row has it; that is the inverse of a rank.
    rank_of_row = [int(row[5]) for row in ours]
    row_of_rank = [int(theirs["Rank@5"]) for theirs in published]
    assert [row_of_rank[rank - 1] for rank in rank_of_row] == list(range(1, 35))
    assert sum(a != b for a, b in zip(rank_of_row, row_of_rank)) == 3
    assert "images: 50,000\n" in done.stdout


def test_resnet152_in_full(bitzoo, recorded_folders):
    done = bitzoo("score", *recorded_folders, "--digits", 3, check=True)
    assert "PyTorch   resnet152          77.606  93.822       3       3\n" in done.stdout


def test_recorded_by_numpy(bitzoo, recorded, recorded_folders, tmp_path):
    table = tmp_path / "table.csv"
    done = bitzoo("score", *recorded_folders, "-o", table, "--json", check=True)
    wanted = expected_rows(recorded, np.arange(50000) // 50)
    assert json.loads(done.stdout)["rows"] == wanted
    assert read_csv(table.read_text()) == wanted
    assert table.read_text().splitlines()[0] == ",".join(columns(False))
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


@pytest.mark.parametrize("case", ["-i", "-j", "-l", "-i -l", "-j -l"])
def test_recorded_masks_and_labels_by_numpy(bitzoo, recorded, recorded_folders, tmp_path, case):
    rng = np.random.default_rng(len(case) + ord(case[1]))
    own = np.arange(50000) // 50
    chosen = rng.choice(50000, 7000, replace=False)
    options, rows, custom = [], None, None
    if "-i" in case:
        rows = np.setdiff1d(np.arange(50000), chosen)
    if "-j" in case:
        rows = np.sort(chosen)
    if rows is not None:
        np.save(tmp_path / "mask.npy", chosen)
        options += [case[:2], tmp_path / "mask.npy"]
    if "-l" in case:
        kept = own if rows is None else own[rows]
        custom = np.where(rng.random(len(kept)) < 0.1, rng.integers(0, 1000, len(kept)), kept)
        np.save(tmp_path / "labels.npy", custom)
        options += ["-l", tmp_path / "labels.npy"]
    done = bitzoo("score", *recorded_folders, *options, "--format", "csv", check=True)
    wanted = expected_rows(recorded, own, rows, custom)
    assert read_csv(done.stdout) == wanted
    assert done.stdout.splitlines()[0] == ",".join(columns(True))


def test_cifar10(bitzoo, shared):
    folder, labels = shared / "recorded/pytorch_cifar10", shared / "labels/cifar10_test_labels.npy"
    done = bitzoo("score", "-p", folder, "-l", labels, "--json", check=True)
    found = json.loads(done.stdout)
    assert (found["dataset"], found["images"], len(found["rows"])) == ("cifar10", 10000, 13)
    results = load_results(folder, "pytorch", "cifar10")
    assert found["rows"] == expected_rows(results, np.load(labels).astype(int))
    rows = {row["Model"]: (row["Acc@1"], row["Acc@5"]) for row in found["rows"]}
    assert rows["densenet121"] == (0.9414, 0.9979)
    assert rows["resnet18"] == (0.9333, 0.9982)
    assert rows["vgg11_bn"] == (0.9209, 0.9972)


# Small sets made here


@pytest.fixture
def small(tmp_path):
    """400 images of CIFAR-10's classes, three models of two frameworks, with their labels."""
    rng = np.random.default_rng(7)
    own = rng.integers(0, 10, 400)
    results = {}
    for framework, model, skill in [("keras", "a", 0.5), ("pytorch", "a", 0.8), ("pytorch", "b", 0.2)]:
        dtype = np.float16 if model == "b" else np.float32
        results[framework, model] = random_result(rng, own, 10, skill, dtype)
        write_result(
            tmp_path / "r", model, *results[framework, model], framework, "cifar10", labels=own
        )
    return tmp_path, results, own


def score_small(bitzoo, folder, *options):
    done = bitzoo("score", "-k", folder, "-p", folder, *options, "--format", "csv", check=True)
    return read_csv(done.stdout)


def test_labels_beside_the_predictions(bitzoo, small):
    path, results, own = small
    assert score_small(bitzoo, path / "r") == expected_rows(results, own)


@pytest.mark.parametrize("seed", range(8))
def test_random_masks_and_labels(bitzoo, small, seed):
    path, results, own = small
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, 400, rng.integers(1, 300))  # some twice
    rows = np.unique(chosen)
    option = "-j" if seed % 2 else "-i"
    if option == "-i":
        rows = np.setdiff1d(np.arange(400), rows)
    integers = [np.int16, np.uint16, np.int32, np.uint64]
    np.save(path / "mask.npy", chosen.astype(integers[seed % 4]))
    custom = rng.integers(0, 10, len(rows))
    np.save(path / "few.npy", custom.astype([np.int8, np.uint8, np.int64, np.uint32][seed % 4]))
    everywhere = own.copy()
    everywhere[rows] = custom
    np.save(path / "all.npy", everywhere)
    mask = [option, path / "mask.npy"]
    assert score_small(bitzoo, path / "r", *mask) == expected_rows(results, own, rows)
    for labels in ("few.npy", "all.npy"):
        found = score_small(bitzoo, path / "r", *mask, "-l", path / labels)
        assert found == expected_rows(results, own, rows, custom)


def test_mask_of_booleans(bitzoo, small):
    path, results, own = small
    marks = np.random.default_rng(1).random(400) < 0.3
    np.save(path / "marks.npy", marks)
    kept = score_small(bitzoo, path / "r", "-j", path / "marks.npy")
    assert kept == expected_rows(results, own, np.flatnonzero(marks))
    kept = score_small(bitzoo, path / "r", "-i", path / "marks.npy")
    assert kept == expected_rows(results, own, np.flatnonzero(~marks))


def test_an_empty_mask_omits_nothing(bitzoo, small):
    path, results, own = small
    np.save(path / "none.npy", np.array([], dtype=int))
    found = score_small(bitzoo, path / "r", "-i", path / "none.npy")
    assert found == expected_rows(results, own, np.arange(400))


def test_ties_share_the_better_rank(bitzoo, tmp_path):
    own = np.zeros(4, int)
    hit, miss = [[0, 1, 2, 3, 4]] * 4, [[5, 6, 7, 8, 9]] * 4
    probs = np.full((4, 5), 0.2, np.float32)  # the first of equals is the top one
    for model, preds in [("z", hit), ("b", miss), ("a", miss), ("y", hit), ("c", miss)]:
        write_result(tmp_path, model, np.array(preds), probs, dataset="cifar10", labels=own)
    rows = read_csv(bitzoo("score", "-p", tmp_path, "--format", "csv", check=True).stdout)
    found = [(row["Model"], row["Acc@1"], row["Rank@1"], row["Rank@5"]) for row in rows]
    assert found == [("y", 1, 1, 1), ("z", 1, 1, 1), ("a", 0, 3, 3), ("b", 0, 3, 3), ("c", 0, 3, 3)]


def test_threads_change_nothing(bitzoo, recorded_folders):
    tables = [bitzoo("score", *recorded_folders, "-t", t, check=True).stdout for t in (1, 2, 7)]
    assert tables[0] == tables[1] == tables[2]


def test_folders_of_the_reference_are_the_default(bitzoo, tmp_path):
    rng = np.random.default_rng(2)
    own = rng.integers(0, 1000, 20)
    result = random_result(rng, own, 1000, 0.5)
    write_result(tmp_path / "keras_imagenet", "m", *result, framework="keras", labels=own)
    done = bitzoo("score", "--format", "csv", cwd=tmp_path, check=True)
    assert read_csv(done.stdout) == expected_rows({("keras", "m"): result}, own)
    assert done.stderr == "20 images\n"
    assert bitzoo("score", "--format", "csv", "-q", cwd=tmp_path).stderr == ""
    (tmp_path / "elsewhere").mkdir()
    done = bitzoo("score", cwd=tmp_path / "elsewhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "keras_imagenet" in done.stderr


def test_long_options_of_the_reference(bitzoo, small):
    path, results, own = small
    np.save(path / "mask.npy", np.arange(100))
    folders = ["--keras-dir", path / "r", "--pytorch-dir", path / "r"]
    for name, rows in [("--indices_to_omit", np.arange(100, 400)), ("--indices_to_keep", np.arange(100))]:
        bitzoo("score", *folders, name, path / "mask.npy", "--output-dir", path / "t.csv", check=True)
        assert read_csv((path / "t.csv").read_text()) == expected_rows(results, own, rows)


def test_json_and_markdown(bitzoo, small):
    path, results, own = small
    np.save(path / "mask.npy", np.arange(100))
    folders = ["-k", path / "r", "-p", path / "r", "-j", path / "mask.npy"]
    found = json.loads(bitzoo("score", *folders, "--json", check=True).stdout)
    rows = expected_rows(results, own, np.arange(100))
    assert found["rows"] == rows
    del found["rows"]
    assert found == {
        "dataset": "cifar10",
        "images": 400,
        "labels": str(path / "r/a_keras_cifar10_labels.npy"),
        "keep": str(path / "mask.npy"),
        "kept": 100,
    }
    lines = bitzoo("score", *folders, "--format", "md", check=True).stdout.splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[:5]]
    assert cells[0] == columns(True)
    assert cells[1] == [":---"] * 2 + ["---:"] * 8
    for line, row in zip(cells[2:], rows):
        shown = [f"{100 * row[c]:.2f}" if "Acc" in c else str(row[c]) for c in columns(True)]
        assert line == shown
    assert lines[6].startswith("dataset: cifar10; images: 400; ")


def test_partial_results_say_so(bitzoo, small):
    path, results, own = small
    receipt = path / "r/b_pytorch_cifar10_receipt.json"
    receipt.write_text(json.dumps({"images": {"done": 400, "total": 400}}))
    folders = ["-k", path / "r", "-p", path / "r"]
    assert "partial: " not in bitzoo("score", *folders, check=True).stdout
    receipt.write_text(json.dumps({"images": {"done": 400, "total": 10000}}))
    for form in ("table", "csv", "md", "json"):
        shown = bitzoo("score", *folders, "--format", form, "-o", path / "t.csv", "-q", check=True)
        assert shown.stdout.count("partial: 400 of 10,000") == 1
    last = list(csv.DictReader((path / "t.csv").open()))[-1]
    assert (last["Model"], last["Images"]) == ("b", "partial: 400 of 10,000")
    receipt.write_text(json.dumps({"images": {"done": 399, "total": 400}}))
    done = bitzoo("score", *folders)
    assert (done.returncode, done.stdout) == (3, "")
    assert str(receipt) in done.stderr and "399" in done.stderr


def test_two_data_sets_in_one_folder(bitzoo, small):
    path, results, own = small
    rng = np.random.default_rng(3)
    other = random_result(rng, own, 1000, 0.5)
    write_result(path / "r", "m", *other, labels=own)
    done = bitzoo("score", "-p", path / "r")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--dataset" in done.stderr
    found = score_small_dataset(bitzoo, path / "r", "imagenet")
    assert found == expected_rows({("pytorch", "m"): other}, own)
    found = score_small_dataset(bitzoo, path / "r", "cifar10")
    assert found == expected_rows({k: v for k, v in results.items() if k[0] == "pytorch"}, own)


def score_small_dataset(bitzoo, folder, dataset):
    done = bitzoo("score", "-p", folder, "--dataset", dataset, "--format", "csv", check=True)
    return read_csv(done.stdout)


# What must be refused: with the file named, the right status, and nothing written


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
