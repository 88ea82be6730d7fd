"""Reads a whole run with h5py and checks what can be known from outside.  read_run.py RUN"""
import glob
import os
import sys

import h5py
import numpy as np

run = sys.argv[1]


def text(x):
    return x.decode() if isinstance(x, bytes) else str(x)


def check(true, message):
    if not true:
        sys.exit(message)


def read_all(path):
    """Every dataset in memory, by name; checks attributes on the way."""
    found, attached = {}, []

    def visit(name, item):
        if not isinstance(item, h5py.Dataset):
            return
        found["/" + name] = item[()]
        for attribute in "units", "description":
            check(text(item.attrs.get(attribute, "")), f"{path}:/{name}: no {attribute}")
        text_type = h5py.check_string_dtype(item.dtype)
        check(h5py.check_vlen_dtype(item.dtype) is None and not (text_type and text_type.length is None),
              f"{path}:/{name}: a type of variable length")
        check(item.file.userblock_size == 512, f"{path}: no user block of 512 bytes")
        for i, dimension in enumerate(item.dims):
            check(dimension.label == text(item.attrs["DIMENSION_LABELS"][i]), f"{path}:/{name}: a dimension without its name")
            for scale in dimension.values():
                check(h5py.h5ds.is_scale(scale.id) and h5py.h5ds.is_attached(item.id, scale.id, i) and scale.shape == item.shape[i:i + 1],
                      f"{path}:/{name}: the scale {scale.name} does not fit")
                attached.append((f"/{name}", dimension.label, scale.name))

    with h5py.File(path, "r") as f:
        f.visititems(visit)
        check(text(f.attrs["recipe"]).startswith("stage nas-"), f"{path}: no recipe")
        found.update({"@" + k: v for k, v in f.attrs.items()})
    found["scales"] = sorted(attached)
    return found


files = sorted(glob.glob(os.path.join(run, "**", "*.h5"), recursive=True))
check(len(files) > 10, f"{run}: only {len(files)} files")
data = {os.path.relpath(f, run): read_all(f) for f in files}

images = data["dataset.h5"]
check(images["/images"].shape == (240, 32, 32, 3) and images["/images"].dtype == np.uint8, "images: shape or type")
check(list(np.bincount(images["/split"])) == [160, 40, 40], "split: not 160, 40, 40")
train = images["/images"][images["/split"] == 0].astype("f8")
check(np.allclose(images["/mean"], train.mean((0, 1, 2)), rtol=1e-9), "mean is not that of the training images")
check(np.allclose(images["/sd"], train.std((0, 1, 2)), rtol=1e-6), "sd is not that of the training images")

labels = data["labels.h5"]
check(labels["/label"].shape == (240,) and labels["/label"].max() < len(labels["/class_name"]), "labels: out of range")

# coordinates: trial ids, names of decisions and classes, steps
def scales(file, *expected):
    check(data[file]["scales"] == sorted(expected), f"{file}: its dimension scales are {data[file]['scales']}")


trials = ["/origin", "/arch", "/round", "/phase", "/status", "/score", "/loss", "/top1", "/macs", "/params"]
scales("history.h5", *[(name, "trial", "/trial") for name in trials])
scales("space.h5", *[(name, "decision", "/decision_name") for name in ("/choices", "/choice_name", "/mask")])
scales("labels.h5", ("/label", "image", "/source_name"))
scales("model.h5", ("/curve/loss", "event", "/curve/step"), ("/curve/rate", "event", "/curve/step"))
scales("metrics.h5", ("/class_top1", "class", "/class_name"), ("/confusion", "class", "/class_name"),
       ("/confusion", "predicted", "/class_name"), ("/macs", "member", "/code"), ("/params", "member", "/code"))
check(list(data["metrics.h5"]["/class_name"]) == list(labels["/class_name"]), "metrics: other names of classes")

history, space = data["history.h5"], data["space.h5"]
n = len(history["/trial"])
check(np.array_equal(history["/trial"], np.arange(n)), "trials are not numbered 0, 1, 2 ...")
check((history["/arch"] < space["/choices"]).all(), "a choice that is none")
done = history["/status"] == 1
check(np.isfinite(history["/score"][done]).all() and np.isnan(history["/score"][~done]).all(), "score and status disagree")

metrics = data["metrics.h5"]
confusion = metrics["/confusion"]
check(confusion.sum() == metrics["/images"] == 40, "the confusion matrix does not hold the 40 test images")
check(np.isclose(np.trace(confusion) / 40, metrics["/top1"]), "top-1 is not the trace of the confusion matrix")
check(metrics["/bin_images"].sum() == 40, "the bins of the calibration do not hold the 40 test images")
gap = np.abs(metrics["/bin_confidence"] - metrics["/bin_top1"]) * metrics["/bin_images"]
check(np.isclose(np.nansum(gap) / 40, metrics["/ece"], atol=1e-9), "ece is not that of its bins")

masks = [data[f]["/mask"] for f in ("space.h5", "round-02/space.h5")]
check(masks[0].sum() - masks[1].sum() == 2 and (masks[1] <= masks[0]).all(), "the shrink did not switch two choices off")
print(f"{len(files)} files, {sum(len(d) for d in data.values())} datasets and attributes")
