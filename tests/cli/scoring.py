"""Recorded results made for tests of `bitzoo score`, and the same table made with numpy."""

import csv
import io

import numpy as np

PLATFORMS = {"keras": "Keras", "pytorch": "PyTorch"}


def write_result(folder, model, preds, probs, framework="pytorch", dataset="imagenet", labels=None):
    """Save a model's arrays, with `labels` beside them when given."""
    folder.mkdir(exist_ok=True)
    stem = f"{model}_{framework}_{dataset}"
    np.save(folder / f"{stem}_top5preds.npy", preds)
    np.save(folder / f"{stem}_top5probs.npy", probs)
    if labels is not None:
        np.save(folder / f"{stem}_labels.npy", labels)


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
    """The table by the definitions of doc/scoring.md. `results`: {(framework, model): (preds, probs)}."""
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


def make_small(path):
    """400 images of CIFAR-10's classes, three models of two frameworks, with their labels."""
    rng = np.random.default_rng(7)
    own = rng.integers(0, 10, 400)
    results = {}
    models = [("keras", "a", 0.5), ("pytorch", "a", 0.8), ("pytorch", "b", 0.2)]
    for framework, model, skill in models:
        dtype = np.float16 if model == "b" else np.float32
        results[framework, model] = random_result(rng, own, 10, skill, dtype)
        write_result(
            path / "r", model, *results[framework, model], framework, "cifar10", labels=own
        )
    return path, results, own


def score_small(bitzoo, folder, *options):
    done = bitzoo("score", "-k", folder, "-p", folder, *options, "--format", "csv", check=True)
    return read_csv(done.stdout)
