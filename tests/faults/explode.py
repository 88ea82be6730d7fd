"""explode.py WEIGHTS.h5 FACTOR: multiplies every parameter and makes the user block whole again."""
import ctypes
import struct
import sys

import h5py

path, factor = sys.argv[1], float(sys.argv[2])


def scale(name, item):
    if isinstance(item, h5py.Dataset) and name.startswith("param/"):
        item[...] = item[...] * factor


with h5py.File(path, "r+", libver=("earliest", "v110")) as f:
    f.visititems(scale)


class XXH128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


xxhash = ctypes.CDLL("libxxhash.so.0")
xxhash.XXH3_128bits.restype = XXH128
xxhash.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
data = bytearray(open(path, "rb").read())
struct.pack_into("<Q", data, 48, len(data))         # offsets: common/h5/userblock.c
data[56:72] = bytes(16)
h = xxhash.XXH3_128bits(bytes(data), len(data))
data[56:72] = struct.pack(">QQ", h.high, h.low)
open(path, "wb").write(data)
