#!/usr/bin/python3
"""Writes ntxent.h: NT-Xent loss and gradient of random features, by PyTorch in float64.

usage: tests/golden/make_ntxent.py >tests/golden/ntxent.h        (needs python3-torch)
Features: normals of stream (1, "golden/ntxent/<case>") as float32, view-major."""

import numpy as np
import torch
import torch.nn.functional as F
import philox

CASES = [(4, 8, 0.5), (3, 17, 0.1), (16, 33, 0.5), (2, 1, 0.2)]

def ntxent(x, n, temperature):
    z = F.normalize(x, dim=1)
    s = z @ z.T / temperature
    s = s.masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    return F.cross_entropy(s, (torch.arange(2 * n) + n) % (2 * n))

print("/* Written by tests/golden/make_ntxent.py: do not edit. */")
for k, (n, dim, temperature) in enumerate(CASES):
    x = philox.normals(1, f"golden/ntxent/{k}", 2 * n * dim).astype(np.float32)
    x = torch.from_numpy(x).double().reshape(2 * n, dim).requires_grad_()
    loss = ntxent(x, n, temperature)
    loss.backward()
    print(f"static const double ntxent_gradient_{k}[] = {{")
    values = [f"{v:.9e}" for v in x.grad.flatten().tolist()]
    for i in range(0, len(values), 6):
        print("\t" + ", ".join(values[i:i + 6]) + ",")
    print("};")
    CASES[k] += (loss.item(),)
print("static const struct { int64_t n, dim; double temperature, loss; const double *gradient; } ntxent_golden[] = {")
for k, (n, dim, temperature, loss) in enumerate(CASES):
    print(f"\t{{ {n}, {dim}, {temperature}, {loss:.15g}, ntxent_gradient_{k} }},")
print("};")
