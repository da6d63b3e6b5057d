"""What LPIPS and DISTS cost: `python -m benchmarks.bench_deep_metrics`.

Time: one HR image and several sources, with the HR features computed once for all of them ("reused") and
for every source again ("anew"; for LPIPS that is the lpips package's own forward pass), with glibc's
default allocator and with one that keeps freed memory. CPU seconds, the best of three rounds after one
that warms up, so that other load on the machine disturbs little.
Share: of the rate at which this processor multiplies large matrices, as measured here, what the backbone's
convolutions reach in that time; all else that a metric does counts as waiting.
Memory: peak resident memory of scoring one image of DIV2K's size.
Every figure comes from a process of its own. Images and weights are noise: what they show costs nothing.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from benchmarks.gpu_scoring import METRICS as BUILDERS
from benchmarks.gpu_scoring import made_up
from sr.images import Pixels, to_tensor
from sr.metrics.dists import DISTS
from sr.metrics.lpips import LPIPS
from sr.networks.operations import forward_operations
from sr.networks.vgg import VGGFeatures

Scorer = Callable[[Pixels, list[Pixels]], list[float]]

METRICS = {"lpips-alex": "LPIPS (AlexNet)", "lpips-vgg": "LPIPS (VGG)", "dists": "DISTS"}
WAYS = ("reused", "anew")
# Sources, height, width.
SPEED_CASE = (5, 340, 510)
MEMORY_CASE = (1, 1356, 2040)
ROUNDS = 3
# Sides of the matrices whose product is the processor's limit.
MATRIX = 2048
KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1)}
ALLOCATORS: dict[str, dict[str, str]] = {"default": {}, "keeping": KEEP_MEMORY}


def main() -> None:
    """Measure everything, or one figure when called by itself."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--figure", nargs=3, metavar=("QUANTITY", "METRIC", "WAY"), help="only this one")
    figure = parser.parse_args().figure
    if figure:
        quantity, metric, way = figure
        quantities = {"seconds": seconds, "memory": memory, "limit": lambda *_: matrix_rate()}
        print(json.dumps(quantities[quantity](metric, way)))
        return
    limit = in_new_process("limit", "none", "none", KEEP_MEMORY)
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads; a product of matrices of {MATRIX} x"
        f" {MATRIX}: {limit / 1e9:.0f} Gflop a CPU second"
    )
    for metric in METRICS:
        report(metric, limit)


def report(metric: str, limit: float) -> None:
    """Print both tables' lines of a metric. limit: operations a CPU second."""
    sources, height, width = SPEED_CASE
    for name, environment in ALLOCATORS.items():
        reused, anew = (in_new_process("seconds", metric, way, environment) for way in WAYS)
        print(
            f"{metric}: {sources} sources of {width} x {height}, {name} allocator: reused {reused:.2f} s, "
            f"anew {anew:.2f} s, ratio {anew / reused:.2f}; reused, it reaches"
            f" {(sources + 1) * operations(metric) / reused / limit:.0%} of the processor's limit"
        )
    _, height, width = MEMORY_CASE
    reused, anew = (in_new_process("memory", metric, way, {}) for way in WAYS)
    print(f"{metric}: peak memory at {width} x {height}: reused {reused:.2f} GB, anew {anew:.2f} GB")


def in_new_process(quantity: str, metric: str, way: str, environment: dict[str, str]) -> float:
    """A figure measured in a process of its own, for peak memory never falls again."""
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench_deep_metrics", "--figure", quantity, metric, way],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(result.stdout.splitlines()[-1]))


def seconds(name: str, way: str) -> float:
    """CPU time for all sources."""
    score = scorer(name, way)
    hr, *images = noise(SPEED_CASE)
    score(hr, images)
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        score(hr, images)
        times.append(time.process_time() - start)
    return min(times)


def matrix_rate() -> float:
    """Operations a CPU second in a product of large float32 matrices."""
    matrix = torch.rand(MATRIX, MATRIX)
    matrix @ matrix
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        matrix @ matrix
        times.append(time.process_time() - start)
    return 2.0 * MATRIX**3 / min(times)


def operations(name: str) -> int:
    """Of the backbone's convolutions for one image."""
    _, height, width = SPEED_CASE
    if name == "lpips-alex":
        import lpips

        backbone: torch.nn.Module = lpips.LPIPS(net="alex", pnet_rand=True, verbose=False).net
    else:
        backbone = VGGFeatures("vgg16", ["conv5_3"], before_activation=False)
    return forward_operations(backbone, torch.zeros(1, 3, height, width))


def memory(name: str, way: str) -> float:
    """Peak resident memory in GB (Linux counts it in KiB)."""
    score = scorer(name, way)
    hr, *images = noise(MEMORY_CASE)
    score(hr, images)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def scorer(name: str, way: str) -> Scorer:
    """How a metric scores several sources against one HR image."""
    if way == "anew" and name.startswith("lpips-"):
        return package_scorer(name.removeprefix("lpips-"))
    metric = build(name)
    if way == "anew":
        return lambda hr, images: [metric.score(image, metric.reference(hr)) for image in images]

    def score(hr: Pixels, images: list[Pixels]) -> list[float]:
        reference = metric.reference(hr)
        return [metric.score(image, reference) for image in images]

    return score


def package_scorer(backbone: str) -> Scorer:
    """The lpips package's forward pass."""
    import lpips

    network = lpips.LPIPS(net=backbone, pnet_rand=True, verbose=False)

    @torch.inference_mode()
    def score(hr: Pixels, images: list[Pixels]) -> list[float]:
        target = to_tensor(hr)[None] * 2 - 1
        return [network(to_tensor(image)[None] * 2 - 1, target).item() for image in images]

    return score


def build(name: str) -> LPIPS | DISTS:
    """A metric with random weights, on the processor."""
    with tempfile.TemporaryDirectory() as folder, made_up(torch.device("cpu")):
        metric: LPIPS | DISTS = BUILDERS[METRICS[name]](Path(folder))
    return metric


def noise(case: tuple[int, int, int]) -> list[Pixels]:
    """An HR image and the sources' images."""
    sources, height, width = case
    generator = np.random.default_rng(0)
    return [generator.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(sources + 1)]


if __name__ == "__main__":
    main()
