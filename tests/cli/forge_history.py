"""Writes a history of N trials of space macro, its candidates and scores for 16 more.

    forge_history.py N [VALUE] HISTORY CANDIDATES SCORES       VALUE: nan, inf or -inf as the score of trial 5
"""
import sys

import h5py
import numpy as np

from userblock import sign, text

n, value, files = int(sys.argv[1]), sys.argv[2:-3], sys.argv[-3:]
PHASES, LAST = 4, 16
rng = np.random.default_rng(1)


def canonical(code):
    """Identities behind the first layer of a stage stand at its end (common/space/spaces/macro.c)."""
    for first, end in ((0, 2), (2, 5), (5, 8)):
        rest = code[:, first + 1:end]
        order = np.argsort(rest == 0, axis=1, kind="stable")
        code[:, first + 1:end] = np.take_along_axis(rest, order, axis=1)
    return code


def write(path, schema, fields, attributes):
    recipe = "stage nas-forge 1\n"
    with h5py.File(path, "w", userblock_size=512, libver=("v110", "v110")) as f:
        for name, data, units in fields:
            kw = {"chunks": (min(len(data), 65536),) + data.shape[1:], "fletcher32": True} if data.nbytes > 65536 else {}
            d = f.create_dataset(name, data=data, **kw)
            d.attrs["units"] = text(units)
            d.attrs["description"] = text("forged")
        for name, x in attributes.items():
            f.attrs[name] = text(x) if isinstance(x, str) else np.int64(x)
        f.attrs["schema"], f.attrs["stage"], f.attrs["recipe"] = text(schema + " 1"), text("nas-forge 1"), text(recipe)
    sign(path, schema, recipe)


def common(first, count):
    arch = canonical(rng.integers(0, 3, (count, 8)).astype("u1"))
    # quality grows with the number of large choices, so that there is something to learn
    score = arch.sum(axis=1) * 0.1 - 3 + rng.normal(0, 0.1, count)
    ids = np.arange(first, first + count, dtype="i8")
    cost = [("macs", 1000000 * (1 + arch.sum(axis=1).astype("i8")), "multiply-add"), ("params", 1000 * (1 + arch.sum(axis=1).astype("i8")), "1")]
    return ids, arch, score, cost


ids, arch, score, cost = common(0, n)
if value:
    score[5] = float(value[0])
write(files[0], "history", [
    ("trial", ids, "index"), ("origin", np.full(n, -1, "i8"), "index"), ("round", (1 + ids * 8 // n).astype("i4"), "index"),
    ("phase", (1 + ids * PHASES // n).astype("i4"), "index"), ("status", np.ones(n, "u1"), "index"), ("arch", arch, "index"),
    ("score", score, "nat"), ("loss", np.full(n, np.nan), "nat"), ("top1", np.full(n, np.nan), "1")] + cost, {})
ids, arch, score, cost = common(n, LAST)
write(files[1], "candidates", [("trial", ids, "index"), ("origin", np.full(LAST, -1, "i8"), "index"), ("arch", arch, "index")] + cost,
      {"strategy": "random", "round": 9, "phase": PHASES})
write(files[2], "scores", [("trial", ids, "index"), ("arch", arch, "index"), ("status", np.ones(LAST, "u1"), "index"),
                           ("score", score, "nat")], {"objective": "ntxent", "phase": PHASES, "engine": "forged"})
