#!/usr/bin/python3
"""Writes infonce.h: InfoNCE against a memory bank, loss and gradient by PyTorch in float64.

usage: tests/golden/make_infonce.py >tests/golden/infonce.h        (needs python3-torch)
Outputs: normals of stream (1, "golden/infonce/<case>"), (3 views, n, 3 width): of the first view the image's embedding, of
the second and third their shares in the pair's.  Bank: streams ".../positive/<case>" and ".../negative/<case>"; the first
negative is of the last image and does not count for it."""

import numpy as np
import torch
import torch.nn.functional as F
import philox

CASES = [(3, 4, 5), (8, 7, 30)]
TEMPERATURE = 0.07


def normals(what, *shape):
    return torch.from_numpy(philox.normals(1, f"golden/infonce/{what}", int(np.prod(shape))).astype(np.float32)).double().reshape(shape)


def nce(a, positive, negative):
    own = F.cosine_similarity(a, positive) / TEMPERATURE
    others = F.normalize(a, dim=1) @ F.normalize(negative, dim=1).T / TEMPERATURE
    others[-1, 0] = float("-inf")
    return F.cross_entropy(torch.cat([own[:, None], others], 1), torch.zeros(len(a), dtype=torch.long))


print("/* Written by tests/golden/make_infonce.py: do not edit. */")
rows = []
for k, (n, width, negatives) in enumerate(CASES):
    x = normals(k, 3, n, 3 * width).requires_grad_()
    positive, negative = normals(f"positive/{k}", n, width), normals(f"negative/{k}", negatives, width)
    f, g = x[0, :, :width], x[1, :, width:2 * width] + x[2, :, 2 * width:]
    loss = 0.5 * nce(g, positive, negative) + 0.5 * nce(f, positive, negative)
    loss.backward()
    print(f"static const double infonce_gradient_{k}[] = {{")
    values = [f"{v:.9e}" for v in x.grad.flatten().tolist()]
    for i in range(0, len(values), 6):
        print("\t" + ", ".join(values[i:i + 6]) + ",")
    print("};")
    rows.append(f"\t{{ {n}, {width}, {negatives}, {loss.item():.15g}, infonce_gradient_{k} }},")
print("static const struct { int64_t n, width, negatives; double loss; const double *gradient; } infonce_golden[] = {")
print("\n".join(rows))
print("};")
