"""PyTorch on the work of nas-evaluate --weights scratch: steps of one DARTS network.

What a user would write instead of nasmill: the network of the genotype DARTS_V2 (Liu, Simonyan and Yang 2019)
for 32 x 32 images as nn.Modules, cross-entropy, SGD with momentum.  All that read one tensor share its ReLU, and
ReLUs inside an operation work in place, which makes PyTorch faster than one ReLU per operation does.
Prints one line per mode: images per second.

    apt-get install python3-torch
    OMP_NUM_THREADS=2 /usr/bin/python3 torch_darts.py --threads 2 --batch 64
    ... --channels-last            NHWC memory format, usually the faster one for depthwise
    ... --params N --macs N        fails unless the network has so many parameters and multiply-adds
    GLIBC_TUNABLES=glibc.malloc.mmap_threshold=4294967295:glibc.malloc.trim_threshold=17179869184:glibc.malloc.top_pad=268435456 ...
                                   keeps freed tensors mapped; PyTorch is faster with it
Quote the best of these as the peer's figure, measured in the same minutes as ours, on the same cores:
make bench-peers does.
"""
import argparse
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

NORMAL = [("sep", 3, 0), ("sep", 3, 1), ("sep", 3, 0), ("sep", 3, 1),
          ("sep", 3, 1), ("skip", 0, 0), ("skip", 0, 0), ("dil", 3, 2)]
REDUCE = [("max", 3, 0), ("max", 3, 1), ("skip", 0, 2), ("max", 3, 1),
          ("max", 3, 0), ("skip", 0, 2), ("skip", 0, 2), ("max", 3, 1)]
RELU_FIRST = ("sep", "dil", "reduce")


class FactorizedReduce(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.even = nn.Conv2d(c_in, c_out // 2, 1, 2, bias=False)
        self.odd = nn.Conv2d(c_in, c_out - c_out // 2, 1, 2, bias=False)
        self.bn = nn.BatchNorm2d(c_out)

    def forward(self, x):
        return self.bn(torch.cat([self.even(x), self.odd(x[:, :, 1:, 1:])], 1))


def depthwise_separable(c, k, stride, dilation):
    return [nn.Conv2d(c, c, k, stride, (k - 1) * dilation // 2, dilation, groups=c, bias=False),
            nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c)]


def operation(kind, k, c, stride):
    """Without the ReLU that comes first in some."""
    if kind == "max":
        return nn.MaxPool2d(k, stride, k // 2)
    if kind == "sep":
        return nn.Sequential(*depthwise_separable(c, k, stride, 1), nn.ReLU(True), *depthwise_separable(c, k, 1, 1))
    if kind == "dil":
        return nn.Sequential(*depthwise_separable(c, k, stride, 2))
    return FactorizedReduce(c, c) if kind == "reduce" else nn.Identity()


class Source:
    """A tensor and, once somebody has asked for it, its ReLU."""

    def __init__(self, x):
        self.x, self.active = x, None

    def relu(self):
        if self.active is None:
            self.active = F.relu(self.x)
        return self.active


class Cell(nn.Module):
    def __init__(self, c_before, c_last, c, reduction, after_reduction):
        super().__init__()
        self.input0 = FactorizedReduce(c_before, c) if after_reduction else self.unit(c_before, c)
        self.input1 = self.unit(c_last, c)
        self.edges, self.ops = [], nn.ModuleList()
        for kind, k, source in REDUCE if reduction else NORMAL:
            stride = 2 if reduction and source < 2 else 1
            kind = "reduce" if kind == "skip" and stride == 2 else kind
            self.ops.append(operation(kind, k, c, stride))
            self.edges.append((kind in RELU_FIRST, source))

    @staticmethod
    def unit(c_in, c):
        return nn.Sequential(nn.Conv2d(c_in, c, 1, bias=False), nn.BatchNorm2d(c))

    def forward(self, before, last):
        at = [Source(self.input0(before.relu())), Source(self.input1(last.relu()))]
        parts = []
        for op, (relu, source) in zip(self.ops, self.edges):
            parts.append(op(at[source].relu() if relu else at[source].x))
            if len(parts) == 2:
                at.append(Source(parts[0] + parts[1]))
                parts = []
        return Source(torch.cat([s.x for s in at[2:]], 1))


class Network(nn.Module):
    def __init__(self, c=16, cells=8, classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 3 * c, 3, 1, 1, bias=False), nn.BatchNorm2d(3 * c))
        self.cells = nn.ModuleList()
        c_before = c_last = 3 * c
        after_reduction = False
        for i in range(cells):
            reduction = i in (cells // 3, 2 * cells // 3)
            c *= 2 if reduction else 1
            self.cells.append(Cell(c_before, c_last, c, reduction, after_reduction))
            c_before, c_last, after_reduction = c_last, 4 * c, reduction
        self.classifier = nn.Linear(c_last, classes)

    def forward(self, x):
        before = last = Source(self.stem(x))
        for cell in self.cells:
            before, last = last, cell(before, last)
        return self.classifier(last.x.mean((2, 3)))


def multiply_adds(net, side):
    """Of convolutions and linear layers, one image."""
    total = 0

    def count(module, _, out):
        nonlocal total
        total += module.weight[0].numel() * out[0].numel()
    hooks = [m.register_forward_hook(count) for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        net(torch.zeros(1, 3, side, side))
    for h in hooks:
        h.remove()
    return total


def must_equal(what, ours, theirs):
    if theirs and ours != theirs:
        sys.exit(f"torch_darts.py: {ours} {what}, expected {theirs}: not the same network")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--side", type=int, default=32)
    ap.add_argument("--steps", type=int, default=6)
    ap.add_argument("--repeats", type=int, default=3)
    ap.add_argument("--channels-last", action="store_true")
    ap.add_argument("--params", type=int, default=0)
    ap.add_argument("--macs", type=int, default=0)
    args = ap.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    net = Network()
    must_equal("parameters", sum(p.numel() for p in net.parameters()), args.params)
    must_equal("multiply-adds", multiply_adds(net.eval(), args.side), args.macs)
    x = torch.randn(args.batch, 3, args.side, args.side)
    y = torch.randint(0, 10, (args.batch,))
    if args.channels_last:
        net = net.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    opt = torch.optim.SGD(net.parameters(), 0.05, momentum=0.9, weight_decay=5e-4)

    def train():
        opt.zero_grad(set_to_none=True)
        F.cross_entropy(net(x), y).backward()
        opt.step()

    def infer():
        with torch.no_grad():
            net(x)

    for mode, step in (("train", train), ("infer", infer)):
        net.train(mode == "train")
        step()
        rates = []
        for _ in range(args.repeats):
            t = time.perf_counter()
            for _ in range(args.steps):
                step()
            rates.append(args.batch * args.steps / (time.perf_counter() - t))
        print(f"torch {torch.__version__} paths=darts mode={mode} batch={args.batch} threads={args.threads} "
              f"channels_last={int(args.channels_last)} images_per_s={statistics.median(rates):.1f}", flush=True)


if __name__ == "__main__":
    main()
