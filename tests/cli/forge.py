"""Writes dataset.h5 files that nas-ingest did not make.  forge.py KIND FILE; forge.py --kinds lists them.

Every file is valid HDF5 and, but for "plain", has a user block with the right digest.  What is expected of each:
the kinds below with the object that the message must name."""
import sys

import h5py
import numpy as np

from userblock import sign, text

KINDS = {
    "whole": "",
    "plain": "plain.h5: .*written by another program",
    "schema": "schema.h5: .*nothing",
    "old": "old.h5: is HDF5 of an old format",
    "shape": "shape.h5:/images: .*3.*expected 4",
    "type": "type.h5:/images: .*f64",
    "missing": "missing.h5:/split",
    "extra": "extra.h5:/surprise",
    "disagree": "disagree.h5:/(images|split): image is",
    "units": "units.h5:/sd: its unit",
    "bare": "bare.h5:/sd.*units",
    "huge": "huge.h5:/images: claims to hold more than",
    "overflow": "overflow.h5:/images: claims to hold more than",
    "packed": "packed.h5:/images: is compressed",
    "outside": "outside.h5:/images: .*lies elsewhere",
    "virtual": "virtual.h5:/images: .*lies elsewhere",
    "compound": "compound.h5:/mean: type unknown",
    "variable": "variable.h5:/mean: type unknown",
    "references": "references.h5:/mean: type unknown",
    "bigendian": "bigendian.h5:/mean: type unknown",
    "nothing": "nothing.h5:/mean: has no shape",
    "group": "group.h5:/images: is missing",
    "softlink": "softlink.h5:/.*is a link",
    "softloop": "softloop.h5:/.*(is a link|is missing)",
    "external": "external.h5:/.*is a link",
    "hardloop": "hardloop.h5:/.*several names",
    "twins": "twins.h5:/.*several names",
    "lattice": "lattice.h5:/.*several names",
    "deep": "deep.h5:/.*nested too deeply",
    "longname": "longname.h5:/.*(nested too deeply|unknown)",
    "named": "named.h5:/type: is neither a group nor a dataset",
    "array": "array.h5:/: attribute recipe is no scalar",
    "number": "number.h5:/: attribute .recipe. is i64",
    "vast": "vast.h5:/: attribute recipe has 20000000 bytes",
    "other": "other.h5:/: attribute recipe is not the one",
    "note": "note.h5:/: attribute .note. is unknown",
    "none": "none.h5:/(images|split): image is",
    "nan": "nan.h5:/images: image 3 holds a pixel that is no finite number",
    "nansd": "nansd.h5:/sd: nan",
    "infmean": "infmean.h5:/sd: .*mean inf",
    "order": "order.h5:/split",
}
if sys.argv[1:] == ["--kinds"]:
    for each in KINDS.items():
        print(*each, sep="\t")
    sys.exit()
kind, path = sys.argv[1:]


SHAPE = (20, 8, 8, 3)


def images(f):
    """The images, in the way of this kind."""
    if kind == "shape":
        f["/images"] = np.zeros(SHAPE[:3], "u1")
    elif kind == "type":
        f["/images"] = np.zeros(SHAPE)
    elif kind == "disagree":
        f["/images"] = np.zeros((21, 8, 8, 3), "u1")
    elif kind == "none":
        f["/images"] = np.zeros((0, 8, 8, 3), "u1")
    elif kind == "huge":
        f.create_dataset("/images", (1 << 40, 8, 8, 3), "u1", chunks=(1, 8, 8, 3))
    elif kind == "overflow":
        f.create_dataset("/images", (1 << 62, 4, 8, 3), "u1", chunks=(1, 4, 8, 3))
    elif kind == "packed":
        f.create_dataset("/images", data=np.zeros((20, 8, 8, 3), "u1"), chunks=(20, 8, 8, 3), compression="gzip")
    elif kind == "outside":
        f.create_dataset("/images", SHAPE, "u1", external=[("/dev/zero", 0, h5py.h5f.UNLIMITED)])
    elif kind == "virtual":
        layout = h5py.VirtualLayout(SHAPE, "u1")
        layout[...] = h5py.VirtualSource("elsewhere.h5", "/images", SHAPE)
        f.create_virtual_dataset("/images", layout)
    elif kind == "group":
        f.create_group("/images/images")
    elif kind == "softlink":
        f["/images"] = h5py.SoftLink("/split")
    elif kind == "softloop":
        f["/images"] = h5py.SoftLink("/loop")
        f["/loop"] = h5py.SoftLink("/images")
    elif kind == "external":
        f["/images"] = h5py.ExternalLink("elsewhere.h5", "/images")
    elif kind == "nan":
        x = np.zeros(SHAPE, "f4")
        x[3, 2, 1, 0] = np.nan
        f["/images"] = x
    else:
        f["/images"] = np.zeros(SHAPE, "u1")


def mean(f):
    if kind == "compound":
        f["/mean"] = np.zeros(3, [("a", "f8"), ("b", "f8")])
    elif kind == "variable":
        f.create_dataset("/mean", (3,), h5py.string_dtype())
    elif kind == "references":
        f.create_dataset("/mean", (3,), h5py.ref_dtype)
    elif kind == "bigendian":
        f["/mean"] = np.zeros(3, ">f8")
    elif kind == "nothing":
        f["/mean"] = h5py.Empty("f8")
    else:
        f["/mean"] = np.array([0, 0, np.inf if kind == "infmean" else 0.0])


def more(f):
    """What else is in the file."""
    if kind == "extra":
        f["/surprise"] = np.zeros(3)
    elif kind == "hardloop":
        f.create_group("/a")
        f["/a/b"] = f["/a"]
    elif kind == "twins":
        f["/again"] = f["/split"]
    elif kind == "lattice":      # 2^30 paths through 30 groups
        below = f.create_group("/end")
        for i in range(30):
            here = f.create_group("/level%d" % i)
            here["left"] = here["right"] = below
            below = here
    elif kind == "deep":
        f.create_group("/" + "/".join("abcdefgh" * 5))
    elif kind == "longname":
        f.create_group("/" + "x" * 60000)
    elif kind == "named":
        f["/type"] = np.dtype("f8")
    elif kind == "note":
        f.attrs["note"] = text("a word")


RECIPE = "stage nas-ingest 1\n"
with h5py.File(path, "w", userblock_size=0 if kind == "plain" else 512, libver=("earliest" if kind == "old" else "v110", "v110")) as f:
    images(f)
    mean(f)
    f["/sd"] = np.array([1, np.nan if kind == "nansd" else 1, 1.0])
    if kind != "missing":
        f["/split"] = np.repeat(np.array([1, 0, 2] if kind == "order" else [0, 1, 2], "u1"), [16, 2, 2])
    for name in ("images", "mean", "sd", "split"):
        if isinstance(f.get(name, getlink=True), h5py.HardLink) and not (kind == "bare" and name == "sd"):
            f[name].attrs["units"] = text("index" if name == "split" else "m" if kind == "units" and name == "sd" else "source units")
            f[name].attrs["description"] = text("forged")
    more(f)
    f.attrs["schema"] = text("nothing 1" if kind == "schema" else "dataset 1")
    f.attrs["stage"] = text("nas-ingest 1")
    if kind == "array":
        f.attrs["recipe"] = np.zeros(4)
    elif kind == "number":
        f.attrs["recipe"] = np.int64(4)
    elif kind == "vast":
        f.attrs["recipe"] = text("v" * 20000000)
    else:
        f.attrs["recipe"] = text("stage nas-ingest 2\n" if kind == "other" else RECIPE)
if kind == "plain":
    sys.exit()

sign(path, "nothing" if kind == "schema" else "dataset", RECIPE)
