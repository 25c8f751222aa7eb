"""`bitzoo score` against the same table made with numpy, and against the published one."""

import csv
import json

import numpy as np
import pytest
from scoring import (
    columns,
    expected_rows,
    load_results,
    make_small,
    random_result,
    read_csv,
    score_small,
    write_result,
)

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
    return make_small(tmp_path)


def score_small_dataset(bitzoo, folder, dataset):
    done = bitzoo("score", "-p", folder, "--dataset", dataset, "--format", "csv", check=True)
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
    table = path / "t.csv"
    masks = {"--indices_to_omit": np.arange(100, 400), "--indices_to_keep": np.arange(100)}
    for name, rows in masks.items():
        bitzoo("score", *folders, name, path / "mask.npy", "--output-dir", table, check=True)
        assert read_csv(table.read_text()) == expected_rows(results, own, rows)


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
