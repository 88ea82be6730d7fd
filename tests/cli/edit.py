"""Sets a dataset, or one row of it, of one of our files to a value and makes its digest right again.

    edit.py FILE DATASET VALUE [ROW]
"""
import sys

import h5py

from userblock import sign_again

path, name, value = sys.argv[1:4]
with h5py.File(path, "r+", libver=("v110", "v110")) as f:
    f[name][int(sys.argv[4]) if len(sys.argv) > 4 else ...] = float(value)
sign_again(path)
