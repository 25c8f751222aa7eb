"""`bitzoo predict` on real images with real weights: against the frameworks, against itself in every
setting, and on input that it must refuse."""

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
import time

import numpy as np
import pytest

BAD_USAGE, BAD_INPUT, INTERRUPTED = 2, 3, 130
SQUEEZENET, MOBILENET = "pytorch/squeezenet1_1", "keras/mobilenet_0.25"
WEIGHTS = {SQUEEZENET: "squeezenet1_1_zip.pth", MOBILENET: "mobilenet_2_5_224_tf.h5"}
RECIPES = {SQUEEZENET: "official", MOBILENET: "reference"}


def instruction_sets():
    flags = open("/proc/cpuinfo").read().split("flags", 1)[-1].split("\n", 1)[0].split()
    return ["c"] + [s for s, flag in (("avx2", "avx2"), ("avx512", "avx512f")) if flag in flags]


@pytest.fixture(scope="module")
def predict(bitzoo, shared, tmp_path_factory):
    """Predict with one of the two real models; returns the summary's entry and the folder."""

    def run(model, *options, data=None, weights=None):
        out = tmp_path_factory.mktemp("results")
        done = bitzoo("predict", data or shared / "sample-images", "-m", model, "-o", out,
                      "-w", weights or shared / "weights" / WEIGHTS[model],
                      "--recipe", RECIPES[model], "--json", *options, check=True)
        assert done.stderr.count("images") == 1  # the closing line; no progress without a terminal
        return json.loads(done.stdout)["models"][0], out

    return run


@pytest.fixture(scope="module")
def few_images(shared, tmp_path_factory, sanitized):
    """A set of classes with an image each: more than a batch of 7, not a multiple of any."""
    folder = tmp_path_factory.mktemp("few")
    for source in sorted((shared / "sample-images").iterdir())[:: 45 if sanitized else 17]:
        shutil.copytree(source, folder / source.name)
    return folder


def load(out, model, suffix):
    framework, name = model.split("/")
    return np.load(out / f"{name}_{framework}_imagenet_{suffix}.npy", allow_pickle=False)


def in_order(output):
    """The five best classes of each row, best first, equal ones in the order of the classes."""
    return np.argsort(-output, axis=1, kind="stable")[:, :5]


@pytest.mark.parametrize("model, expected_file, top1, top5", [
    (SQUEEZENET, "squeezenet1_1_pytorch_official_logits.npy", 66.75, 86.00),
    (MOBILENET, "mobilenet_0.25_keras_reference_probs.npy", 56.75, 81.00),
])
def test_agrees_with_the_framework(predict, shared, model, expected_file, top1, top5):
    result, out = predict(model, "--save-logits")
    ours = load(out, model, "logits").astype(np.float64)
    theirs = np.load(shared / "expected" / expected_file).astype(np.float64)
    assert ours.shape == theirs.shape == (400, 1000)
    error = np.abs(ours - theirs).max()
    print(f"{model}: largest difference {error:.3g}, {error / np.abs(theirs).max():.3g} of the "
          f"largest output")
    assert error <= 1e-4 * np.abs(theirs).max()
    assert result["top1"] == pytest.approx(top1) and result["top5"] == pytest.approx(top5)

    ranked = -np.sort(-theirs, axis=1)
    close1 = ranked[:, 0] - ranked[:, 1] < 2 * error  # the framework's own order may be chance
    close5 = ranked[:, 4] - ranked[:, 5] < 2 * error
    differ1 = in_order(ours)[:, 0] != in_order(theirs)[:, 0]
    differ5 = (np.sort(in_order(ours)) != np.sort(in_order(theirs))).any(axis=1)
    print(f"top-1 differs in rows {np.flatnonzero(differ1)}, top-5 in {np.flatnonzero(differ5)}")
    assert not (differ1 & ~close1).any() and not (differ5 & ~close5).any()


@pytest.mark.parametrize("model", [SQUEEZENET, MOBILENET])
def test_files_are_the_references(predict, shared, few_images, model):
    _, out = predict(model, "--save-all-probs", "--save-logits", data=few_images)
    preds, top, every = (load(out, model, s) for s in ("top5preds", "top5probs", "probs"))
    labels, logits = load(out, model, "labels"), load(out, model, "logits")
    count = len(labels)
    assert (preds.dtype, preds.shape) == (np.dtype("<i8"), (count, 5))
    assert (top.dtype, top.shape) == (np.dtype("<f4"), (count, 5))
    assert (every.dtype, every.shape) == (np.dtype("<f2"), (count, 1000))
    assert (labels.dtype, logits.dtype) == (np.dtype("<i8"), np.dtype("<f4"))
    assert (preds == in_order(logits)).all()
    wide = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
    probabilities = logits if model == MOBILENET else wide / wide.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(top, np.take_along_axis(probabilities, preds, 1), rtol=1e-5)
    np.testing.assert_allclose(every, probabilities, rtol=1e-3, atol=1e-7)  # float16 has 11 bits

    recorded = shared / "recorded/pytorch_imagenet/resnet18_pytorch_imagenet"
    theirs = np.load(f"{recorded}_top5preds.npy"), np.load(f"{recorded}_top5probs.npy")
    assert (theirs[0].dtype, theirs[1].dtype) == (preds.dtype, top.dtype)
    assert theirs[0].shape == theirs[1].shape == (50000, 5)


@pytest.mark.parametrize("model", [SQUEEZENET, MOBILENET])
def test_no_setting_changes_a_bit(predict, few_images, model, sanitized):
    digests = {}
    for cpu in instruction_sets():
        for threads in (1, 2):
            for batch in (1, 7, 32) if cpu != "c" or not sanitized else (7,):
                options = ("--cpu", cpu, "-t", threads, "-b", batch)
                result, _ = predict(model, *options, data=few_images)
                digests[options] = result["predictions_sha256"]
    assert len(digests) >= 6 * (len(instruction_sets()) - 1) + 2
    assert len(set(digests.values())) == 1, digests


def as_tar(folder, path, name):
    """A tar of an image set whose members are called name(relative path)."""
    with tarfile.open(path, "w") as tar:
        for file in sorted(folder.rglob("*.JPEG")):
            data = file.read_bytes()
            member = tarfile.TarInfo(name(file.relative_to(folder)))
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


@pytest.fixture(scope="module")
def forms(shared, few_images, tmp_path_factory):
    """The same images as a folder, a tar of it, and a flat archive under validation names."""
    place = tmp_path_factory.mktemp("forms")
    synsets = (shared / "labels/val_synsets.txt").read_text().split()
    return {
        "folder": few_images,
        "tar": as_tar(few_images, place / "set.tar", str),
        "flat tar": as_tar(few_images, place / "flat.tar", lambda path:
                           f"ILSVRC2012_val_{synsets.index(path.parts[0]) + 1:08d}.JPEG"),
    }


def test_each_form_of_a_set_and_of_the_weights_is_the_same(predict, shared, forms):
    seen = {}
    for form, data in forms.items():
        for layout in ("zip", "legacy", "tar"):
            weights = shared / f"weights/squeezenet1_1_{layout}.pth"
            result, out = predict(SQUEEZENET, data=data, weights=weights)
            receipt = json.loads((out / "squeezenet1_1_pytorch_imagenet_receipt.json").read_text())
            seen[form, layout] = result["predictions_sha256"], receipt["data"]["sha256"]
    assert len(seen) == 9
    assert len(set(seen.values())) == 1, seen


def test_models_together_are_as_alone(bitzoo, shared, few_images, tmp_path):
    weights = tmp_path / "weights"  # in a folder, each file goes by its name
    weights.mkdir()
    (weights / "squeezenet1_1.pth").symlink_to(shared / "weights/squeezenet1_1_zip.pth")
    (weights / WEIGHTS[MOBILENET]).symlink_to(shared / "weights" / WEIGHTS[MOBILENET])

    def digests(names):
        done = bitzoo("predict", few_images, "-m", names, "-w", weights, "-o", tmp_path / "out",
                      "--json", check=True)
        return {f"{m['framework']}/{m['model']}": m["predictions_sha256"]
                for m in json.loads(done.stdout)["models"]}

    together = digests(f"{SQUEEZENET},{MOBILENET}")
    assert together == digests(SQUEEZENET) | digests(MOBILENET)
    assert len(set(together.values())) == 2


def test_receipt_tells_what_went_in_and_came_out(predict, shared, few_images):
    result, out = predict(SQUEEZENET, data=few_images)
    again, out_again = predict(SQUEEZENET, "-b", "3", "-t", "1", data=few_images)
    name = "squeezenet1_1_pytorch_imagenet_receipt.json"
    text = (out / name).read_text()
    assert text == (out_again / name).read_text()  # nothing in it changes from run to run
    receipt = json.loads(text)
    weights = (shared / "weights" / WEIGHTS[SQUEEZENET]).read_bytes()
    assert receipt["weights"]["sha256"] == hashlib.sha256(weights).hexdigest()
    assert receipt["numerics"] == 1
    assert receipt["recipe"]["name"] == "official"
    count = len(list(few_images.iterdir()))
    assert receipt["images"] == {"done": count, "total": count}
    assert receipt["predictions_sha256"] == result["predictions_sha256"]
    rows = load(predict(SQUEEZENET, "--save-logits", data=few_images)[1], SQUEEZENET, "logits")
    digests = b"".join(hashlib.sha256(row.tobytes()).digest() for row in rows)
    assert receipt["predictions_sha256"] == hashlib.sha256(digests).hexdigest()
    assert set(receipt["files"]) == {p.name for p in out.iterdir()} - {name}
    for file, digest in receipt["files"].items():
        assert hashlib.sha256((out / file).read_bytes()).hexdigest() == digest


def peak_memory(program, *args):
    """Most memory that the program held at once, in MB."""
    process = subprocess.Popen([str(program), *map(str, args)], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss / 1024


def test_memory_does_not_grow_with_the_set(program, shared, few_images, tmp_path, sanitized):
    if sanitized:
        pytest.skip("a sanitizer's own memory is not the program's")
    small = peak_memory(program, "predict", few_images, "-m", MOBILENET, "-b", "32", "-o",
                        tmp_path / "a", "-w", shared / "weights" / WEIGHTS[MOBILENET])
    many = tmp_path / "many"  # the same 24 images, 10,008 times
    for source in few_images.iterdir():
        image = next(source.iterdir())
        (many / source.name).mkdir(parents=True)
        for i in range(417):
            (many / source.name / f"{i:04d}.JPEG").symlink_to(image)
    large = peak_memory(program, "predict", many, "-m", MOBILENET, "-b", "32", "-o",
                        tmp_path / "b", "-w", shared / "weights" / WEIGHTS[MOBILENET])
    print(f"peak memory: {small:.0f} MB for 24 images, {large:.0f} MB for 10,008")
    assert large < small + 32 and large < 700


@pytest.mark.parametrize("model", [SQUEEZENET, MOBILENET])
def test_memory_at_batch_32(program, shared, tmp_path, sanitized, model):
    if sanitized:
        pytest.skip("a sanitizer's own memory is not the program's")
    peak = peak_memory(program, "predict", shared / "sample-images", "-m", model, "-b", "32",
                       "-o", tmp_path, "-w", shared / "weights" / WEIGHTS[model])
    print(f"{model}: peak memory {peak:.0f} MB")
    assert peak < 700


def refuse(bitzoo, status, words, out, *args):
    """The program ends with `status`, says all `words`, and leaves nothing in `out`."""
    done = bitzoo("predict", *args, "-o", out)
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    for word in words:
        assert str(word) in done.stderr, done.stderr
    assert not out.exists() or list(out.iterdir()) == []


def test_refuses_what_the_command_line_gets_wrong(bitzoo, shared, few_images, tmp_path):
    weights = "-w", shared / "weights" / WEIGHTS[SQUEEZENET]
    out = tmp_path / "out"
    for words, args in [
        (["validation set"], ["-m", SQUEEZENET, *weights]),
        (["squeezenet1_1"], [few_images, "-m", "squeezenet1_7", *weights]),
        (["--recipe", "official"], [few_images, "-m", SQUEEZENET, *weights, "--recipe", "best"]),
        (["--cpu", "avx2"], [few_images, "-m", SQUEEZENET, *weights, "--cpu", "mmx"]),
        (["-b 0"], [few_images, "-m", SQUEEZENET, *weights, "-b", "0"]),
        (["-t many"], [few_images, "-m", SQUEEZENET, *weights, "-t", "many"]),
        (["-b 1e9"], [few_images, "-m", SQUEEZENET, *weights, "-b", "1e9"]),
    ]:
        refuse(bitzoo, BAD_USAGE, words, out, *args)


def test_refuses_weights_of_another_model(bitzoo, shared, few_images, tmp_path):
    for model, file in [("pytorch/squeezenet1_0", WEIGHTS[SQUEEZENET]),
                        (SQUEEZENET, WEIGHTS[MOBILENET]),
                        ("keras/mobilenet", WEIGHTS[MOBILENET])]:
        refuse(bitzoo, BAD_INPUT, [file, "another model"], tmp_path / "out",
               few_images, "-m", model, "-w", shared / "weights" / file)
    refuse(bitzoo, BAD_INPUT, ["squeezenet1_0"], tmp_path / "out",
           few_images, "-m", "pytorch/squeezenet1_0", "-w", tmp_path)


def test_refuses_a_set_of_other_classes(bitzoo, shared, few_images, tmp_path):
    data = tmp_path / "data"
    for label in ("cat", "dog"):
        (data / label).mkdir(parents=True)
        (data / label / "a.JPEG").symlink_to(next(next(few_images.iterdir()).iterdir()))
    refuse(bitzoo, BAD_INPUT, ["2 classes", "1000"], tmp_path / "out",
           data, "-m", SQUEEZENET, "-w", shared / "weights" / WEIGHTS[SQUEEZENET])


@pytest.mark.parametrize("damage", ["cut", "empty", "html", "missing"])
def test_a_bad_image_stops_the_run_and_nothing_is_written(bitzoo, shared, few_images, tmp_path,
                                                          damage):
    data = tmp_path / "data"
    for source in few_images.iterdir():
        (data / source.name).mkdir(parents=True)
        for image in source.iterdir():
            (data / source.name / image.name).write_bytes(image.read_bytes())
    victim = sorted(data.rglob("*.JPEG"))[-3]
    whole = victim.read_bytes()
    if damage == "missing":
        victim.unlink()
        victim.symlink_to(tmp_path / "nowhere.JPEG")
    else:
        victim.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"",
                            "html": b"<!DOCTYPE html><html></html>"}[damage])
    refuse(bitzoo, BAD_INPUT, [data, victim.name], tmp_path / "out",
           data, "-m", SQUEEZENET, "-w", shared / "weights" / WEIGHTS[SQUEEZENET])


def test_weights_that_overflow_are_not_trusted(bitzoo, shared, few_images, tmp_path):
    data = bytearray((shared / "weights/squeezenet1_1_legacy.pth").read_bytes())
    reference = np.frombuffer(bytes(data[-4 * 100:]), "<f4")  # the end of the last storage
    data[-4 * 100:] = np.full_like(reference, 3e38).tobytes()
    damaged = tmp_path / "squeezenet1_1.pth"
    damaged.write_bytes(data)
    refuse(bitzoo, 7, ["not finite"], tmp_path / "out", few_images, "-m", SQUEEZENET, "-w", damaged)


def test_an_interrupt_leaves_nothing_half_written(program, shared, tmp_path):
    out = tmp_path / "out"
    process = subprocess.Popen(
        [str(program), "predict", str(shared / "sample-images"), "-m", SQUEEZENET, "-o", str(out),
         "-b", "1", "-w", str(shared / "weights" / WEIGHTS[SQUEEZENET])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not (out.is_dir() and any(out.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED, errors
    assert output == "" and "interrupted" in errors
    assert list(out.iterdir()) == []
