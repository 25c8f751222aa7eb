"""What the checks of the source have in common: its files, its words without comments, the verdict."""

import pathlib
import re
import sys

FOLDERS = ("include", "src", "tests", "bench", "tools", "doc", ".ci")
NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"' + r"|'(?:\\.|[^'\\\n])*'", re.DOTALL
)


def root():
    """The folder to check: the first argument, or the project that holds this file."""
    if len(sys.argv) > 1:
        return pathlib.Path(sys.argv[1])
    return pathlib.Path(__file__).resolve().parents[1]


def files(folder, *patterns):
    """Every file of the project with such a name, sorted."""
    found = {path for pattern in patterns for path in folder.rglob(pattern) if path.is_file()}
    return sorted(path for path in found if "__pycache__" not in path.parts)


def without_comments(text, keep_strings=False):
    """C with its comments and strings blanked, so that lines keep their numbers."""

    def blank(match):
        if keep_strings and match[0][0] in "\"'":
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    return NOT_CODE.sub(blank, text)


def finish(looked_at, problems):
    """Print the problems and leave with 1; a check that looked at nothing has failed too."""
    for problem in problems:
        print(problem)
    if not looked_at:
        print("found no file to check")
    sys.exit(1 if problems or not looked_at else 0)
