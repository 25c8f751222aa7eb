"""The installer of packages, run beside stand-ins for apt that write down how they were called."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
INSTALLER = ROOT / "tools/install-deps"


class Machine:
    """A PATH of stand-ins; `called` lists what was run of apt-get and sudo."""

    def __init__(self, folder):
        self.folder, self.log = folder, folder / "log"
        self.log.touch()
        self.add("env", 'while case "$1" in *=*) ;; *) false ;; esac do shift; done\n"$@"')
        self.add("id", "echo 0")
        self.add(
            "dpkg-query",
            'for last; do :; done; [ "$last" != meson ] && printf "install ok installed"',
        )
        self.add("apt-get", 'echo "apt-get $*" >>"$0.log"')

    def add(self, name, body):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{body}\n".replace("$0.log", str(self.log)))
        path.chmod(0o755)

    def run(self, *lists):
        return subprocess.run(
            [INSTALLER, *lists], env={"PATH": str(self.folder)}, capture_output=True, text=True
        )

    def called(self):
        calls = self.log.read_text().splitlines()
        return [re.sub(r" -(-quiet|-yes|-no-install-recommends|o \S+)", "", call) for call in calls]


@pytest.fixture
def machine(tmp_path):
    """Root on Debian, with everything installed but meson."""
    return Machine(tmp_path)


def test_it_is_silent_when_nothing_is_missing(machine):
    machine.add("dpkg-query", 'printf "install ok installed"')
    for lists in ["build"], ["test"], ["bench"], []:
        done = machine.run(*lists)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.called() == []


def test_it_installs_only_what_is_missing_and_names_it(machine):
    done = machine.run("test")
    assert done.returncode == 0
    assert done.stderr == "install-deps: installing meson\n"
    assert machine.called() == ["apt-get install meson"]


def test_a_removed_package_with_files_left_counts_as_missing(machine):
    machine.add("dpkg-query", 'printf "deinstall ok config-files"')
    assert machine.run("build").returncode == 0
    assert "libhdf5-dev" in machine.called()[0]


def test_it_updates_old_lists_and_tries_again(machine):
    machine.add(
        "apt-get",
        'echo "apt-get $*" >>"$0.log"\n[ "$1" = update ] && exec >"$0.updated"\n[ -e "$0.updated" ]',
    )
    done = machine.run("build")
    assert done.returncode == 0
    assert machine.called() == ["apt-get install meson", "apt-get update", "apt-get install meson"]


def test_it_shows_why_apt_failed(machine):
    machine.add("apt-get", 'echo "E: no space left"; exit 100')
    done = machine.run("build")
    assert done.returncode == 1
    assert "no space left" in done.stderr


def test_it_asks_sudo_when_not_root(machine):
    machine.add("id", "echo 1000")
    machine.add("sudo", 'echo "sudo" >>"$0.log"\n"$@"')
    assert machine.run("build").returncode == 0
    assert machine.called() == ["sudo", "apt-get install meson"]


def test_it_says_what_to_type_when_it_cannot_be_root(machine):
    machine.add("id", "echo 1000")
    done = machine.run("build")
    assert done.returncode == 1
    assert "apt-get install meson" in done.stderr
    assert machine.called() == []


def test_it_lists_everything_where_there_is_no_apt(machine):
    (machine.folder / "apt-get").unlink()
    done = machine.run("test")
    assert done.returncode == 0
    for package in "meson", "libhdf5-dev", "libcmocka-dev":
        assert package in done.stderr


def test_an_unknown_list_is_a_usage_error(machine):
    assert machine.run("everything").returncode == 2
    assert machine.called() == []
