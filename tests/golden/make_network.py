#!/usr/bin/python3
"""Writes network_<data>.h: whole networks of the space macro by PyTorch in float64, supervised, plain SGD.

usage: tests/golden/make_network.py NAME DATASET.h5 LABELS.h5 >tests/golden/network_NAME.h
  shapes10:  nas-ingest --data shapes10 --builtin-images 640:64:64 --out DATASET.h5 --labels-out LABELS.h5
  cifar:     nas-ingest --data CIFAR-FOLDER --out DATASET.h5 --labels-out LABELS.h5
(needs python3-torch, python3-h5py)

Weights: nn_init_store with seed 1, remade here from the same random streams.  Ten steps on the first 64
training images, normalised, by plain gradient descent with learning rate 1e-4.  Kept: ten losses, and of the
first step the norm of every tensor's gradient and 64 evenly spaced entries of it.

No momentum: with 0.9 the steps are up to ten times as long, and rounding errors grow past 1e-4 in any float32
program (11111111 on CIFAR-10: PyTorch float32 1.6e-4, nasmill 1.1e-4).  Optimisers have their own test."""
import sys
import h5py
import numpy as np
import torch
import torch.nn.functional as F
import philox

CODES, STEPS, BATCH, RATE, ENTRIES = ["11111111", "20122110"], 10, 64, 1e-4, 64


class Network:
    def __init__(self, code, classes):
        self.code, self.classes, self.param = code, classes, {}

    def get(self, name, shape, kind):
        """A parameter by name, made on first use.  shape: (out, row, column, in)."""
        if name not in self.param:
            count, (out, rows, columns, inputs) = int(np.prod(shape)), shape
            if kind == "he":
                value = np.sqrt(2 / (rows * columns * out)) * philox.normals(1, "init/" + name, count)
            elif kind == "xavier":
                bound = np.sqrt(6 / (rows * columns * (out + inputs)))
                value = bound * (2 * philox.uniforms(1, "init/" + name, count) - 1)
            else:
                value = np.full(count, kind)
            value = value.astype(np.float32).astype(np.float64).reshape(shape)
            self.param[name] = torch.from_numpy(value).requires_grad_()
        return self.param[name]

    def conv(self, name, x, out, k, stride, depthwise=False):
        inputs = 1 if depthwise else x.shape[1]
        w = self.get(name + "/weight", (out, k, k, inputs), "he").permute(0, 3, 1, 2)
        return F.conv2d(x, w, stride=stride, padding=(k - 1) // 2, groups=out if depthwise else 1)

    def norm(self, name, x, act):
        c = x.shape[1]
        scale, shift = self.get(name + "/scale", (1, 1, 1, c), 1.0), self.get(name + "/shift", (1, 1, 1, c), 0.0)
        y = F.batch_norm(x, None, None, scale.flatten(), shift.flatten(), training=True, eps=1e-5)
        return F.relu(y) if act else y

    def conv_norm(self, name, x, out, k, stride, act):
        return self.norm(name + "/bn", self.conv(name, x, out, k, stride), act)

    def residual(self, name, x, out, k, stride, expand):
        hidden = expand * x.shape[1]
        y = self.conv_norm(name + "/expand", x, hidden, 1, 1, True)
        y = self.norm(name + "/depthwise/bn", self.conv(name + "/depthwise", y, hidden, k, stride, True), True)
        y = self.conv_norm(name + "/project", y, out, 1, 1, False)
        return x + y if stride == 1 and out == x.shape[1] else y

    def forward(self, x):
        x = self.conv_norm("stem", x, 32, 3, 1, True)
        layer = 0
        for layers, width in ((2, 64), (3, 128), (3, 256)):
            for k in range(layers):
                stride, option = 2 if k == 0 else 1, self.code[layer]
                if option == "1":
                    x = self.residual(f"layer{layer}/mb3_k3", x, width, 3, stride, 3)
                elif option == "2":
                    x = self.residual(f"layer{layer}/mb6_k5", x, width, 5, stride, 6)
                elif stride == 2:
                    x = self.conv_norm(f"layer{layer}/identity", x, width, 1, stride, False)
                layer += 1
        x = self.conv_norm("head", x, 1280, 1, 1, True).mean((2, 3))
        w = self.get("head/crossentropy/weight", (self.classes, 1, 1, 1280), "xavier").reshape(self.classes, 1280)
        return F.linear(x, w, self.get("head/crossentropy/bias", (1, 1, 1, self.classes), 0.0).flatten())


def table(declaration, values, per_line):
    print(f"static const {declaration} = {{")
    for i in range(0, len(values), per_line):
        print("\t" + " ".join(v + "," for v in values[i:i + per_line]))
    print("};")


def run(data, code, images, labels, classes):
    net, losses = Network(code, classes), []
    for step in range(STEPS):
        loss = F.cross_entropy(net.forward(images), labels)
        for p in net.param.values():
            p.grad = None
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            first = {name: p.grad.flatten().clone() for name, p in net.param.items()}
        with torch.no_grad():
            for p in net.param.values():
                p -= RATE * p.grad
    prefix = f"{data}_{code}"
    table(f"double {prefix}_loss[]", [f"{v:.12g}" for v in losses], 6)
    table(f"struct golden_tensor {prefix}_tensor[]",
          [f'{{ "{n}", {g.numel()}, {g.norm().item():.9g} }}' for n, g in first.items()], 1)
    entries = []
    for g in first.values():
        n = min(ENTRIES, g.numel())
        entries += [f"{v:.6g}" for v in g[torch.arange(n) * g.numel() // n].tolist()]
    table(f"double {prefix}_entry[]", entries, 10)


data, dataset, labels = sys.argv[1:]
with h5py.File(dataset) as f:
    images = (f["images"][:BATCH].astype(np.float64) - f["mean"][:]) / f["sd"][:]
with h5py.File(labels) as f:
    label, classes = torch.from_numpy(f["label"][:BATCH].astype(np.int64)), len(f["class_name"])
images = torch.from_numpy(images.astype(np.float32).astype(np.float64)).permute(0, 3, 1, 2)
print("/* Written by tests/golden/make_network.py: do not edit. */")
for code in CODES:
    run(data, code, images, label, classes)
print(f"static const struct golden_run {data}_run[] = {{")
for code in CODES:
    p = f"{data}_{code}"
    print(f'\t{{ "{code}", {p}_loss, sizeof({p}_tensor) / sizeof(*{p}_tensor), {p}_tensor, {p}_entry }},')
print("};")
