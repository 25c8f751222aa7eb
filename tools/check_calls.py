#!/usr/bin/python3
"""Refuses calls and directives that only some files may hold: printing and exiting belong to
src/cli, conditional compilation to those of rule 7 in doc/design.md. Usage: check_calls.py [ROOT]"""

import re

import source

PRINTS = re.compile(
    r"\b(?:(?:v?printf|puts|putchar|perror|exit|abort|assert)\s*\(|(?:stdout|stderr)\b)"
)
CONDITION = re.compile(r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b.*$", re.MULTILINE)
GUARD = re.compile(r"^#ifndef (\w+_H)\n#define \1$", re.MULTILINE)
PLATFORM_FILE = re.compile(r".*[/_](?:choose|cpu)\.c|src/par/pause\.h")


def places(pattern, text):
    for match in pattern.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[0].strip()


def check_file(root, path):
    name = path.relative_to(root).as_posix()
    text = source.without_comments(path.read_text())
    if not name.startswith("src/cli/"):
        for line, found in places(PRINTS, text):
            yield f"{name}:{line}: '{found}': only src/cli prints or exits, the rest returns errors"
    if not PLATFORM_FILE.fullmatch(name):
        for line, found in places(CONDITION, GUARD.sub("\n", text)):
            yield f"{name}:{line}: '{found}': conditions belong to the files that doc/design.md names in rule 7"


def main():
    root = source.root()
    paths = source.files(root / "src", "*.[ch]")
    source.finish(paths, [problem for path in paths for problem in check_file(root, path)])


main()
