"""The program where its surroundings are hostile: limits, closed streams, odd names, odd targets."""

import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import time

import numpy as np
import pytest

from scoring import write_result

BAD_USAGE, BAD_INPUT, IO_FAILED, NO_MEMORY, INTERRUPTED = 2, 3, 5, 6, 130
CANNOT_LOAD = 127  # not even the shared libraries
NOT_UTF8 = b"results-\xff"


@pytest.fixture
def recorded(tmp_path):
    """A folder with one recorded result of four images."""
    folder = tmp_path / "recorded"
    preds = np.tile(np.arange(5, dtype=np.int64), (4, 1))
    write_result(folder, "model", preds, np.full((4, 5), 0.2, np.float32), labels=np.arange(4))
    return folder


@pytest.fixture(scope="module")
def image(shared, tmp_path_factory):
    """A set of one image."""
    folder = tmp_path_factory.mktemp("one")
    source = sorted((shared / "sample-images").iterdir())[0]
    shutil.copytree(source, folder / source.name)
    return folder


@pytest.fixture
def predict(bitzoo, shared, image, tmp_path):
    """Predict the one image with a real network: predict("pytorch", "--json") and the like."""
    models = {"pytorch": ("squeezenet1_1", "squeezenet1_1_zip.pth"),
              "keras": ("keras/mobilenet_0.25", "mobilenet_2_5_224_tf.h5")}

    def run(framework, *options, out=tmp_path / "results", **surroundings):
        model, weights = models[framework]
        return bitzoo("predict", image, "-m", model, "-w", shared / "weights" / weights,
                      "-o", os.fsdecode(out), *options, **surroundings)

    return run


def limit(which, value):
    return lambda: resource.setrlimit(which, (value, value))


def test_a_pipe_or_folder_is_never_replaced(bitzoo, recorded, tmp_path):
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    for target, what in ((pipe, "a device, pipe or socket"), (folder, "a folder")):
        done = bitzoo("score", "-p", recorded, "-o", target)
        assert done.returncode == BAD_INPUT
        assert f"{target}: is {what}" in done.stderr
    assert stat.S_ISFIFO(pipe.lstat().st_mode) and folder.is_dir()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe", "recorded"]


def test_an_empty_output_name_is_refused(predict, bitzoo, recorded, tmp_path):
    done = predict("pytorch", out="")
    assert done.returncode == BAD_USAGE and "empty name" in done.stderr
    assert bitzoo("demo", "-o", "").returncode == BAD_USAGE
    assert bitzoo("score", "-p", recorded, "-o", "", cwd=tmp_path).returncode == BAD_INPUT
    assert [path.name for path in tmp_path.iterdir()] == ["recorded"]


def test_a_long_name_does_not_hide_the_reason(bitzoo):
    done = bitzoo("prep", "folder/" * 1000)
    assert done.returncode == BAD_INPUT
    assert done.stderr.startswith("bitzoo: folder/folder/")
    assert done.stderr.endswith("folder/: cannot open: File name too long\n")


def test_errors_print_no_control_characters(bitzoo):
    done = bitzoo("prep", "no\x1b[31m\nsuch")
    assert done.returncode == BAD_INPUT
    assert done.stderr == "bitzoo: no\\x1b[31m\\x0asuch: cannot open: No such file or directory\n"


def test_json_holds_paths_that_are_not_utf8(predict, bitzoo, shared, tmp_path):
    out = os.path.join(os.fsencode(tmp_path), NOT_UTF8)
    models = json.loads(predict("pytorch", "--json", out=out).stdout)["models"]
    assert len(models) == 1
    assert models[0]["receipt"].endswith(
        "results-\\xff/squeezenet1_1_pytorch_imagenet_receipt.json")
    shutil.copy(shared / "weights" / "squeezenet1_1_zip.pth", os.path.join(out, b"squeezenet1_1.pth"))
    done = bitzoo("models", "squeezenet1_1", "--json", "-w", os.fsdecode(out), check=True)
    assert json.loads(done.stdout)["models"][0]["weights"]["path"].endswith(
        "results-\\xff/squeezenet1_1.pth")


def test_closed_streams_leave_the_results_alone(predict, tmp_path):
    assert predict("pytorch", out=tmp_path / "usual").returncode == 0

    def close_streams():
        for descriptor in (0, 1, 2):
            os.close(descriptor)

    done = predict("pytorch", out=tmp_path / "closed", preexec_fn=close_streams)
    assert done.returncode == IO_FAILED  # the summary could not be printed
    names = sorted(path.name for path in (tmp_path / "usual").iterdir())
    assert sorted(path.name for path in (tmp_path / "closed").iterdir()) == names
    for name in names:
        assert (tmp_path / "usual" / name).read_bytes() == (tmp_path / "closed" / name).read_bytes()


def test_a_full_quota_is_an_error_that_leaves_nothing(predict, tmp_path):
    done = predict("pytorch", "--save-logits", preexec_fn=limit(resource.RLIMIT_FSIZE, 1024))
    assert done.returncode == IO_FAILED
    assert "cannot write: File too large" in done.stderr
    assert list((tmp_path / "results").iterdir()) == []


def test_little_memory_is_told_of_and_leaves_nothing(predict, sanitized, tmp_path):
    if sanitized:
        pytest.skip("a sanitizer reserves terabytes of addresses")
    statuses = set()
    for megabytes in range(100, 260, 20):
        out = tmp_path / str(megabytes)
        done = predict("pytorch", "-t", "2", out=out,
                       preexec_fn=limit(resource.RLIMIT_AS, megabytes << 20))
        statuses.add(done.returncode)
        assert done.returncode in (0, NO_MEMORY, CANNOT_LOAD), done.stderr
        if done.returncode:
            assert not out.exists() or list(out.iterdir()) == []
    assert NO_MEMORY in statuses


def test_a_keras_file_is_read_under_lower_limits(predict):
    for which, value in ((resource.RLIMIT_FSIZE, 10 << 20), (resource.RLIMIT_CPU, 4)):
        done = predict("keras", preexec_fn=limit(which, value))
        assert done.returncode == 0, done.stderr
    done = predict("keras", preexec_fn=limit(resource.RLIMIT_FSIZE, 1024))
    assert done.returncode == IO_FAILED
    assert "ulimit -f" in done.stderr


def test_a_keras_file_is_read_where_children_are_ignored(predict):
    done = predict("keras", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    assert done.returncode == 0, done.stderr


def test_a_result_replaces_an_earlier_one_whole(predict, tmp_path):
    assert predict("pytorch", "--save-logits", "--save-all-probs").returncode == 0
    assert predict("pytorch").returncode == 0
    there = {path.name for path in (tmp_path / "results").iterdir()}
    receipt = tmp_path / "results" / "squeezenet1_1_pytorch_imagenet_receipt.json"
    assert there == set(json.loads(receipt.read_text())["files"]) | {receipt.name}
    assert not any("logits" in name or name.endswith("net_probs.npy") for name in there)


def test_a_closed_terminal_ends_the_run_cleanly(program, shared, tmp_path):
    out = tmp_path / "results"
    process = subprocess.Popen(
        [program, "predict", shared / "sample-images", "-m", "squeezenet1_1", "-o", out, "-t", "1",
         "-b", "1", "-w", shared / "weights" / "squeezenet1_1_zip.pth", "--cpu", "c"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # as in a terminal, also where the tests themselves run under nohup
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
    while process.poll() is None and not (out.is_dir() and any(out.iterdir())):
        time.sleep(0.01)
    process.send_signal(signal.SIGHUP)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == INTERRUPTED, errors
    assert list(out.iterdir()) == []
