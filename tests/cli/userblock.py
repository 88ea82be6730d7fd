"""The user block, as common/h5/userblock.c has it, for files that tests write with h5py."""
import ctypes
import struct

import h5py
import numpy as np


def text(words):
    return np.array(words.encode(), h5py.string_dtype("utf-8", len(words.encode())))


class XXH128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


xxhash = ctypes.CDLL("libxxhash.so.0")
xxhash.XXH3_128bits.restype = XXH128
xxhash.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def digest(data):
    h = xxhash.XXH3_128bits(bytes(data), len(data))
    return struct.pack(">QQ", h.high, h.low)


def sign(path, schema, recipe, version=1):
    """Fills in the first 512 bytes of an HDF5 file that left room for them."""
    data = bytearray(open(path, "rb").read())
    data[0:512] = bytes(512)
    struct.pack_into("<8sII32sQ", data, 0, b"NASMILL\n", 1, version, schema.encode(), len(data))
    data[72:88] = digest(recipe.encode())
    data[56:72] = digest(data)
    open(path, "wb").write(data)


def sign_again(path):
    """Makes length and digest right after a change of the file."""
    data = bytearray(open(path, "rb").read())
    struct.pack_into("<Q", data, 48, len(data))
    data[56:72] = bytes(16)
    data[56:72] = digest(data)
    open(path, "wb").write(data)
