"""The checks of the source find what they are for: each is shown a fault and must name its place."""

import pathlib
import subprocess
import sys

import pytest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
DESIGN = """
## Who may include whom
| folder | may include |
|---|---|
| `base` | nothing |
| `image` | `base` |
| `net` | `base` |
| `zoo` | `net`, `image/recipe.h` |
| `cli` | every folder above |
"""
GUARDED = "#ifndef X_H\n#define X_H\nint x(void);\n#endif\n"


@pytest.fixture
def project(tmp_path):
    """A small project without a fault; project(path, text) adds a file to it."""

    def add(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    add("doc/design.md", DESIGN)
    add("src/base/error.h", GUARDED)
    add("src/image/recipe.h", '#include "base/error.h"\n')
    add("src/image/image.h", GUARDED)
    add("src/net/graph.h", '#include "base/error.h" /* "zoo/zoo.h" */\n')
    add("src/zoo/zoo.c", '#include "net/graph.h"\n#include "image/recipe.h"\n')
    add("src/cli/main.c", "#include <stdio.h>\n")
    add.root = tmp_path
    return add


def check(name, project):
    done = subprocess.run(
        [sys.executable, TOOLS / f"check_{name}.py", project.root], capture_output=True, text=True
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize("name", ["includes", "calls", "lengths", "words", "links"])
def test_a_project_without_fault_passes(project, name):
    assert check(name, project) == (0, "")


@pytest.mark.parametrize("name", ["calls", "lengths", "words", "links"])
def test_a_check_that_saw_no_file_has_failed(tmp_path, name):
    (tmp_path / "src").mkdir()
    done = subprocess.run(
        [sys.executable, TOOLS / f"check_{name}.py", tmp_path], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "found no file to check\n")


@pytest.mark.parametrize(
    "path, header",
    [
        ("src/base/error.c", "net/graph.h"),
        ("src/net/graph.c", "image/recipe.h"),
        ("src/zoo/vgg.c", "image/image.h"),
        ("src/zoo/vgg.c", "zoo.h"),
        ("src/zoo/vgg.c", "net/none.h"),
        ("src/zoo/vgg.c", "net/../net/graph.h"),
    ],
)
def test_an_include_that_points_up_or_nowhere(project, path, header):
    project(path, f'/* one\ntwo */\n#include "base/error.h"\n#  include "{header}"\n')
    status, text = check("includes", project)
    assert status == 1
    assert f"{path}:4: " in text and f'"{header}"' in text


def test_a_folder_that_the_design_does_not_know(project):
    project("src/misc/misc.c", "int x;\n")
    assert check("includes", project) == (1, "src/misc: not in the table of doc/design.md\n")


def test_a_table_that_points_up(project):
    project("doc/design.md", DESIGN.replace("| nothing |", "| `cli` |"))
    status, text = check("includes", project)
    assert status == 1 and "base includes cli, not a row above" in text


def test_a_design_without_the_table(project):
    project("doc/design.md", "# Design\n")
    status, text = check("includes", project)
    assert status == 1 and "no table" in text


@pytest.mark.parametrize(
    "line",
    ['printf("%d", 1);', "exit(1);", "fputs(text, stderr);", "assert(x);", "abort();", "puts(x);"],
)
def test_printing_and_exiting_outside_cli(project, line):
    project("src/net/graph.c", f"void f(void)\n{{\n    {line}\n}}\n")
    status, text = check("calls", project)
    assert status == 1 and "src/net/graph.c:3: " in text
    project("src/net/graph.c", "int x;\n")
    project("src/cli/main.c", f"void f(void)\n{{\n    {line}\n}}\n")
    assert check("calls", project) == (0, "")


def test_what_only_looks_like_printing(project):
    project(
        "src/net/graph.c",
        "/* stderr, exit(1) */\n"
        'static const char *text = "printf(\\"x\\"); abort()"; // assert(0)\n'
        "int f(void) __attribute__((format(printf, 1, 2)));\n"
        "_Static_assert(1, text);\nint g = snprintf(a, 1, b) + _exit(1);\n",
    )
    assert check("calls", project) == (0, "")


def test_a_condition_outside_the_file_that_chooses(project):
    project("src/image/image_cpu.c", "#if defined(__x86_64__)\n#endif\n")
    assert check("calls", project) == (0, "")
    project("src/net/graph.h", GUARDED + "#ifdef __AVX2__\n#endif\n")
    status, text = check("calls", project)
    assert status == 1 and "src/net/graph.h:5: '#ifdef __AVX2__'" in text


def test_a_long_file(project):
    project("src/net/graph.c", "int x;\n" * 500)
    assert check("lengths", project) == (0, "")
    project("src/net/graph.c", "int x;\n" * 501)
    status, text = check("lengths", project)
    assert status == 1 and "src/net/graph.c: 501 lines" in text


@pytest.mark.parametrize("declaration", ["int f(void)", "static int f(int a,\n             int b)"])
def test_a_long_c_function(project, declaration):
    fits = 60 - 2 - len(declaration.splitlines())

    def write(lines):
        body = "    if (x) {\n    }\n" + "    x++;\n" * (lines - 2)
        project("src/net/graph.c", f"int x;\n\n/* it */\n{declaration}\n{{\n{body}}}\n")

    write(fits)
    assert check("lengths", project) == (0, "")
    write(fits + 1)
    status, text = check("lengths", project)
    assert status == 1 and "src/net/graph.c:4: a function of 61 lines" in text


def test_a_long_python_function(project):
    project("tools/make.py", "def f():\n" + "    x = 1\n" * 60)
    status, text = check("lengths", project)
    assert status == 1 and "tools/make.py:1: a function of 61 lines" in text


@pytest.mark.parametrize(
    "word", ["/ho" "me/me/x", "/wo" "rk/data", "/ro" "ot/x", "TO" "DO", "FIX" "ME"]
)
def test_words_that_must_not_be_published(project, word):
    project("doc/formats.md", f"# Formats\nsee {word} x\n")
    status, text = check("words", project)
    assert status == 1 and "doc/formats.md:2: " in text


def test_words_are_sought_in_the_first_folder_too(project):
    project("README.md", "/ho" "me/me/x\n")
    assert check("words", project)[0] == 1


def test_data_is_not_taken_for_words(project):
    (project.root / "tests").mkdir()
    (project.root / "tests/data.bin").write_bytes(b"\xff\xfe/ho" b"me/")
    assert check("words", project) == (0, "")


def test_a_link_to_nothing(project):
    project("README.md", "see [design](doc/design.md#words), [home](https://example.org/x)\n")
    assert check("links", project) == (0, "")
    project("doc/testing.md", "# Testing\nsee [design](doc/design.md)\n")
    assert check("links", project) == (1, "doc/testing.md:2: there is no doc/design.md\n")
