"""Baselines and generators turn LR pixels into HR pixels; weights that do not fit are refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from sr.degradation import upscale
from sr.errors import InputError
from sr.inference.reconstruction import by_generator, nearest
from sr.networks.srresnet import SRResNetSettings
from sr.results.methods import reconstruction
from sr.results.source import Source
from sr.weights.generators import load_run, load_weights

LR = np.random.default_rng(0).integers(0, 256, (5, 6, 3), dtype=np.uint8)


class Repeat(nn.Module):
    """Repeats every pixel; the third channel comes out twice as bright."""

    def __init__(self) -> None:
        super().__init__()
        self.gains = nn.Parameter(torch.tensor([1.0, 1.0, 2.0]).view(1, 3, 1, 1))

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        return (lr * self.gains).repeat_interleave(4, dim=2).repeat_interleave(4, dim=3)


def test_nearest_repeats_pixels() -> None:
    hr = nearest(LR)
    assert hr.shape == (20, 24, 3)
    for row, column in ((0, 0), (3, 3), (7, 21), (19, 23)):
        assert (hr[row, column] == LR[row // 4, column // 4]).all()


def test_bicubic_is_matlabs() -> None:
    assert np.array_equal(reconstruction(Source.baseline("bicubic"), 1)(LR), upscale(LR, 4))


def test_a_generators_output_is_clipped_and_rounded() -> None:
    hr = by_generator(Repeat())(LR)
    assert np.array_equal(hr[..., :2], nearest(LR)[..., :2])
    assert np.array_equal(hr[..., 2], np.minimum(nearest(LR)[..., 2].astype(int) * 2, 255))


def test_grey_stays_grey() -> None:
    grey = np.full((4, 4), 60, np.uint8)
    assert (by_generator(Repeat())(grey) == np.full((16, 16), 80)).all()  # (60 + 60 + 120) / 3
    assert nearest(grey).shape == (16, 16)


def test_unknown_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'baseline/bicubik' is not a baseline; did you mean 'bicubic'"):
        reconstruction(Source.baseline("bicubik"), 1)
    with pytest.raises(InputError, match="holds no finished run"):
        load_run(tmp_path)


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    settings = {"network": "srresnet", "blocks": 1, "channels": 4, "kernel": 3, "long_skip": True}
    settings |= {"batch_normalisation": True, "prelu": "channel"}
    network = SRResNetSettings.model_validate(settings).build()
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    path = tmp_path / "generator.safetensors"

    save_file(state | {"extra": torch.zeros(1)}, path)
    with pytest.raises(InputError, match="holds extra, which the network has not"):
        load_weights(network, path)
    save_file(state | {"head.0.weight": torch.zeros(2, 3, 3, 3)}, path)
    with pytest.raises(
        InputError, match=r"head.0.weight is \(2, 3, 3, 3\), the network needs \(4, 3, 3, 3\)"
    ):
        load_weights(network, path)
    save_file({"head.0.weight": state["head.0.weight"]}, path)
    with pytest.raises(InputError, match="lacks head"):
        load_weights(network, path)
    path.write_bytes(b"no weights")
    with pytest.raises(InputError, match="not a network's weights, for its header is too large"):
        load_weights(network, path)
