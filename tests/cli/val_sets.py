"""Validation sets for the tests: JPEG files written by hand, tars by tarfile, and the digests that
doc/formats.md defines, computed a second time."""

import hashlib
import io
import pathlib
import re
import struct
import tarfile

LABELS = pathlib.Path(__file__).resolve().parents[2] / "src/data"


def synsets():
    """The 1,000 synsets in label order."""
    return re.findall(r'SYNSET\("(n\d{8})"', (LABELS / "synsets.inc").read_text())


def val_labels():
    """The label of validation image 1 to 50,000."""
    text = (LABELS / "val_labels.inc").read_text().partition("*/")[2]
    return [int(number) for number in re.findall(r"\d+", text)]


def segment(marker, body):
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def zero_bits(count):
    """Huffman-coded data of `count` zero bits, filled up with ones."""
    data = bytearray(count // 8)
    if count % 8:
        data.append(0xFF >> (count % 8))
    return bytes(data)


def jpeg(width=10, height=8, components=1, quantiser=16, progressive=False, adobe=None, extra=b""):
    """A whole JPEG file of one colour, which every decoder decodes. `extra` goes before the
    tables; `adobe` is the colour transform of an Adobe segment."""
    head = b"\xff\xd8" + extra
    if adobe is None:
        head += segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    else:
        head += segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([adobe]))
    tables = segment(0xDB, b"\0" + bytes([quantiser]) * 64)
    ids = range(1, components + 1)
    frame = struct.pack(">BHHB", 8, height, width, components)
    frame += b"".join(bytes([i, 0x11, 0]) for i in ids)
    # One code of one bit each: a DC difference of 0, and the end of a block's AC coefficients.
    one_code = b"\1" + bytes(15) + b"\0"
    codes = segment(0xC4, b"\0" + one_code + b"\x10" + one_code)
    blocks = -(-width // 8) * -(-height // 8)

    def scan(of, first, last, bits):
        body = bytes([len(of)]) + b"".join(bytes([i, 0]) for i in of) + bytes([first, last, 0])
        return segment(0xDA, body) + zero_bits(bits * len(of) * blocks)

    if progressive:
        scans = scan(ids, 0, 0, 1) + b"".join(scan([i], 1, 63, 1) for i in ids)
    else:
        scans = scan(ids, 0, 63, 2)
    return head + tables + segment(0xC2 if progressive else 0xC0, frame) + codes + scans + b"\xff\xd9"


def retagged(file):
    """The same picture with other metadata: a comment and an Exif segment, bytes after the end."""
    exif = segment(0xE1, b"Exif\0\0" + b"camera " * 9)
    return file[:2] + exif + segment(0xFE, b"a comment") + file[2:] + b"trailing bytes"


def pixel_bytes(file):
    """The pixel-bearing bytes of a JPEG file, by the words of doc/formats.md alone."""
    kept, at, jfif, adobe, ids, scans = [], 2, False, None, b"", 0
    while True:
        if file[at] != 0xFF or file[at + 1] == 0xFF:
            at += 1
            continue
        marker = file[at + 1]
        if marker == 0xD9:
            kept.append(file[at : at + 2])
            break
        if marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD8:
            at += 2
            continue
        end = at + 2 + struct.unpack(">H", file[at + 2 : at + 4])[0]
        body = file[at + 4 : end]
        if 0xC0 <= marker <= 0xC2:
            ids = bytes(body[6 + 3 * i] for i in range(body[5]))
        if not scans and marker == 0xE0 and body[:5] == b"JFIF\0" and len(body) >= 14:
            jfif = True
        if not scans and marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
            adobe = body[11]
        if not 0xE0 <= marker <= 0xEF and marker != 0xFE:
            kept.append(file[at:end])
        at = end
        if marker == 0xDA:
            scans += 1
            coded = re.compile(rb"(?:[^\xff]|\xff+[\x00\xd0-\xd7])*", re.DOTALL).match(file, at)
            kept.append(coded[0])
            at = coded.end()
    if len(ids) == 1:
        space = b"G"
    elif len(ids) == 3:
        rgb = not jfif and (adobe == 0 if adobe is not None else ids == b"RGB")
        space = b"R" if rgb else b"Y"
    else:
        space = b"C" if not adobe else b"K"
    return b"".join(kept) + space


def digests(images):
    """Both digests of a set: `images` are (label, file) in the set's order."""
    files, pixels = hashlib.sha256(), hashlib.sha256()
    for label, file in images:
        head = struct.pack("<I", label)
        files.update(head + hashlib.sha256(file).digest())
        pixels.update(head + hashlib.sha256(pixel_bytes(file)).digest())
    return {"files": files.hexdigest(), "pixels": pixels.hexdigest()}


def write_folder(folder, images):
    """`images` maps names inside the set to files."""
    for name, file in images.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file)
    return folder


def write_tar(path, images, tar_format=tarfile.PAX_FORMAT, leading="", folders=True):
    with tarfile.open(path, "w", format=tar_format) as tar:
        if folders:
            for name in sorted({str(pathlib.PurePosixPath(leading + n).parent) for n in images}):
                entry = tarfile.TarInfo(name)
                entry.type = tarfile.DIRTYPE
                tar.addfile(entry)
        for name, file in images.items():
            entry = tarfile.TarInfo(leading + name)
            entry.size = len(file)
            tar.addfile(entry, io.BytesIO(file))
    return path


def read_folder(folder):
    """All files below a folder, as write_folder takes them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
