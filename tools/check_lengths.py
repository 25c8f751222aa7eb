#!/usr/bin/python3
"""Refuses files of more than 500 lines and functions of more than 60, in C and in Python.
Usage: check_lengths.py [ROOT]"""

import ast

import source

FILE_LINES, FUNCTION_LINES = 500, 60


def c_functions(lines):
    """(line, length) of each: clang-format puts the braces of a function, and no other's, alone
    at the start of a line; its declaration goes up to a blank line, a comment or a brace."""
    start = 0
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number - 1
            while start > 1 and lines[start - 2] and lines[start - 2][-1] not in "};/":
                start -= 1
        elif line == "}" and start:
            yield start, number - start + 1
            start = 0


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def check_file(root, path):
    text = path.read_text()
    lines = text.splitlines()
    name = path.relative_to(root).as_posix()
    if len(lines) > FILE_LINES:
        yield f"{name}: {len(lines)} lines, at most {FILE_LINES} wanted: split it by its nouns"
    functions = c_functions(lines) if path.suffix in (".c", ".h") else python_functions(text)
    for start, length in functions:
        if length > FUNCTION_LINES:
            yield f"{name}:{start}: a function of {length} lines, at most {FUNCTION_LINES} wanted"


def main():
    root = source.root()
    paths = [p for f in source.FOLDERS for p in source.files(root / f, "*.[ch]", "*.py")]
    source.finish(paths, [problem for path in paths for problem in check_file(root, path)])


main()
