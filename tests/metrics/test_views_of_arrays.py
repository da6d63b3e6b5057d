"""A grey image may be a mirrored view of another, or read-only."""

from pathlib import Path

import pytest
import torch

from benchmarks.gpu_scoring import METRICS, further_source, made_up
from benchmarks.scored import pair

LIGHT = ("SSIM", "SSIM (daala)", "GMSD", "NIQE")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", LIGHT)
def test_what_an_array_is_in_memory_does_not_matter(name: str, tmp_path: Path) -> None:
    mirrored = [image[::-1, ::-1, 0] for image in pair(7, 128, 120)]
    copies = [image.copy() for image in mirrored]
    with made_up(torch.device("cpu")):
        metric = METRICS[name](tmp_path)
    expected = further_source(metric, *copies)()
    for image in copies:
        image.flags.writeable = False
    assert further_source(metric, *copies)() == expected
    assert further_source(metric, *mirrored)() == expected
