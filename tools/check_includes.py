#!/usr/bin/python3
"""Refuses an include that points up: the table in doc/design.md says which folder of src/ may
include which. Usage: check_includes.py [ROOT]"""

import re

import source

ROW = re.compile(r"^\| `(?P<folder>\w+)` \| (?P<allowed>.*?) \|")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]*)"', re.MULTILINE)


def read_table(text):
    """The allowed folders and headers of each folder, and what is wrong with the table itself."""
    table, problems = {}, []
    section = text.partition("## Who may include whom")[2].partition("\n## ")[0]
    for line in section.splitlines():
        row = ROW.match(line)
        if not row:
            continue
        allowed = set(re.findall(r"`([^`]+)`", row["allowed"]))
        if row["allowed"] == "every folder above":
            allowed = set(table)
        for name in sorted(allowed):
            if name.partition("/")[0] not in table:
                problems.append(f"doc/design.md: {row['folder']} includes {name}, not a row above")
        table[row["folder"]] = allowed
    return table, problems


def check_file(root, path, table):
    own = path.relative_to(root / "src").parts[0]
    text = source.without_comments(path.read_text(), keep_strings=True)
    for include in INCLUDE.finditer(text):
        header = include[1]
        folder = header.partition("/")[0]
        place = f"{path.relative_to(root)}:{text.count(chr(10), 0, include.start(1)) + 1}"
        if not (root / "src" / header).is_file() or ".." in header or "/" not in header:
            yield f'{place}: "{header}" is not written as folder/name.h from src/'
        elif folder != own and not {folder, header} & table.get(own, set()):
            yield f'{place}: {own} may not include "{header}", see doc/design.md'


def main():
    root = source.root()
    table, problems = read_table((root / "doc/design.md").read_text())
    if not table:
        problems.append("doc/design.md: no table under 'Who may include whom'")
    folders = [path for path in sorted((root / "src").iterdir()) if path.is_dir()]
    problems += [
        f"src/{f.name}: not in the table of doc/design.md" for f in folders if f.name not in table
    ]
    paths = source.files(root / "src", "*/**/*.[ch]")
    for path in paths:
        problems += check_file(root, path, table)
    source.finish(paths, problems)


main()
