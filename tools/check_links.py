#!/usr/bin/python3
"""Refuses a link in the documentation to a file that is not there. Usage: check_links.py [ROOT]"""

import re

import source

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def check_file(root, path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for link in LINK.finditer(line):
            if "://" not in link[1] and not (path.parent / link[1]).exists():
                yield f"{path.relative_to(root)}:{number}: there is no {link[1]}"


def main():
    root = source.root()
    paths = sorted(root.glob("*.md")) + source.files(root / "doc", "*.md")
    source.finish(paths, [problem for path in paths for problem in check_file(root, path)])


main()
