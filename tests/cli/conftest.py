"""What the tests that run the program as its users do have in common."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("BITZOO", ROOT / "build/src/cli/bitzoo")).resolve()
SHARED = pathlib.Path(os.environ.get("BITZOO_SHARED", ROOT.parent / "shared/data")).resolve()
SANITIZER_REPORTS = ("AddressSanitizer", "LeakSanitizer", "runtime error:")


def refuse_crash(done):
    """A test may expect a refusal; a signal or a sanitizer's report is never one."""
    assert done.returncode >= 0, f"{done.args}: killed by signal {-done.returncode}\n{done.stderr}"
    for report in SANITIZER_REPORTS:
        assert report not in (done.stderr or ""), f"{done.args}\n{done.stderr}"


@pytest.fixture(scope="session")
def program():
    """Path of the program under test: $BITZOO, or the one that `make` builds."""
    assert PROGRAM.is_file(), f"{PROGRAM} is not there; build it with `make`, or set BITZOO"
    return PROGRAM


@pytest.fixture(scope="session")
def bitzoo(program):
    """Run the program: bitzoo("score", "-k", folder) returns a CompletedProcess of text.

    check=True asks for exit status 0; `env` is added to the environment; anything else (input,
    cwd, stdout, pass_fds) goes to subprocess.run. It fails when the program crashes or hangs.
    """

    def run(*args, check=False, env=None, timeout=300, **options):
        if not {"stdout", "stderr", "capture_output"} & options.keys():
            options["capture_output"] = True
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run(
            [str(program), *map(str, args)],
            env={**os.environ, **(env or {})},
            timeout=timeout,
            encoding="utf-8",
            errors="backslashreplace",
            **options,
        )
        refuse_crash(done)
        if check:
            assert done.returncode == 0, f"{done.args}: exit {done.returncode}\n{done.stderr}"
        return done

    return run


@pytest.fixture(scope="session")
def shared():
    """The folder of real images, weights and recordings; a test that asks for it skips without."""
    if not SHARED.is_dir():
        pytest.skip(f"no test data: {SHARED} is not there (BITZOO_SHARED names another place)")
    return SHARED


@pytest.fixture(scope="session")
def sanitized():
    """True when the program is a slow sanitizer build: a test may then use fewer images."""
    return os.environ.get("BITZOO_SANITIZED") == "1"
