#!/usr/bin/python3
"""Writes C that holds whole files: embed.py FILE... > OUT.c defines the list that
src/cli/demo_files.h declares, one entry a file, under the file's own name."""

import pathlib
import sys


def main():
    paths = [pathlib.Path(name) for name in sys.argv[1:]]
    print('#include "cli/demo_files.h"\n\n#include <stddef.h>\n')
    for number, path in enumerate(paths):
        print(f"static const unsigned char file_{number}[] = {{")
        contents = path.read_bytes()
        for start in range(0, len(contents), 20):
            print("".join(f"{byte}," for byte in contents[start : start + 20]))
        print("};")
    print("const struct demo_file demo_files[] = {")
    for number, path in enumerate(paths):
        print(f'    {{"{path.name}", file_{number}, sizeof file_{number}}},')
    print("    {NULL, NULL, 0},\n};")


main()
