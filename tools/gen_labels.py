#!/usr/bin/env python3
"""Write the tables of ImageNet's classes and of the validation set's labels.

Usage: tools/gen_labels.py LABELS_DIR

LABELS_DIR holds synsets.csv (index, synset, name of the 1,000 classes) and val_synsets.txt (the
synset of validation image 1 to 50,000, one a line). The tables are src/data/synsets.inc and
src/data/val_labels.inc; both are part of the program and are written again only when ImageNet's
ground truth changes, which it does not.
"""
import csv
import hashlib
import pathlib
import sys

CLASSES, IMAGES, PER_LINE = 1000, 50_000, 25


def source_line(path):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{path.name}, SHA-256\n * {digest}"


def read_synsets(path):
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    synsets = [row["synset"] for row in rows]
    assert len(rows) == CLASSES and synsets == sorted(set(synsets))
    assert [int(row["index"]) for row in rows] == list(range(CLASSES))
    return rows


def write_synsets(rows, source, target):
    lines = [
        "/* ImageNet's 1,000 classes (ILSVRC 2012-2017) in label order: synset, short English name.",
        f" * Made by tools/gen_labels.py from {source}. */",
    ]
    for row in rows:
        name = row["name"].replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'SYNSET("{row["synset"]}", "{name}")')
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_labels(synsets, truth, source, target):
    index = {synset: label for label, synset in enumerate(synsets)}
    labels = [str(index[synset]) for synset in truth]
    assert len(labels) == IMAGES
    lines = [
        "/* Label of ILSVRC2012_val_00000001.JPEG to ..._00050000.JPEG: ImageNet's own ground truth.",
        f" * Made by tools/gen_labels.py from {source}. */",
    ]
    for first in range(0, IMAGES, PER_LINE):
        lines.append(",".join(labels[first : first + PER_LINE]) + ",")
    target.write_text("\n".join(lines) + "\n", encoding="ascii")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    target = pathlib.Path(__file__).resolve().parent.parent / "src" / "data"
    classes, truth = folder / "synsets.csv", folder / "val_synsets.txt"
    rows = read_synsets(classes)
    write_synsets(rows, source_line(classes), target / "synsets.inc")
    write_labels(
        [row["synset"] for row in rows],
        truth.read_text(encoding="ascii").split(),
        source_line(truth),
        target / "val_labels.inc",
    )


if __name__ == "__main__":
    main()
