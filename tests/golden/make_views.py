#!/usr/bin/python3
"""Writes views.h: Barlow Twins, VICReg, alignment and uniformity of random embeddings, loss and gradient by PyTorch in float64.

usage: tests/golden/make_views.py >tests/golden/views.h        (needs python3-torch)
Embeddings: normals of stream (1, "golden/<objective>/<case>") as float32, view-major; the second view is moved
towards the first, so that the views agree a little."""

import numpy as np
import torch
import torch.nn.functional as F
import philox

CASES = [(4, 8), (16, 33), (7, 3)]


def off_diagonal(c):
    return c - torch.diag(torch.diag(c))


def barlow(x, y):
    n = x.shape[0]
    a, b = (F.batch_norm(z, None, None, training=True, eps=1e-5) for z in (x, y))
    c = a.T @ b / n
    return (torch.diag(c) - 1).pow(2).sum() + 0.0051 * off_diagonal(c).pow(2).sum()


def vicreg(x, y):
    n, d = x.shape
    value = 25 * F.mse_loss(x, y)
    for z in (x, y):
        value = value + 25 * F.relu(1 - torch.sqrt(z.var(dim=0) + 1e-4)).mean() / 2
        z = z - z.mean(dim=0)
        value = value + off_diagonal(z.T @ z / (n - 1)).pow(2).sum() / d
    return value


def alignuniform(x, y):
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    uniform = sum(torch.pdist(z).pow(2).mul(-2).exp().mean().log() for z in (x, y))
    return (x - y).norm(dim=1).pow(2).mean() + uniform / 2


print("/* Written by tests/golden/make_views.py: do not edit. */")
rows = []
for name, function in ("barlow", barlow), ("vicreg", vicreg), ("alignuniform", alignuniform):
    for k, (n, dim) in enumerate(CASES):
        x = philox.normals(1, f"golden/{name}/{k}", 2 * n * dim).astype(np.float32).reshape(2, n, dim)
        x[1] = (x[0] + x[1] * np.float32(0.5)).astype(np.float32)
        x = torch.from_numpy(x).double().requires_grad_()
        loss = function(x[0], x[1])
        loss.backward()
        print(f"static const double {name}_gradient_{k}[] = {{")
        values = [f"{v:.9e}" for v in x.grad.flatten().tolist()]
        for i in range(0, len(values), 6):
            print("\t" + ", ".join(values[i:i + 6]) + ",")
        print("};")
        rows.append(f"\t{{ \"{name}\", {k}, {n}, {dim}, {loss.item():.15g}, {name}_gradient_{k} }},")
print("static const struct { const char *name; int number; int64_t n, dim; double loss; const double *gradient; } views_golden[] = {")
print("\n".join(rows))
print("};")
