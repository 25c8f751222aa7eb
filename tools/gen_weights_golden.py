#!/usr/bin/env python3
"""Write the small weight files of tests/golden/weights.

    python tools/gen_weights_golden.py tests/golden/weights

Writes the .pth files where PyTorch can be imported, the .h5 files where Keras can; run it once in
each environment. Element i of tensor number t is ((37 i + 101 t) mod 255 - 127) / 64, which float16
holds exactly, so that tests/unit/test_weights.c can spell the same numbers. The files in the
project were made with PyTorch 2.15 and Keras 3.15.
"""
import hashlib
import io
import struct
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np


def numbers(tensor, *shape, dtype=np.float32):
    i = np.arange(int(np.prod(shape)), dtype=np.int64)
    return (((37 * i + 101 * tensor) % 255 - 127) / 64).astype(dtype).reshape(shape)


def state_dict(torch):
    """Every way in which a state_dict's tensor may lie in its storage."""
    plain = lambda t, *shape, dtype=np.float32: torch.from_numpy(numbers(t, *shape, dtype=dtype))
    base = plain(6, 24)
    entries = OrderedDict()
    entries["conv.weight"] = plain(0, 4, 3, 3, 3)
    entries["conv.bias"] = torch.nn.Parameter(plain(1, 4))
    entries["bn.num_batches_tracked"] = torch.tensor(7)
    entries["half.weight"] = plain(3, 5, 2, dtype=np.float16)
    entries["double.weight"] = plain(4, 3, dtype=np.float64)
    entries["view.weight"] = base[8:20].view(3, 4)
    entries["base"] = base
    entries["transposed.weight"] = plain(7, 4, 3).t().contiguous().t()
    entries["channels_last.weight"] = plain(8, 2, 3, 2, 2).to(memory_format=torch.channels_last)
    entries["empty"] = plain(9, 0, 3)
    entries["scalar"] = plain(10)
    entries._metadata = OrderedDict([("", {"version": 1}), ("bn", {"version": 2})])
    return entries


def op_string(text):
    return b"U" + bytes([len(text)]) + text.encode()


def op_integer(number):
    return b"I%d\n" % number if number >= 1 << 31 else b"J" + struct.pack("<i", number)


def pickled(body):
    return b"\x80\x02" + body + b"."


def tar_member(name, data, time):
    """A pax header with the fractional time that Python's tarfile gives, then the member."""

    def header(name, size, kind):
        block = bytearray(512)
        block[: len(name)] = name.encode()
        fields = ((100, 7, 0o644), (108, 7, 0), (116, 7, 0), (124, 11, size), (136, 11, int(time)))
        for at, width, number in fields:
            block[at : at + width + 1] = b"%0*o\0" % (width, number)
        block[156:157] = kind
        block[257:265] = b"ustar\00000"
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        return bytes(block)

    padded = lambda data: data + b"\0" * (-len(data) % 512)
    line = b"mtime=%.2f\n" % time
    line = b"%d %s" % (len(line) + 3, line)
    return (
        header("././@PaxHeader", len(line), b"x")
        + padded(line)
        + header(name, len(data), b"0")
        + padded(data)
    )


def write_tar(path, entries, torch):
    """The layout of 2016 and 2017 as Python 2 wrote it: no PyTorch writes it any more."""
    first_key = 140000000000000
    types = {"float32": "Float", "float16": "Half", "float64": "Double", "int64": "Long"}
    sizes = {"Float": 4, "Half": 2, "Double": 8, "Long": 8}
    storages, tensors, pairs = OrderedDict(), io.BytesIO(), b""
    for number, (name, tensor) in enumerate(entries.items()):
        data = tensor.data
        storage = data.untyped_storage()
        type_name = types[str(data.dtype).removeprefix("torch.")]
        entry = storages.setdefault(storage.data_ptr(), (len(storages), storage, type_name))
        key, storage_key = first_key + 1000 + number, first_key + 1 + entry[0]
        described = b"ctorch\n%sTensor\n\x87" % type_name.encode()
        tensors.write(pickled(op_integer(key) + op_integer(storage_key) + described))
        geometry = (data.dim(), *data.shape, *data.stride(), data.storage_offset())
        tensors.write(struct.pack("<%dq" % len(geometry), *geometry))
        value = op_string(str(key)) + b"Q"
        if isinstance(tensor, torch.nn.Parameter):
            hooks = b"ccollections\nOrderedDict\n]\x85R"
            state = b"(" + value + b"N" + hooks + b"\x88\x89t"
            value = b"ctorch.nn.parameter\nParameter\n)\x81" + state + b"b"
        pairs += b"](" + op_string(name) + value + b"e"
    written = io.BytesIO()
    written.write(pickled(op_integer(len(storages))))
    for index, storage, type_name in storages.values():
        described = op_string("cpu") + b"ctorch\n%sStorage\n\x87" % type_name.encode()
        written.write(pickled(op_integer(first_key + 1 + index) + described))
        written.write(struct.pack("<q", storage.nbytes() // sizes[type_name]))
        written.write(bytes(storage.tolist()))
    written.write(pickled(b"]"))
    version = op_string("protocol_version") + op_integer(1000)
    system = b"}(" + version + op_string("little_endian") + b"\x88u"
    metadata = b"}" + op_string("_metadata") + b"}s"
    members = {
        "sys_info": pickled(system),
        "pickle": pickled(b"ccollections\nOrderedDict\n](" + pairs + b"e\x85R" + metadata + b"b"),
        "tensors": pickled(op_integer(len(entries))) + tensors.getvalue(),
        "storages": written.getvalue(),
    }
    written_at = 1480000000.25
    archive = b"".join(tar_member(name, data, written_at) for name, data in members.items())
    archive += b"\0" * 1024
    path.write_bytes(archive + b"\0" * (-len(archive) % 10240))


def write_pth(folder, torch):
    entries = state_dict(torch)
    torch.save(entries, folder / "tiny_zip.pth")
    torch.save(entries, folder / "tiny_stream.pth", _use_new_zipfile_serialization=False)
    write_tar(folder / "tiny_tar.pth", entries, torch)
    torch.serialization.set_crc32_options(False)
    torch.save(entries, folder / "tiny_no_crc.pth")
    torch.serialization.set_crc32_options(True)
    checkpoint = {"epoch": 3, "arch": "tiny", "state_dict": entries, "best": [0.5, (1.5, None)]}
    torch.save(checkpoint, folder / "tiny_checkpoint.pth")
    torch.save(torch.nn.Linear(2, 2), folder / "whole_model.pth")


def set_numbers(model):
    number = 0
    for layer in model.layers:
        arrays = layer.get_weights()
        layer.set_weights([numbers(number + i, *array.shape) for i, array in enumerate(arrays)])
        number += len(arrays)


def write_keras3(folder, keras):
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((6, 6, 3)),
            layers.Conv2D(4, 3, name="conv1"),
            layers.BatchNormalization(name="conv1_bn"),
            layers.Flatten(name="flatten"),
            layers.Dense(2, name="preds"),
        ]
    )
    set_numbers(model)
    model.save(folder / "keras3.h5")
    model.save_weights(folder / "keras3.weights.h5")


def write_keras2(folder, h5py):
    """What Keras 2's save_weights wrote, with the spellings of other versions mixed in."""
    layers = [
        ("input_1", []),
        ("conv1", [("conv1/kernel:0", numbers(0, 3, 3, 2, 4)), ("conv1/bias:0", numbers(1, 4))]),
        ("bn", [("bn_2/gamma:0", numbers(2, 4))]),
        ("dense", [("dense_W:0", numbers(3, 6, 2, dtype=np.float16))]),
        ("packed", [("packed/kernel:0", numbers(4, 30, 20))]),
        ("double", [("double/scalar:0", numbers(5, dtype=np.float64))]),
    ]
    with h5py.File(folder / "keras2.h5", "w") as file:
        names = [name.encode() for name, _ in layers]
        file.attrs["layer_names0"], file.attrs["layer_names1"] = names[:4], names[4:]
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = b"2.2.4"
        for name, weights in layers:
            group = file.create_group(name)
            group.attrs["weight_names"] = [weight.encode() for weight, _ in weights]
            for weight, array in weights:
                packed = dict(chunks=(8, 8), compression="gzip", shuffle=True, fletcher32=True)
                group.create_dataset(weight, data=array, **(packed if name == "packed" else {}))


def write_refused_h5(folder, h5py):
    """One file for each thing that no Keras writes."""

    def write(name, make):
        with h5py.File(folder / f"refused_{name}.h5", "w") as file:
            file.attrs["layer_names"] = [b"a"]
            group = file.create_group("a")
            group.attrs["weight_names"] = [b"w:0"]
            make(file, group)

    def virtual(file, group):
        layout = h5py.VirtualLayout(shape=(4,), dtype="<f4")
        layout[:] = h5py.VirtualSource("other.h5", "w", shape=(4,))
        group.create_virtual_dataset("w:0", layout)

    def committed(file, group):
        file["type"] = np.dtype("<f4")
        group.create_dataset("w:0", data=numbers(0, 4), dtype=file["type"])

    def soft_link(file, group):
        file["real"] = numbers(0, 4)
        group["w:0"] = h5py.SoftLink("/real")

    def twice(file, group):
        group.attrs["weight_names"] = [b"w:0", b"a/w:0"]
        group["w:0"] = numbers(0, 4)
        group["a/w:0"] = numbers(1, 4)

    def missing_chunk(file, group):
        group.create_dataset("w:0", (4, 4), "<f4", chunks=(2, 4))[0] = 1

    def data(array, **options):
        return lambda file, group: group.create_dataset("w:0", data=array, **options)

    write("virtual", virtual)
    write("committed", committed)
    write("soft_link", soft_link)
    write("twice", twice)
    write("missing_chunk", missing_chunk)
    write("external_link", lambda f, group: group.update({"w:0": h5py.ExternalLink("x.h5", "/w")}))
    write("external", lambda f, group: group.create_dataset("w:0", (4,), "<f4", external="x.raw"))
    write("unwritten", lambda f, group: group.create_dataset("w:0", (4,), "<f4"))
    write("missing", lambda f, group: None)
    write("scale_offset", data(numbers(0, 40), scaleoffset=4))
    write("big_endian", data(numbers(0, 4).astype(">f4")))
    write("integer", data(np.arange(4)))
    write("strings", data(["a", "b"]))
    write("rank_9", data(numbers(0, *[1] * 9)))
    write("bomb", data(np.zeros((5000, 1000), "<f4"), compression="gzip"))
    write("not_finite", data(np.array([[1, 2], [3, np.inf]], "<f4")))


def write_digests(folder, h5py, source):
    """Of each tensor of a Keras 2 file, as h5py reads it, the start of its SHA-256."""
    with h5py.File(source, "r") as file, open(folder / (source.stem + ".digests"), "w") as out:
        for layer in file.attrs["layer_names"]:
            for weight in file[layer].attrs["weight_names"]:
                array = np.ascontiguousarray(file[layer][weight], "<f4")
                name = layer.decode() + "/" + weight.decode().split("/")[-1].removesuffix(":0")
                shape = "x".join(map(str, array.shape))
                print(name, shape, hashlib.sha256(array.tobytes()).hexdigest()[:16], file=out)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import torch
    except ImportError:
        print("no PyTorch here: the .pth files are left as they are")
    else:
        write_pth(folder, torch)
    try:
        import h5py
        import keras
    except ImportError:
        print("no Keras here: the .h5 files are left as they are")
    else:
        write_keras3(folder, keras)
        write_keras2(folder, h5py)
        write_refused_h5(folder, h5py)
        mobilenet = Path("../shared/data/weights/mobilenet_2_5_224_tf.h5")
        if mobilenet.exists():
            write_digests(folder, h5py, mobilenet)


if __name__ == "__main__":
    main()
