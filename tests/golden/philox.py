"""The random streams of common/base/rng.c in numpy: Philox4x32-10 (Salmon et al. 2011), keyed by
XXH3-64(purpose) xor seed; numbers of a stream in order, as uniforms in (0, 1) or as normals."""
import ctypes
import numpy as np
import torch

xxhash = ctypes.CDLL("libxxhash.so.0")
xxhash.XXH3_64bits.restype = ctypes.c_uint64
xxhash.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def words(seed, purpose, count, sample=0, epoch=0, view=0):
    text = purpose.encode()
    key = xxhash.XXH3_64bits(text, len(text)) ^ seed
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    blocks = (count + 3) // 4
    low = np.uint64(0xFFFFFFFF)
    x = [np.arange(blocks, dtype=np.uint64)] + [np.full(blocks, v, np.uint64) for v in (sample, epoch, view)]
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * x[0], np.uint64(0xCD9E8D57) * x[2]
        x = [(b >> np.uint64(32)) ^ x[1] ^ np.uint64(k0), b & low,
             (a >> np.uint64(32)) ^ x[3] ^ np.uint64(k1), a & low]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack(x, 1).reshape(-1)[:count]


def uniforms(seed, purpose, count):
    return (words(seed, purpose, count) + 0.5) / 2.0**32


def normals(seed, purpose, count):
    return torch.special.ndtri(torch.from_numpy(uniforms(seed, purpose, count))).numpy()


assert [hex(int(w)) for w in words(xxhash.XXH3_64bits(b"x", 1), "x", 4)] == \
    ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"], "check value of rng.h"
