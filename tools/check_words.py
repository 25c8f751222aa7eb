#!/usr/bin/python3
"""Refuses words that must not be in what is published: paths of one person's machine and notes
of work left undone. Usage: check_words.py [ROOT]"""

import re

import source

# Written so that this file does not hold what it looks for.
WORDS = re.compile(r"/(?:work|home|root|Users)/|\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")


def check_file(root, path):
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return  # data, such as the weights of the demo
    for number, line in enumerate(text.splitlines(), 1):
        for found in WORDS.finditer(line):
            yield f"{path.relative_to(root)}:{number}: '{found[0]}' must not be in what is published"


def main():
    root = source.root()
    paths = [p for f in source.FOLDERS for p in source.files(root / f, "*")]
    paths += [
        root / name
        for name in ("Makefile", "README.md", "meson.build", ".ci/run")
        if (root / name).is_file()
    ]
    source.finish(paths, [problem for path in paths for problem in check_file(root, path)])


main()
