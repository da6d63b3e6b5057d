"""Metrics on a GPU: where there is one, that values and memory are right; everywhere, that all is sent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from benchmarks.gpu_scoring import METRICS, further_source, made_up
from benchmarks.scored import pair
from sr.errors import Unavailable
from sr.metrics import niqe
from sr.metrics.banded import Banded, gaussian
from sr.metrics.metric import few_megabytes
from sr.metrics.ssim import SSIM
from sr.metrics.threads import one_thread
from sr.metrics.views import View
from sr.scoring.protocol import load_protocol

CPU, GPU = torch.device("cpu"), torch.device("cuda")
on_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")

# Networks compute in single precision, all else in double.
DEEP = ("LPIPS (AlexNet)", "LPIPS (VGG)", "DISTS")
LIGHT = [name for name in METRICS if name not in DEEP]


def built(name: str, device: torch.device, folder: Path) -> Any:
    try:
        with made_up(device):
            return METRICS[name](folder)
    except Unavailable as reason:
        pytest.skip(str(reason))


def metric_with(build: Callable[[], Any], device: torch.device) -> Any:
    with made_up(device):
        return build()


@on_gpu
@pytest.mark.parametrize("size", [(512, 512), (333, 251), (1100, 117)])
@pytest.mark.parametrize("name", METRICS)
def test_the_value_is_the_cpus(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    sr, hr = pair(1, *size)
    on_cpu, on_gpu = (further_source(built(name, place, tmp_path), sr, hr)() for place in (CPU, GPU))
    assert on_gpu == pytest.approx(on_cpu, rel=1e-4 if name in DEEP else 1e-9)


@on_gpu
@pytest.mark.parametrize("grey", ["as_stored", "as_rgb"])
@pytest.mark.parametrize("channel", ["Y", "RGB"])
def test_ssim_of_every_view(channel: Any, grey: Any) -> None:
    view = View(channel, True, 4, grey)
    for shape in ((203, 150, 3), (203, 150)):
        sr, hr = (image if len(shape) == 3 else image[..., 0] for image in pair(2, 203, 150))
        values = [further_source(metric_with(lambda: SSIM(view), place), sr, hr)() for place in (CPU, GPU)]
        assert values[1] == pytest.approx(values[0], rel=1e-9)


@on_gpu
def test_a_flat_block_is_left_out_of_niqe_there_too(tmp_path: Path) -> None:
    sr, _ = pair(3, 300, 400)
    sr[4:100, 4:100] = 90
    values = [built("NIQE", place, tmp_path).score(sr) for place in (CPU, GPU)]
    assert np.isfinite(values[0])
    assert values[1] == pytest.approx(values[0], rel=1e-9)


@on_gpu
def test_an_image_without_structure_is_undefined_there_too(tmp_path: Path) -> None:
    assert np.isnan(built("NIQE", GPU, tmp_path).score(np.full((200, 200, 3), 7, dtype=np.uint8)))


@on_gpu
@pytest.mark.parametrize("name", LIGHT)
def test_memory_is_what_the_metric_says(name: str, tmp_path: Path) -> None:
    height, width = 3000, 4000
    sr, hr = (np.tile(image, (10, 10, 1)) for image in pair(4, height // 10, width // 10))
    metric = built(name, GPU, tmp_path)
    further_source(metric, sr[:200, :200], hr[:200, :200])()  # the libraries' own working space
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    further_source(metric, sr, hr)()
    used = torch.cuda.max_memory_allocated() - before
    # Each thread that multiplies has 32 MiB of the libraries' at most.
    threads = torch.get_num_threads() * 2**25
    assert used < few_megabytes(load_protocol("beby")) * 1e6 * height * width / 1e6 + threads


class EverythingSent(Exception):  # noqa: N818 - it is what is hoped for
    """The end of what can be done without values."""


@pytest.mark.parametrize("name", LIGHT)
def test_all_that_is_computed_with_lies_on_the_gpu(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tensors without values refuse to meet one that was left on the processor."""

    def estimated(estimates: torch.Tensor) -> None:
        assert estimates.device.type == "cuda"
        raise EverythingSent

    def value(tensor: torch.Tensor) -> float:
        assert tensor.device.type == "cuda"
        raise EverythingSent

    sr, hr = pair(5, 333, 251)
    # What is kept from call to call has to be there before, or it would be kept without values.
    for place in (CPU, GPU) if torch.cuda.is_available() else (CPU,):
        further_source(built(name, place, tmp_path), sr, hr)()
    metric = built(name, GPU, tmp_path)
    monkeypatch.setattr(niqe, "asymmetric_gaussian", estimated)
    for way in ("item", "__float__"):
        monkeypatch.setattr(torch.Tensor, way, value)
    # Other threads would not know of the mode.
    with one_thread(), FakeTensorMode(allow_non_fake_inputs=True), pytest.raises(EverythingSent):
        further_source(metric, sr, hr)()


def test_a_filters_matrix_is_copied_to_a_device_once() -> None:
    filters = Banded(gaussian(11, 1.5), step=1, dtype=torch.float64)
    meta = torch.device("meta")
    assert filters.matrices_on(meta) is filters.matrices_on(meta)
    assert {matrix.device for matrix in filters.matrices_on(meta)} == {meta}
