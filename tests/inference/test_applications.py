"""Self-ensemble, interpolation, back-projection and tiles, each against its formula written plainly."""

import numpy as np
import pytest
import torch
from scipy.signal import convolve2d
from torch import nn

from sr.degradation import bicubic
from sr.errors import InputError
from sr.inference.back_projection import back_project
from sr.inference.ensemble import self_ensemble
from sr.inference.interpolation import interpolate_images, interpolate_networks
from sr.inference.tiling import MARGIN, pieces, pixels_with_margins

LR = torch.rand(1, 3, 9, 6, generator=torch.Generator().manual_seed(0))


def test_ensemble_is_the_mean_over_eight_turned_images(rrdb: nn.Module) -> None:
    image, results = LR[0].permute(1, 2, 0).numpy(), []
    for quarter_turns in range(4):
        for mirrored in (False, True):
            turned = np.rot90(image[:, ::-1] if mirrored else image, quarter_turns).copy()
            with torch.no_grad():
                result = rrdb(torch.from_numpy(turned).permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()
            back = np.rot90(result, -quarter_turns)
            results.append(back[:, ::-1] if mirrored else back)
    with torch.no_grad():
        ours = self_ensemble(rrdb)(LR)[0].permute(1, 2, 0).numpy()
    assert np.abs(ours - np.mean(results, axis=0)).max() < 1e-5


def test_network_interpolation_mixes_every_parameter(rrdb: nn.Module, other_rrdb: nn.Module) -> None:
    mixed = interpolate_networks(rrdb, other_rrdb, 0.8).state_dict()
    for key, psnr in rrdb.state_dict().items():
        expected = 0.2 * psnr + 0.8 * other_rrdb.state_dict()[key]
        assert torch.allclose(mixed[key], expected, atol=1e-6)
        assert not torch.equal(mixed[key], psnr)


def test_image_interpolation_mixes_pixel_by_pixel() -> None:
    psnr, gan = np.array([[0, 100, 255]], np.uint8), np.array([[255, 103, 255]], np.uint8)
    assert interpolate_images(psnr, gan, 0.5).tolist() == [[128, 102, 255]]  # halves go up
    assert interpolate_images(psnr, gan, 0.0).tolist() == psnr.tolist()


def test_interpolation_refuses_what_can_not_be_mixed(rrdb: nn.Module) -> None:
    with pytest.raises(InputError, match="differ in shape"):
        interpolate_networks(rrdb, nn.Conv2d(3, 3, 3), 0.5)
    with pytest.raises(InputError, match="differ in shape"):
        interpolate_images(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8), 0.5)
    with pytest.raises(InputError, match="between 0"):
        interpolate_networks(rrdb, rrdb, 1.5)


@pytest.mark.parametrize("size", [(1, 1), (12, 7)])
def test_back_projection_lowers_the_error_at_low_resolution(size: tuple[int, int]) -> None:
    lr = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1))
    noise = torch.randn(1, 3, 4 * size[0], 4 * size[1], generator=torch.Generator().manual_seed(2))
    sr = bicubic(lr, 4.0) + 0.1 * noise
    errors = [float((bicubic(back_project(sr, lr, n), 0.25) - lr).abs().mean()) for n in (0, 1, 5, 20)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.05 * errors[0]


def test_back_projection_is_the_authors_matlab_function() -> None:
    """p = fspecial('gaussian', 5, 1); p = p.^2, sum 1; im = im + conv2(imresize(residual), p, 'same')."""
    lr = torch.rand(1, 3, 6, 5, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    sr = torch.rand(1, 3, 24, 20, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    gaussian = np.array([[np.exp(-(i * i + j * j) / 2) for j in range(-2, 3)] for i in range(-2, 3)])
    p = (gaussian / gaussian.sum()) ** 2
    expected = sr[0].numpy()
    for _ in range(3):
        residual = lr - bicubic(torch.from_numpy(expected)[None], 0.25)
        enlarged = bicubic(residual, 4.0)[0].numpy()
        expected = expected + np.stack([convolve2d(plane, p / p.sum(), mode="same") for plane in enlarged])
    assert np.abs(back_project(sr, lr, 3)[0].numpy() - expected).max() < 1e-6


def test_an_image_that_reduces_to_its_input_is_left_alone() -> None:
    lr = torch.full((1, 3, 4, 4), 0.3)
    sr = torch.full((1, 3, 16, 16), 0.3)
    assert torch.allclose(back_project(sr, lr, 3), sr, atol=1e-6)


def test_tiles_cover_every_pixel_once_and_see_their_margins() -> None:
    covered, seen = np.zeros(4 * 50, int), 0
    for place, near, inner in pieces(50, 20):
        covered[place] += 1
        seen += near.stop - near.start
        assert near.stop - near.start <= 20 + 2 * MARGIN
        assert 4 * near.start + inner.start == place.start
        assert inner.stop - inner.start == place.stop - place.start
    assert (covered == 1).all()
    assert seen**2 == pixels_with_margins(50, 50, 20)
