#!/usr/bin/python3
"""Golden values of optimisers: PyTorch on given gradients.  Prints tests/golden/optims.h.

Weights and gradients are simple formulas that test_optims.c repeats:
    w[i] = (i % 7 - 3) / 4,   g[t][i] = ((5 i + 3 t) % 11 - 5) / 8        (exact in float32)
"""
import torch

N, STEPS, DECAY = 12, 5, 0.01
CASES = [
    ("sgd", "nesterov", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=DECAY, nesterov=True)),
    ("sgd", "heavy_ball", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=DECAY)),
    ("sgd", "plain", lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=DECAY)),
    ("adam", "adam", lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=DECAY)),
    ("adam", "adam_eps", lambda p: torch.optim.Adam(p, lr=0.01, eps=0.1, betas=(0.8, 0.95))),
    ("rmsprop", "rmsprop_eps", lambda p: torch.optim.RMSprop(p, lr=0.01, eps=0.1, alpha=0.9)),
    ("rmsprop", "rmsprop", lambda p: torch.optim.RMSprop(p, lr=0.01, weight_decay=DECAY)),
    ("rmsprop", "rmsprop_momentum", lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.9, weight_decay=DECAY)),
]

print(f"/* Made by make_optims.py with PyTorch {torch.__version__}: weights after {STEPS} steps. */")
for optim, name, make in CASES:
    w = torch.tensor([(i % 7 - 3) / 4 for i in range(N)], dtype=torch.float64, requires_grad=True)
    o = make([w])
    for t in range(STEPS):
        w.grad = torch.tensor([((5 * i + 3 * t) % 11 - 5) / 8 for i in range(N)], dtype=torch.float64)
        o.step()
    rows = [", ".join(f"{v:.9g}" for v in w.tolist()[k:k + 4]) for k in range(0, N, 4)]
    print(f"static const double golden_{name}[{N}] = {{\n\t" + ",\n\t".join(rows) + ",\n};")
