"""The README shows what the program prints: its commands are typed as they stand there."""

import fnmatch
import pathlib
import re
import shutil
import subprocess

import pytest

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
COMMAND = re.compile(r"^    \$ bitzoo (.*)\n((?:    .*\n|\n(?=    [^$]))*)", re.MULTILINE)


def shown():
    """(arguments, printed lines) of every command that the README shows with its output."""
    text = README.read_text(encoding="utf-8")
    return [
        (call.split(), re.sub("^    ", "", output, flags=re.MULTILINE).splitlines())
        for call, output in COMMAND.findall(text)
    ]


def is_shown(lines, printed):
    """Whether the lines are what was printed; "..." stands for any number of lines."""
    pattern = "\n".join(
        "*" if line == "..." else re.sub(r"([*?[])", r"[\1]", line) for line in lines
    )
    return fnmatch.fnmatchcase(printed.rstrip("\n"), pattern.rstrip("\n"))


def commands(name):
    found = [(arguments, lines) for arguments, lines in shown() if arguments[0] == name]
    assert found, f"the README shows no bitzoo {name}"
    return found


@pytest.fixture(scope="module")
def folder(shared, tmp_path_factory):
    """A place with the folders that the README's commands name."""
    here = tmp_path_factory.mktemp("readme")
    for framework in "keras_imagenet", "pytorch_imagenet":
        (here / framework).symlink_to(shared / "recorded" / framework)
    (here / "images").symlink_to(shared / "sample-images")
    (here / "weights").mkdir()
    for file, published in (
        ("squeezenet1_1_zip.pth", "squeezenet1_1-b8a52dc0.pth"),
        ("mobilenet_2_5_224_tf.h5", "mobilenet_2_5_224_tf.h5"),
    ):
        shutil.copy(shared / "weights" / file, here / "weights" / published)
    return here


def test_the_demo(bitzoo, tmp_path):
    for arguments, lines in commands("demo"):
        together = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        printed = bitzoo(*arguments, cwd=tmp_path, **together).stdout
        assert is_shown(lines, printed), printed


def test_predict_and_score(bitzoo, folder):
    for arguments, lines in commands("predict") + commands("score"):
        printed = bitzoo(*arguments, cwd=folder, check=True).stdout
        assert is_shown(lines, printed), printed


def test_what_is_not_printed_is_found():
    assert is_shown(["a *", "...", "z"], "a *\nb\nc\nz\n")
    assert not is_shown(["a *", "...", "z"], "a x\nb\nz\n")
    assert not is_shown(["a", "z"], "a\nb\nz\n")
    assert not is_shown(["a"], "a\nb\n")
