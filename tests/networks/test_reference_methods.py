"""SRCNN, LapSRN and EnhanceNet with their authors' weights: what their authors published comes out."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from sr.data.assets import Assets
from sr.errors import InputError
from sr.images import Pixels, crop_to_multiple, luma, read_image
from sr.inference.reconstruction import by_generator
from sr.networks.enhancenet import EnhanceNetSettings
from sr.networks.lapsrn import LapSRNSettings
from sr.networks.luminance import to_rgb, to_ycbcr
from sr.networks.srcnn import SRCNNSettings
from sr.reductions import REDUCTIONS
from sr.weights.matlab_weights import read_lapsrn, read_srcnn
from sr.weights.released import load_released, released
from sr.weights.tensorflow_table import read_enhancenet, read_table

SETTINGS = {
    "srcnn": SRCNNSettings(network="srcnn", kernels=(9, 1, 5), channels=(8, 4)),
    "lapsrn": LapSRNSettings(network="lapsrn", depth=2, channels=8),
    "enhancenet": EnhanceNetSettings(network="enhancenet", blocks=2, channels=8),
}


def reconstructed(mirror: Path, source: str, hr: Pixels) -> Pixels:
    generator, _ = load_released(source, Assets(mirror / "nothing", mirror))
    return by_generator(generator)(REDUCTIONS[released(source).fed](hr))


def originals(mirror: Path, name: str) -> Pixels:
    return crop_to_multiple(read_image(mirror / "benchmark" / "Set5" / "HR" / f"{name}.png"), 4)


def psnr_of_luma(sr: Pixels, hr: Pixels) -> float:
    inner = (slice(4, -4), slice(4, -4))
    error = np.mean((luma(sr, rounded=False)[inner] - luma(hr, rounded=False)[inner]) ** 2)
    return float(10 * np.log10(255**2 / error))


@pytest.mark.parametrize("name", ["butterfly", "woman"])
def test_srcnn_gives_the_images_that_selfexsrs_authors_put_online(mirror: Path, name: str) -> None:
    found = reconstructed(mirror, "srcnn_91", originals(mirror, name))
    expected = read_image(mirror / "images" / "srcnn" / "Set5" / f"{name}.png")
    # The authors computed in double precision: one value in ten thousand may be rounded otherwise.
    assert np.mean(found != expected) < 1e-4
    assert np.abs(found.astype(int) - expected).max() <= 2


def test_enhancenet_depends_on_how_its_images_were_reduced(mirror: Path) -> None:
    hr = originals(mirror, "bird")
    own, fed_otherwise = (
        psnr_of_luma(reconstructed(mirror, source, hr), hr)
        for source in ("enhancenet_pat", "enhancenet_pat_matlab")
    )
    assert 0.1 < fed_otherwise - own < 0.6


@pytest.mark.parametrize("network", SETTINGS)
def test_an_image_becomes_four_times_as_large(network: str) -> None:
    generator = SETTINGS[network].build().eval()
    with torch.inference_mode():
        assert generator(torch.rand(2, 3, 9, 14)).shape == (2, 3, 36, 56)


@pytest.mark.parametrize("network", ["srcnn", "lapsrn"])
def test_grey_images_stay_grey_without_becoming_ycbcr(network: str) -> None:
    generator = SETTINGS[network].build().eval()
    image = torch.rand(1, 1, 12, 12)
    with torch.inference_mode():
        assert generator(image).shape == (1, 1, 48, 48)
    assert by_generator(generator)(np.zeros((12, 12), np.uint8)).shape == (48, 48)


def test_ycbcr_is_matlabs_and_has_an_inverse() -> None:
    rgb = torch.rand(1, 3, 5, 7, dtype=torch.float64)
    pixels = (rgb[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    exact = torch.from_numpy(pixels / 255.0).permute(2, 0, 1)[None]
    assert torch.allclose(to_ycbcr(exact)[0, 0] * 255, torch.from_numpy(luma(pixels, rounded=False)))
    assert torch.allclose(to_rgb(to_ycbcr(rgb)), rgb)


@pytest.mark.parametrize("read", [read_srcnn, read_lapsrn, read_enhancenet])
def test_other_files_are_refused(tmp_path: Path, read) -> None:
    (tmp_path / "w").write_bytes(b"no such file of weights at all" * 10)
    with pytest.raises(InputError, match="w:"):
        read(tmp_path / "w")


def test_a_table_that_breaks_off_is_refused(mirror: Path, tmp_path: Path) -> None:
    path = tmp_path / "weights"
    shutil.copy(mirror / "assets" / "reference_methods" / "enhancenet" / "weights", path)
    path.chmod(0o644)
    content = path.read_bytes()
    path.write_bytes(content[:1000] + content[-48:])
    with pytest.raises(InputError, match="broken table"):
        read_table(path)
