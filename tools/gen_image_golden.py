#!/usr/bin/env python3
"""Make the small expected results that tests/unit/test_image.c compares with.

    gen_image_golden.py pictures      tests/golden/images/* and image_files.txt   Pillow 13, cjpeg
    gen_image_golden.py recipes       tests/golden/image_recipes.txt              torchvision 0.29
    gen_image_golden.py modes-torch   tests/golden/image_modes_torch.txt          torchvision 0.29
    gen_image_golden.py modes-keras   tests/golden/image_modes_keras.txt          Keras 3

cjpeg is in Debian's libjpeg-turbo-progs. Run from the root of the project; what is made is
committed, so that the tests need none of these.
"""

import hashlib
import io
import pathlib
import random
import struct
import subprocess
import sys
import zlib

import numpy as np

GOLDEN = pathlib.Path("tests/golden")


def noise(width, height):
    """White noise that test_image.c makes by the same formula."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3].astype(np.uint32)
    v = x * np.uint32(2654435761) + y * np.uint32(2246822519) + c * np.uint32(3266489917)
    v ^= v >> np.uint32(15)
    v *= np.uint32(2246822519)
    v ^= v >> np.uint32(13)
    return (v & np.uint32(255)).astype(np.uint8)


def smooth(width, height, channels=3):
    """A picture with slopes, edges and a little noise, as JPEG likes them."""
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    waves = 128 + 100 * np.sin(x / 5.0 + c) * np.cos(y / 7.0 - c) + (x > y) * 20
    grain = noise(width, height)[:, :, np.arange(channels) % 3] % 8
    return np.clip(waves + grain, 0, 255).astype(np.uint8)


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def write_lines(name, lines):
    head = "# made by tools/gen_image_golden.py\n"
    (GOLDEN / name).write_text(head + "".join(line + "\n" for line in lines))


# PNG, written here because Pillow writes few of the kinds that it reads.

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(
        ">I", zlib.crc32(kind + data))


def png_rows(samples, depth):
    """Rows of (height, width, channels) samples, each after its filter type, which is none."""
    rows = b""
    for row in samples:
        flat = row.reshape(-1)
        if depth == 16:
            packed = flat.astype(">u2").tobytes()
        else:
            bits = "".join(format(v, f"0{depth}b") for v in flat)
            bits += "0" * (-len(bits) % 8)
            packed = int(bits, 2).to_bytes(len(bits) // 8, "big")
        rows += b"\0" + packed
    return rows


def png(samples, depth, colour, interlaced=False, before=b"", size=None):
    height, width = size or samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    if interlaced:
        parts = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
        data = b"".join(png_rows(part, depth) for part in parts if part.size)
    else:
        data = png_rows(samples, depth)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before +
            chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def png_kinds():
    palette = chunk(b"PLTE", bytes(range(7, 7 + 48)))
    rng = np.random.default_rng(1)
    for colour, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16),
                           6: (8, 16)}.items():
        for depth in depths:
            top = min(16, 1 << depth) if colour == 3 else 1 << depth
            samples = rng.integers(0, top, (11, 13, CHANNELS[colour]))
            if colour == 0 and depth == 16:
                samples //= np.where(rng.random(samples.shape) < 0.5, 1, 300)  # some below 256
            for interlaced in (False, True):
                name = f"png_colour{colour}_depth{depth}" + ("_interlaced" if interlaced else "")
                yield name, png(samples, depth, colour, interlaced,
                                palette if colour == 3 else b"")
    index = rng.integers(0, 16, (5, 6, 1))
    opaque = chunk(b"tRNS", bytes([0, 128, 255]))
    yield "png_palette_transparent", png(index, 4, 3, before=palette + opaque)
    gray = rng.integers(0, 256, (5, 6, 1))
    yield "png_gray_transparent", png(gray, 8, 0, before=chunk(b"tRNS", b"\0\x07"))
    rgb = rng.integers(0, 256, (5, 6, 3))
    yield "png_rgb_transparent", png(rgb, 8, 2, before=chunk(b"tRNS", b"\0\1\0\2\0\3"))
    yield "png_gamma", png(rgb, 8, 2, before=chunk(b"gAMA", struct.pack(">I", 100000)))
    yield "png_trailing_bytes", png(rgb, 8, 2) + b"after the end"


def png_refused():
    rgb = np.zeros((5, 6, 3), int)
    index = np.array([[[0], [1], [5]]])
    palette = chunk(b"PLTE", bytes(range(9)))
    yield ("png_colour_not_in_palette", png(index, 8, 3, before=palette),
           "has colour 5 of a palette of 3")
    yield ("png_animated", png(rgb, 8, 2, before=chunk(b"acTL", bytes([0, 0, 0, 1, 0, 0, 0, 0]))),
           "an animated PNG")
    yield "png_many_pixels", png(rgb, 8, 2, size=(20000, 20000)), "says that it is 20000 x 20000"
    yield "png_too_few_rows", png(rgb, 8, 2, size=(9, 6)), "libpng says"
    broken = bytearray(png(rgb, 8, 2))
    broken[-20] ^= 1
    yield "png_broken_checksum", bytes(broken), "libpng says"
    yield "png_without_end", png(rgb, 8, 2)[:-12], "the file is truncated"


# JPEG


def cjpeg(samples, *options):
    height, width, channels = samples.shape
    kind = b"P6" if channels == 3 else b"P5"
    source = kind + b"\n%d %d\n255\n" % (width, height) + samples.tobytes()
    return subprocess.run(["cjpeg", "-quality", "75", *options], input=source,
                          capture_output=True, check=True).stdout


def cjpeg_scans(samples, script, *options):
    path = pathlib.Path("/tmp/gen_image_golden.scans")
    path.write_text(script)
    made = cjpeg(samples, "-scans", str(path), *options)
    path.unlink()
    return made


def pillow_jpeg(samples, mode, **options):
    from PIL import Image
    made = io.BytesIO()
    Image.fromarray(samples, mode).save(made, "JPEG", quality=75, **options)
    return made.getvalue()


def segment(file, marker, after=2):
    """The place of the first FF marker from `after` on."""
    return file.index(bytes([0xff, marker]), after)


def patched(file, place, *values):
    return file[:place] + bytes(values) + file[place + len(values):]


SAMPLINGS = ["1x1,1x1,1x1", "2x1,1x1,1x1", "1x2,1x1,1x1", "2x2,1x1,1x1", "4x1,1x1,1x1",
             "1x4,1x1,1x1", "4x2,1x1,1x1", "3x2,1x1,1x1", "1x1,2x2,1x1", "2x2,2x1,1x2"]


def jpeg_kinds():
    picture = smooth(45, 37)
    for sampling in SAMPLINGS:
        name = "jpeg_" + sampling.replace(",", "_")
        yield name, cjpeg(picture, "-sample", sampling)
    yield "jpeg_progressive", cjpeg(picture, "-progressive")
    yield "jpeg_restarts", cjpeg(picture, "-restart", "1")
    yield "jpeg_rgb", cjpeg(picture, "-rgb")
    yield "jpeg_gray", cjpeg(picture, "-grayscale")
    yield "jpeg_gray_two_scans", cjpeg_scans(picture, "0: 0-0, 0, 0; 0: 1-63, 0, 0;", "-grayscale")
    yield "jpeg_three_scans", cjpeg_scans(picture, "0; 1; 2;")
    yield "jpeg_without_jfif", pillow_jpeg(picture, "RGB")[:2] + pillow_jpeg(picture, "RGB")[20:]
    cmyk = pillow_jpeg(smooth(45, 37, 4), "CMYK")
    adobe = segment(cmyk, 0xee)
    yield "jpeg_cmyk_adobe", cmyk
    yield "jpeg_cmyk_plain", cmyk[:adobe] + cmyk[adobe + 16:]
    yield "jpeg_ycck", patched(cmyk, adobe + 15, 2)
    plain = cjpeg(picture, "-sample", "2x2,1x1,1x1")
    scan, table = segment(plain, 0xda), segment(plain, 0xdb)
    yield "jpeg_bytes_before_end", plain[:-2] + bytes(29) + plain[-2:]
    yield "jpeg_bytes_between_segments", plain[:table] + b"\x12\x34\x56" + plain[table:]
    yield "jpeg_bytes_after_end", plain + b"after the end"
    yield "jpeg_sequential_with_spectrum", patched(plain, scan + 12, 0)
    yield "jpeg_jfif_9", patched(plain, 11, 9)
    turned = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    yield ("jpeg_exif_turned",
           plain[:20] + b"\xff\xe1" + struct.pack(">H", 2 + len(turned)) + turned + plain[20:])


def jpeg_refused():
    picture = smooth(45, 37)
    plain = cjpeg(picture, "-sample", "2x2,1x1,1x1")
    frame = segment(plain, 0xc0)
    yield "jpeg_arithmetic", cjpeg(picture, "-arithmetic"), "arithmetic-coded JPEG"
    yield "jpeg_lossless", patched(plain, frame + 1, 0xc3), "lossless JPEG"
    yield "jpeg_hierarchical", patched(plain, frame + 1, 0xc5), "hierarchical JPEG"
    yield "jpeg_12_bit", patched(plain, frame + 4, 12), "samples of 12 bits"
    yield "jpeg_huge", patched(plain, frame + 5, 0xff, 0, 0xff, 0), "says that it is 65280 x 65280"
    yield "jpeg_without_end", plain[:-2], "the file is truncated"
    restarts = cjpeg(picture, "-restart", "1")
    at = segment(restarts, 0xd1)
    yield "jpeg_restart_missing", restarts[:at] + restarts[at + 2:], "instead of RST1"
    yield "jpeg_bytes_before_restart", restarts[:at] + bytes(40) + restarts[at:], "before marker 0xd1"
    progressive = cjpeg(picture, "-progressive")
    second = segment(progressive, 0xda, segment(progressive, 0xda) + 2)
    yield ("jpeg_progressive_cut", progressive[:second] + b"\xff\xd9", "leave out detail of colour")
    three = cjpeg_scans(picture, "0; 1; 2;")
    second = segment(three, 0xda, segment(three, 0xda) + 2)
    yield "jpeg_component_missing", three[:second] + b"\xff\xd9", "leave out detail of colour"
    adobe = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\x05"
    yield "jpeg_adobe_transform_5", plain[:2] + adobe + plain[20:], "Unknown Adobe color transform"
    scan = segment(plain, 0xda)
    yield ("jpeg_two_components",
           plain[:frame + 2] + b"\0\x0e" + plain[frame + 4:frame + 9] + b"\2" +
           plain[frame + 10:frame + 16] + plain[frame + 19:scan + 2] + b"\0\x0a\2" +
           plain[scan + 5:scan + 9] + plain[scan + 11:], "has 2 colour components")


def make_pictures():
    from PIL import Image
    folder = GOLDEN / "images"
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for kinds, extension in ((jpeg_kinds, "jpg"), (png_kinds, "png")):
        for name, file in kinds():
            (folder / f"{name}.{extension}").write_bytes(file)
            image = Image.open(io.BytesIO(file)).convert("RGB")
            lines.append(f"{name}.{extension} {image.width} {image.height} "
                         f"{digest(image.tobytes())}")
    for kinds, extension in ((jpeg_refused, "jpg"), (png_refused, "png")):
        for name, file, reason in kinds():
            (folder / f"{name}.{extension}").write_bytes(file)
            lines.append(f"{name}.{extension} refused {reason}")
    write_lines("image_files.txt", lines)


def recipes():
    """(width, height, fit, short side or 0, side, filter)"""
    for filter in ("bilinear", "bicubic", "nearest"):
        for width, height in ((500, 375), (375, 500), (32, 32), (1, 1), (1, 40), (40, 1), (256, 256),
                              (257, 256), (255, 341), (640, 37)):
            yield width, height, "short-side", 256, 224, filter
            yield width, height, "squash", 0, 224, filter
        for side in (299, 300, 301, 302, 303, 331):
            yield 200, 160, "short-side", 256, side, filter
            yield 160, 200, "short-side", 342, side, filter
    for width in (99, 100, 101):  # where Pillow 13 changes the order of its two passes
        yield width, 300, "squash", 0, 50, "bilinear"
        yield width, 200, "squash", 0, 100, "bicubic"
        yield 2 * width, 400, "short-side", 60, 50, "bilinear"
    rng = random.Random(3)
    for _ in range(300):
        fit = rng.choice(("short-side", "squash"))
        yield (rng.randint(1, 300), rng.randint(1, 300), fit,
               rng.randint(1, 120) if fit == "short-side" else 0, rng.randint(1, 150),
               rng.choice(("bilinear", "bicubic", "nearest")))


def make_recipes():
    from PIL import Image
    from torchvision.transforms import CenterCrop, InterpolationMode, Resize
    lines = []
    for width, height, fit, resize, side, filter in recipes():
        image = Image.fromarray(noise(width, height))
        if fit == "short-side":
            image = CenterCrop(side)(Resize(resize, InterpolationMode(filter))(image))
        else:
            image = image.resize((side, side), Image.Resampling[filter.upper()])
        lines.append(f"{width} {height} {fit} {resize} {side} {filter} {digest(image.tobytes())}")
    write_lines("image_recipes.txt", lines)


def every_byte():
    """16 x 16 pixels: pixel i has i in each channel."""
    return np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3)


def float_digest(array):
    return digest(np.ascontiguousarray(array, dtype="<f4").tobytes())


def make_modes_torch():
    from PIL import Image
    from torchvision.transforms import Normalize, ToTensor
    unit = ToTensor()(Image.fromarray(every_byte()))
    normal = Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])(unit)
    lines = [f"{name} {float_digest(tensor.numpy().transpose(1, 2, 0))}"
             for name, tensor in (("torchvision", normal), ("unit", unit))]
    write_lines("image_modes_torch.txt", lines)


def make_modes_keras():
    from keras.applications.imagenet_utils import preprocess_input
    lines = []
    for mode in ("caffe", "tf", "torch"):
        array = every_byte().astype(np.float32)[None]
        made = preprocess_input(array, data_format="channels_last", mode=mode)
        lines.append(f"{mode} {float_digest(made)}")
    write_lines("image_modes_keras.txt", lines)


PARTS = {"pictures": make_pictures, "recipes": make_recipes, "modes-torch": make_modes_torch,
         "modes-keras": make_modes_keras}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in PARTS:
        sys.exit(__doc__)
    PARTS[sys.argv[1]]()
