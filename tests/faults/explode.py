"""explode.py WEIGHTS.h5 FACTOR: multiplies every parameter and makes the user block whole again."""
import os
import sys

import h5py

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cli"))
from userblock import sign_again

path, factor = sys.argv[1], float(sys.argv[2])


def scale(name, item):
    if isinstance(item, h5py.Dataset) and name.startswith("param/"):
        item[...] = item[...] * factor


with h5py.File(path, "r+", libver=("v110", "v110")) as f:
    f.visititems(scale)
sign_again(path)
