"""bitzoo prep: describes each form of a set alike, notices what is wrong with it, extracts it."""

import gzip
import json
import os
import random
import re
import signal
import subprocess
import sys
import tarfile
import time

import pytest

import val_sets

BAD_USAGE, BAD_INPUT, INTERRUPTED = 2, 3, 130
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@pytest.fixture(scope="module")
def describe(bitzoo):
    """The description of a usable set, as a dictionary; its warnings must be on stderr too."""

    def run(data, *options):
        done = bitzoo("prep", data, "--json", *options, check=True)
        description = json.loads(done.stdout)
        for warning in description["warnings"]:
            assert f"bitzoo prep: warning: {warning}\n" in done.stderr
        return description

    return run


@pytest.fixture(scope="module")
def refuse(bitzoo):
    """Run prep on what is no usable set; returns what it says."""

    def run(data, *options):
        done = bitzoo("prep", data, *options)
        assert done.returncode == BAD_INPUT, done.stderr
        assert done.stderr.strip()
        return done.stderr

    return run


@pytest.fixture(scope="module")
def small_set():
    """Images of validation names in their right class folders, all different."""
    synsets, labels = val_sets.synsets(), val_sets.val_labels()
    images = {}
    for number in range(1, 61):
        name = f"{synsets[labels[number - 1]]}/ILSVRC2012_val_{number:08d}.JPEG"
        components = (1, 3, 4)[number % 3]
        images[name] = val_sets.jpeg(
            100 + number, 90, components, quantiser=number, progressive=number % 7 == 0
        )
    return images


def flat(images):
    return {name.partition("/")[2]: file for name, file in images.items()}


def labelled(images):
    """(label, file) in the set's order."""
    synsets = val_sets.synsets()
    return [(synsets.index(name.partition("/")[0]), images[name]) for name in sorted(images)]


def without_place(description):
    return {key: value for key, value in description.items() if key not in ("path", "kind")}


def test_each_form_is_described_alike(describe, small_set, tmp_path):
    forms = {
        "folder": [val_sets.write_folder(tmp_path / "folder", small_set)],
        "flat folder": [val_sets.write_folder(tmp_path / "flat", flat(small_set))],
        "tar": [
            val_sets.write_tar(tmp_path / f"{number}.tar", small_set, tar_format, leading)
            for number, (tar_format, leading) in enumerate(
                [
                    (tarfile.USTAR_FORMAT, ""),
                    (tarfile.GNU_FORMAT, "./"),
                    (tarfile.PAX_FORMAT, "val/"),
                    (tarfile.GNU_FORMAT, "./a/" + "long" * 30 + "/"),
                    (tarfile.PAX_FORMAT, "data/" + "löng" * 30 + "/"),
                ]
            )
        ],
        "flat tar": [
            val_sets.write_tar(tmp_path / "flat.tar", flat(small_set), folders=False),
            val_sets.write_tar(tmp_path / "below.tar", flat(small_set), leading="val/"),
        ],
    }
    expected = val_sets.digests(labelled(small_set))
    first = None
    for kind, paths in forms.items():
        for path in paths:
            for options in ((), ("--decode", "-t", "3")):
                description = describe(path, *options)
                assert description["kind"] == kind
                assert description["sha256"] == expected
                assert description.pop("decoded") == bool(options)
                first = first or without_place(description)
                assert without_place(description) == first
    assert first["images"] == 60
    assert first["classes"] == 1000
    assert first["formats"] == {"jpeg": 60, "progressive_jpeg": 8, "png": 0, "other": 0}
    assert first["colours"] == {"rgb": 20, "gray": 20, "cmyk": 20}
    assert first["sizes"]["width"]["quantiles"] == [101, 103, 115, 130, 145, 157, 160]
    assert first["sizes"]["height"] == {"quantiles": [90] * 7, "commonest": 90, "images": 60}
    assert first["quantisation_tables"] == {"distinct": 60, "images_with_commonest": 1}
    assert first["validation_set"]["complete"] is False


def test_sample_images_as_folder_and_tar(describe, shared, tmp_path):
    folder = shared / "sample-images"
    images = val_sets.read_folder(folder)
    expected = val_sets.digests(labelled(images))
    description = describe(folder, "--decode")
    assert description["sha256"] == expected
    assert description["images"] == description["formats"]["jpeg"] == 400
    assert description["classes"] == 1000 and description["classes_with_images"] == 400
    assert description["colours"] == {"rgb": 392, "gray": 8, "cmyk": 0}
    assert description["validation_set"] is None
    assert description["warnings"] == []  # these are as they were published
    tar = describe(val_sets.write_tar(tmp_path / "set.tar", images), "--decode")
    assert without_place(tar) == without_place(description)


def test_metadata_leaves_the_pixels_digest(describe, small_set, tmp_path):
    plain = describe(val_sets.write_folder(tmp_path / "plain", small_set))["sha256"]
    tagged = {name: val_sets.retagged(file) for name, file in small_set.items()}
    other = describe(val_sets.write_folder(tmp_path / "tagged", tagged), "--decode")["sha256"]
    assert other["pixels"] == plain["pixels"]
    assert other["files"] != plain["files"]


def test_whatever_changes_pixels_changes_their_digest(describe, tmp_path):
    variants = {
        "as it is": {"components": 3},
        "table": {"components": 3, "quantiser": 17},
        "size": {"components": 3, "width": 11},
        "colour transform": {"components": 3, "adobe": 0},
        "progressive": {"components": 3, "progressive": True},
        "gray": {"components": 1},
    }
    seen = {
        describe(val_sets.write_folder(tmp_path / name, {"a/1.jpg": val_sets.jpeg(**how)}))[
            "sha256"
        ]["pixels"]
        for name, how in variants.items()
    }
    assert len(seen) == len(variants)
    same = {"components": 3, "adobe": 1}  # names the transform that is the default
    folder = val_sets.write_folder(tmp_path / "same", {"a/1.jpg": val_sets.jpeg(**same)})
    assert describe(folder)["sha256"]["pixels"] in seen
    relabelled = {"a/0.jpg": val_sets.jpeg(), "b/1.jpg": val_sets.jpeg(components=3)}
    folder = val_sets.write_folder(tmp_path / "relabelled", relabelled)
    swapped = {"b/0.jpg": val_sets.jpeg(), "a/1.jpg": val_sets.jpeg(components=3)}
    other = val_sets.write_folder(tmp_path / "swapped", swapped)
    assert describe(folder)["sha256"] != describe(other)["sha256"]


@pytest.fixture(scope="module")
def whole_flat_set():
    """50,000 images of one size and one encoder: complete, but not the originals."""
    file = val_sets.jpeg(16, 8)
    return {f"ILSVRC2012_val_{number:08d}.JPEG": file for number in range(1, 50_001)}


@pytest.fixture(scope="module")
def whole_flat_tar(whole_flat_set, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "ILSVRC2012_img_val.tar"
    return val_sets.write_tar(path, whole_flat_set, tarfile.USTAR_FORMAT, folders=False)


def test_whole_validation_set(describe, whole_flat_tar):
    description = describe(whole_flat_tar)
    assert description["kind"] == "flat tar"
    assert description["images"] == 50_000
    assert description["classes_with_images"] == 1000
    assert description["validation_set"]["complete"] is True
    assert description["validation_set"]["wrong_counts"] == {}
    assert [warning for warning in description["warnings"] if "shrunk" in warning] == [
        "short side is exactly 8 in 100 % of the images: this set was shrunk; published "
        "accuracies were measured on the originals"
    ]
    assert "100 % of the JPEG images have the same quantisation tables" in description["warnings"][1]
    assert len(description["warnings"]) == 2


def test_missing_and_misplaced_images_are_named(describe, whole_flat_set, tmp_path):
    synsets, labels = val_sets.synsets(), val_sets.val_labels()
    images = {
        f"{synsets[labels[int(name[15:23]) - 1]]}/{name}": file
        for name, file in whole_flat_set.items()
    }
    name = "n01440764/ILSVRC2012_val_00000293.JPEG"
    file = images.pop(name)
    path = val_sets.write_tar(tmp_path / "missing.tar", images)
    description = describe(path)
    assert description["validation_set"]["complete"] is False
    assert description["validation_set"]["wrong_counts"] == {"n01440764": 49}
    assert description["warnings"][:2] == [
        "partial: 49,999 images; ImageNet's validation set has 50,000",
        "class n01440764 (tench) has 49 images, 50 wanted",
    ]
    images["n01443537/ILSVRC2012_val_00000293.JPEG"] = file
    description = describe(val_sets.write_tar(tmp_path / "misplaced.tar", images))
    assert description["validation_set"]["complete"] is False
    assert description["warnings"][:3] == [
        "class n01440764 (tench) has 49 images, 50 wanted",
        "class n01443537 (goldfish) has 51 images, 50 wanted",
        "n01443537/ILSVRC2012_val_00000293.JPEG belongs to class n01440764 (tench): its label is "
        "wrong",
    ]


def test_partial_set_tells_of_five_classes_and_counts_the_rest(describe, small_set, tmp_path):
    description = describe(val_sets.write_folder(tmp_path, small_set))
    assert description["warnings"][0].startswith("partial: 60 images")
    assert sum(", 50 wanted" in warning for warning in description["warnings"]) == 5
    assert "... and 995 more classes with a wrong number of images" in description["warnings"]


def test_class_names_that_mislead(describe, tmp_path):
    file = val_sets.jpeg()
    mixed = {"n01440764/1.jpg": file, "misc/1.jpg": file}
    description = describe(val_sets.write_folder(tmp_path / "mixed", mixed))
    assert description["classes"] == 2 and not description["imagenet"]
    assert "misc is not" in description["warnings"][0]
    numbers = {f"{label}/1.jpg": file for label in range(12)}
    description = describe(val_sets.write_folder(tmp_path / "numbers", numbers))
    assert "class folders are numbers" in description["warnings"][0]


def test_what_is_left_out_is_named(describe, tmp_path):
    names = ["n01440764/notes.txt", "n01443537/deep/er.jpg", "loose.jpg", "README"]
    images = {name: b"" for name in names} | {"n01440764/1.jpg": val_sets.jpeg()}
    description = describe(val_sets.write_tar(tmp_path / "set.tar", images))
    assert description["images"] == 1
    assert description["left_out"] == {"not_images": 2, "misplaced_images": 2, "empty_classes": 1}
    text = "\n".join(description["warnings"])
    assert all(name in text for name in names) and "n01443537" in text


def test_images_that_cannot_be_decoded(bitzoo, refuse, small_set, tmp_path):
    whole = val_sets.jpeg(64, 64, 3)
    bad = {
        "cut.JPEG": (whole[:-2], "without the marker that ends"),
        "empty.JPEG": (b"", "is empty"),
        "gif.JPEG": (b"GIF89a" + bytes(20), "GIF"),
        "webp.webp": (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP"),
        "page.jpg": (b"<!DOCTYPE html><html>", "HTML"),
        "lossless.jpg": (whole.replace(b"\xff\xc0", b"\xff\xc3"), "lossless"),
        "arithmetic.jpg": (whole.replace(b"\xff\xc0", b"\xff\xc9"), "arithmetic"),
        "zero.jpg": (val_sets.jpeg(0, 8), "0 x 8"),
        "png.png": (b"\x89PNG\r\n\x1a\n" + bytes(40), "IHDR"),
        "scanless.jpg": (whole[: whole.index(b"\xff\xda")] + b"\xff\xd9", "has no scan"),
        "short.jpg": (b"\xff\xd8\xff\xe0\0\1", "at least 2"),
    }
    images = dict(small_set)
    for name, (file, why) in bad.items():
        images[f"n01440764/{name}"] = file
        said = refuse(val_sets.write_folder(tmp_path / name, {f"n01440764/{name}": file}))
        assert why in said and f"n01440764/{name}" in said
    folder = val_sets.write_folder(tmp_path / "all", images)
    done = bitzoo("prep", folder, "--json")
    assert done.returncode == BAD_INPUT
    description = json.loads(done.stdout)
    assert {fault["image"] for fault in description["faults"]} == {f"n01440764/{n}" for n in bad}
    assert f"{len(bad)} of {len(images)} images cannot be decoded" in done.stderr


def test_only_decoding_finds_damage_inside(describe, refuse, tmp_path):
    file = bytearray(val_sets.jpeg(64, 64))
    scan = file.index(b"\xff\xda")
    file[scan + 12] = 0xEE  # a code that no table has
    folder = val_sets.write_folder(tmp_path, {"a/1.jpg": bytes(file)})
    assert describe(folder)["faults"] == []
    assert "libjpeg says" in refuse(folder, "--decode")


def test_names_do_not_reach_the_terminal_as_they_are(bitzoo, tmp_path):
    images = {
        b"a\x1b[2J/1\x07.jpg": val_sets.jpeg(),
        b"b\xff\xfe/\xc2\x9b31m.jpg": b"not an image",
        b"b\xff\xfe/\x0d.txt": b"",
    }
    for name, file in images.items():
        path = os.path.join(os.fsencode(tmp_path), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(file)
    for options in ((), ("--json",)):
        done = bitzoo("prep", tmp_path, *options)
        assert done.returncode == BAD_INPUT
        assert not CONTROL.search(done.stdout + done.stderr)
        assert "\\xff\\xfe/\\xc2\\x9b31m.jpg" in done.stderr


def test_a_tar_is_extracted_into_class_folders(describe, bitzoo, small_set, tmp_path):
    for number, path in enumerate(
        [
            val_sets.write_tar(tmp_path / "flat.tar", flat(small_set), folders=False),
            val_sets.write_tar(tmp_path / "classes.tar", small_set, leading="./val/"),
            val_sets.write_folder(tmp_path / "flat", flat(small_set)),
        ]
    ):
        target = tmp_path / f"out{number}"
        description = describe(path, "--extract", f"{target}/")
        assert description["extracted"] == f"{target}/"
        assert val_sets.read_folder(target) == small_set
        assert describe(target)["sha256"] == description["sha256"]
        mask = os.umask(0)
        os.umask(mask)
        assert target.stat().st_mode & 0o777 == 0o777 & ~mask
        first = next(target.rglob("*.JPEG"))
        assert first.stat().st_mode & 0o777 == 0o666 & ~mask
        done = bitzoo("prep", path, "--extract", target)
        assert done.returncode == BAD_USAGE and "is there already" in done.stderr
    assert not list(tmp_path.glob("*part*"))


def test_an_extraction_that_fails_leaves_nothing(bitzoo, small_set, tmp_path):
    tar = val_sets.write_tar(tmp_path / "set.tar", small_set)
    folder = val_sets.write_folder(tmp_path / "folder", small_set)
    broken = val_sets.write_tar(tmp_path / "bad.tar", {**small_set, "n01440764/x.jpg": b"no"})
    before = sorted(tmp_path.iterdir())
    for data, target, status in (
        (folder, "out", BAD_USAGE),
        (broken, "out", BAD_INPUT),
        (tar, "nowhere/out", BAD_INPUT),
        (tar, "set.tar/out", BAD_INPUT),
        (tar, ".", BAD_USAGE),
    ):
        done = bitzoo("prep", data, "--extract", target, cwd=tmp_path)
        assert done.returncode == status, done.stderr
        assert done.stderr.strip()
    (tmp_path / "link").symlink_to("nowhere")
    assert bitzoo("prep", tar, "--extract", tmp_path / "link").returncode == BAD_USAGE
    (tmp_path / "link").unlink()
    assert sorted(tmp_path.iterdir()) == before


def test_an_interrupted_extraction_leaves_nothing(program, whole_flat_tar, tmp_path):
    process = subprocess.Popen(
        [program, "prep", whole_flat_tar, "--extract", tmp_path / "val"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not list(tmp_path.glob("val*")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == INTERRUPTED, stderr
    assert stdout == "" and "interrupted after" in stderr
    assert list(tmp_path.iterdir()) == []


def test_tars_that_are_not_only_files_are_refused(refuse, small_set, tmp_path):
    name = next(iter(small_set))
    path = tmp_path / "set.tar"
    for kind, why in (
        (tarfile.LNKTYPE, "hard link"),
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.FIFOTYPE, "device or pipe"),
        (tarfile.CHRTYPE, "device or pipe"),
        (tarfile.GNUTYPE_SPARSE, "sparse"),
    ):
        with tarfile.open(val_sets.write_tar(path, small_set), "a") as tar:
            entry = tarfile.TarInfo("n01440764/odd.JPEG")
            entry.type, entry.linkname = kind, name
            tar.addfile(entry)
        assert why in refuse(path)
    for odd in ("../escape.JPEG", "n01440764/../../escape.JPEG", "/etc/escape.JPEG"):
        said = refuse(val_sets.write_tar(path, {**small_set, odd: b""}))
        assert "make the archive again" in said
    path.write_bytes(gzip.compress(b"whatever"))
    assert "compressed with gzip" in refuse(path)


def test_a_tar_cut_at_any_place_is_refused(refuse, small_set, tmp_path):
    whole = val_sets.write_tar(tmp_path / "set.tar", small_set).read_bytes()
    end = whole.rindex(b"\xff\xd9") // 512 * 512 + 512 + 1024  # what follows is padding
    cut = tmp_path / "cut.tar"
    for part in range(50):
        cut.write_bytes(whole[: end * part // 50])
        assert "truncated" in refuse(cut)
    cut.write_bytes(whole[: end - 1])
    assert "truncated" in refuse(cut)


def test_damaged_tars_and_images_are_described_or_refused(bitzoo, small_set, sanitized, tmp_path):
    chance = random.Random(3)
    whole = val_sets.write_tar(tmp_path / "set.tar", dict(list(small_set.items())[:5])).read_bytes()
    end = whole.rindex(b"\xff\xd9") + 2
    mutant = tmp_path / "mutant.tar"
    statuses = []
    for _ in range(60 if sanitized else 300):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(end)] = chance.choice((0, 0xFF, 0x7F, chance.randrange(256)))
        mutant.write_bytes(data)
        done = bitzoo("prep", mutant, "--decode", "--json", timeout=10)
        assert done.returncode in (0, BAD_INPUT), done.stderr
        assert done.returncode == 0 or done.stderr.strip()
        statuses.append(done.returncode)
    assert {0, BAD_INPUT} == set(statuses)


# In a small process of its own: a child's peak begins with that of the process it was forked from.
PEAK = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak_memory(program, folder):
    """Most kilobytes in memory while prep runs."""
    command = [sys.executable, "-c", PEAK, str(program), "prep", str(folder), "-t", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[-1])


def test_memory_grows_by_the_list_alone(program, sanitized, tmp_path):
    if sanitized:
        pytest.skip("the sanitizer's own memory hides the program's")
    file = val_sets.jpeg(64, 64) + bytes(100_000)
    counts = (400, 10_000)
    peaks = []
    for count in counts:
        folder = tmp_path / str(count)
        folder.mkdir()
        (folder / "class").mkdir()
        (folder / "class/0.jpg").write_bytes(file)
        for number in range(1, count):
            os.link(folder / "class/0.jpg", folder / f"class/{number}.jpg")
        peaks.append(peak_memory(program, folder))
    a_name_and_its_records = 500  # bytes
    assert peaks[1] - peaks[0] < (counts[1] - counts[0]) * a_name_and_its_records / 1024 + 1024
    assert peaks[1] < 20_000, peaks


def test_usage_errors(bitzoo, tmp_path):
    for arguments in ((), ("a", "b"), ("a", "-t", "0"), ("a", "-t", "1x"), ("--no-such",)):
        assert bitzoo("prep", *arguments).returncode == BAD_USAGE
    assert bitzoo("prep", tmp_path / "nothing").returncode == BAD_INPUT


def test_text_says_the_same(bitzoo, small_set, tmp_path):
    folder = val_sets.write_folder(tmp_path, small_set)
    text = bitzoo("prep", folder, check=True).stdout
    expected = val_sets.digests(labelled(small_set))
    assert expected["files"] in text and expected["pixels"] in text
    assert re.search(r"^images +60 of the 50,000 of ImageNet's validation set$", text, re.MULTILINE)
    assert re.search(r"^colours +RGB 20, grayscale 20, CMYK 20$", text, re.MULTILINE)
    quiet = bitzoo("prep", folder, "--quiet", check=True)
    assert quiet.stderr == "" and quiet.stdout == text
