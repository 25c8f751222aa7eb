"""The program as a whole: help, version, usage errors, and a standard output that cannot be written."""

import re
import subprocess

import pytest

BAD_USAGE, IO_FAILED = 2, 5


@pytest.fixture(scope="module")
def listing(bitzoo):
    """The lines of `bitzoo --help` that tell of a command each."""
    text = bitzoo("--help", check=True).stdout
    return text.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()


@pytest.fixture(scope="module")
def commands(listing):
    return [line.split()[0] for line in listing]


def test_help_lists_every_command_with_a_line_about_it(listing, commands):
    for line in listing:
        assert re.fullmatch(r"  [a-z]+ +\S.{10,}", line), line
    assert len(commands) == len(set(commands)) > 0


def test_each_command_helps_and_ends_with_an_example(bitzoo, commands):
    assert commands
    for command in commands:
        done = bitzoo(command, "--help", check=True)
        assert done.stderr == "", command
        assert done.stdout.startswith(f"Usage: bitzoo {command}"), command
        assert done.stdout.endswith("\n"), command
        assert max(map(len, done.stdout.splitlines())) <= 80, command
        last_lines = done.stdout.rstrip().splitlines()[-6:]
        assert any(line.lstrip().startswith(f"bitzoo {command}") for line in last_lines), last_lines


def test_version_is_one_line(bitzoo):
    assert re.fullmatch(r"bitzoo \d+\.\d+\.\d+\n", bitzoo("--version", check=True).stdout)


def test_without_a_command_it_shows_what_there_is(bitzoo):
    done = bitzoo()
    assert done.returncode == BAD_USAGE
    assert done.stdout == ""
    assert "Commands:" in done.stderr


@pytest.mark.parametrize("name", ["prediction", "", "--frobnicate", "predict\n"])
def test_unknown_command_is_a_usage_error(bitzoo, name):
    done = bitzoo(name)
    assert done.returncode == BAD_USAGE
    assert done.stdout == ""
    assert "bitzoo --help" in done.stderr


def test_each_command_refuses_an_unknown_option(bitzoo, commands):
    assert commands
    for command in commands:
        done = bitzoo(command, "--no-such-option")
        assert done.returncode == BAD_USAGE, command
        assert done.stdout == "", command
        assert "--no-such-option" in done.stderr, command


def test_a_full_disk_under_standard_output_is_a_failure(bitzoo):
    with open("/dev/full", "w") as full:
        done = bitzoo("--help", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == IO_FAILED
    assert "standard output" in done.stderr
