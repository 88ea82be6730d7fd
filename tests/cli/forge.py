"""Writes dataset.h5 files that nas-ingest did not make.  forge.py KIND FILE

whole     as nas-ingest would
plain     by h5py, without our user block
shape     with a valid user block, but images of rank 3
type      the same, float64 images
extra     the same, a dataset that no schema knows
missing   the same, without /split
schema    the same, of a schema that does not exist
"""
import ctypes
import struct
import sys

import h5py
import numpy as np

kind, path = sys.argv[1:]


def text(words):
    return np.array(words.encode(), h5py.string_dtype("utf-8", len(words.encode())))


with h5py.File(path, "w", userblock_size=0 if kind == "plain" else 512, libver=("earliest", "v110")) as f:
    images = np.zeros((20, 8, 8) if kind == "shape" else (20, 8, 8, 3), "f8" if kind == "type" else "u1")
    f["/images"] = images
    f["/mean"] = np.zeros(3)
    f["/sd"] = np.ones(3)
    if kind != "missing":
        f["/split"] = np.repeat(np.array([0, 1, 2], "u1"), [16, 2, 2])
    if kind == "extra":
        f["/surprise"] = np.zeros(3)
    for name in f:
        f[name].attrs["units"] = text("index" if name == "split" else "source units")
        f[name].attrs["description"] = text("forged")
    f.attrs["schema"] = text("nothing 1" if kind == "schema" else "dataset 1")
    f.attrs["stage"] = text("nas-ingest 1")
    f.attrs["recipe"] = text("stage nas-ingest 1\n")
if kind == "plain":
    sys.exit()


class XXH128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


xxhash = ctypes.CDLL("libxxhash.so.0")
xxhash.XXH3_128bits.restype = XXH128
xxhash.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def digest(data):
    h = xxhash.XXH3_128bits(bytes(data), len(data))
    return struct.pack(">QQ", h.high, h.low)


# The user block as common/h5/userblock.c has it.
data = bytearray(open(path, "rb").read())
data[0:512] = bytes(512)
name = b"nothing" if kind == "schema" else b"dataset"
struct.pack_into("<8sII32sQ", data, 0, b"NASMILL\n", 1, 1, name, len(data))
data[72:88] = digest(b"stage nas-ingest 1\n")
data[56:72] = digest(data)
open(path, "wb").write(data)
