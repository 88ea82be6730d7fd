#!/usr/bin/env python3
"""damage.py FILE OTHER FOLDER: makes FOLDER/<damage>.h5 of FILE, one for each damage, and prints their names.

OTHER: a whole file of another kind.  flipN: one bit of byte N, in the user block, in HDF5's superblock, in the middle
or at the end."""
import os, sys

path, other, folder = sys.argv[1:]
data = open(path, "rb").read()


def flip(at):
    return data[:at] + bytes([data[at] ^ 16]) + data[at + 1:]


damages = {
    "zero": b"", "text": b"not an HDF5 file at all, only some text\n", "cut": data[:len(data) * 3 // 4],
    "longer": data + b"more", "other": open(other, "rb").read(), "flipmiddle": flip(len(data) // 2), "fliplast": flip(len(data) - 1),
}
damages.update(("flip%d" % at, flip(at)) for at in (3, 9, 13, 18, 50, 60, 75, 300, 515))
os.makedirs(folder)
os.mkdir(os.path.join(folder, "folder.h5"))
for name, content in damages.items():
    with open(os.path.join(folder, name + ".h5"), "wb") as f:
        f.write(content)
print("missing", "folder", *damages)
