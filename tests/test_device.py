"""TF32 is allowed where it was asked for, and only there; the switches can be read without a GPU."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

from benchmarks.gpu_scoring import METRICS, further_source, made_up
from benchmarks.scored import pair
from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark, prepare
from sr.device import exact_float32, scoring_device
from sr.images import write_png
from sr.inference.reconstruction import by_generator
from sr.metrics.fid import FID
from sr.training.validation import Validation

pytest.importorskip("lpips")


def allowed() -> tuple[bool, bool]:
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32


def allow(products: bool, convolutions: bool) -> None:
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = products, convolutions


@pytest.fixture(autouse=True)
def tf32() -> Iterator[None]:
    """As in a process that trains in TF32."""
    before = allowed()
    allow(True, True)
    yield
    allow(*before)


@contextmanager
def watched() -> Iterator[set[tuple[bool, bool]]]:
    """What the switches are whenever a layer computes."""
    seen = set()
    hook = register_module_forward_pre_hook(lambda *_: seen.add(allowed()))
    try:
        yield seen
    finally:
        hook.remove()


def of_images(name: str, folder: Path) -> Callable[[], Any]:
    with made_up(torch.device("cpu")):
        metric = METRICS[name](folder)
    return lambda: further_source(metric, *pair(1, 64, 64))()


def of_sets(folder: Path) -> Callable[[], Any]:
    metric = FID.__new__(FID)  # without its weights
    metric._device = torch.device("cpu")
    metric._network = nn.Sequential(nn.AvgPool2d(299), nn.Flatten())
    write_png(folder / "image.png", pair(1, 32, 32)[0])
    return lambda: metric.features(folder / "image.png")


def test_asking_where_metrics_compute_changes_nothing() -> None:
    scoring_device()
    assert allowed() == (True, True)


def test_it_is_allowed_again_after_an_error() -> None:
    seen = []

    @exact_float32()
    def fails() -> None:
        seen.append(allowed())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert seen == [(False, False)]
    assert allowed() == (True, True)


def test_the_last_thread_turns_it_back() -> None:
    first, second = exact_float32(), exact_float32()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert allowed() == (False, False)
    second.__exit__(None, None, None)
    assert allowed() == (True, True)


def test_reconstructions_compute_without_it() -> None:
    generator = nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.PixelShuffle(4)).requires_grad_(False)
    with watched() as seen:
        by_generator(generator)(np.zeros((8, 8, 3), dtype=np.uint8))
    assert seen == {(False, False)}
    assert allowed() == (True, True)


@pytest.mark.parametrize("name", ["LPIPS (AlexNet)", "DISTS", "FID"])
def test_networks_of_metrics_compute_without_it(name: str, tmp_path: Path) -> None:
    score = of_sets(tmp_path) if name == "FID" else of_images(name, tmp_path)
    with watched() as seen:
        score()
    assert seen == {(False, False)}
    assert allowed() == (True, True)


def test_a_validation_leaves_a_training_its_precision(tmp_path: Path) -> None:
    write_png(tmp_path / "images" / "one.png", np.zeros((64, 64, 3), dtype=np.uint8))
    prepare("one", [tmp_path / "images" / "one.png"], tmp_path / "benchmark")
    generator = nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.PixelShuffle(4))
    with made_up(torch.device("cpu")), watched() as seen:
        validation = Validation(Benchmark(tmp_path / "benchmark"), Assets(Path(), None))
        assert validation.generator(generator).lpips is not None
    assert seen == {(False, False)}
    assert allowed() == (True, True)
