#!/usr/bin/env python3
"""Writes COUNT small RGB TIFF files (uncompressed, 32x32) below DIR, in the class folders given.

    tiffs.py DIR COUNT CLASS ...        image i goes to class i mod n, as DIR/CLASS/i.tif; no classes: DIR/i.tif
"""
import os
import random
import struct
import sys

folder, count, classes = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
SIDE = 32


def tiff(pixels):
    entries = [(256, 4, SIDE), (257, 4, SIDE), (258, 3, None), (259, 3, 1), (262, 3, 2), (273, 4, None),
               (277, 3, 3), (278, 4, SIDE), (279, 4, len(pixels)), (284, 3, 1)]
    bits_at = 8 + 2 + 12 * len(entries) + 4
    body = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries))
    for tag, kind, value in entries:
        if tag == 258:
            body += struct.pack("<HHII", tag, 3, 3, bits_at)
        elif tag == 273:
            body += struct.pack("<HHII", tag, 4, 1, bits_at + 6)
        elif kind == 3:
            body += struct.pack("<HHIHH", tag, 3, 1, value, 0)
        else:
            body += struct.pack("<HHII", tag, 4, 1, value)
    return body + struct.pack("<I", 0) + struct.pack("<HHH", 8, 8, 8) + pixels


for i in range(count):
    rng = random.Random(i)
    level = [rng.randrange(256) for _ in range(3)]
    pixels = bytes((level[c] + x * (i % 7) + y * (i % 5) + rng.randrange(32)) % 256
                   for y in range(SIDE) for x in range(SIDE) for c in range(3))
    where = os.path.join(folder, classes[i % len(classes)]) if classes else folder
    os.makedirs(where, exist_ok=True)
    with open(os.path.join(where, f"{i}.tif"), "wb") as f:
        f.write(tiff(pixels))
