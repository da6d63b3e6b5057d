"""The three functions of the package: the same answers as the commands, and clear refusals."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sr
from sr.errors import InputError
from sr.images import read_image


def test_degrade_is_the_fields_matlab_bicubic(mirror: Path) -> None:
    hr = read_image(mirror / "benchmark" / "Set5" / "HR" / "baby.png")
    lr = read_image(mirror / "benchmark" / "Set5" / "LR_bicubic" / "X4" / "babyx4.png")
    assert np.array_equal(sr.degrade(hr), lr)


def test_degrade_cuts_to_a_multiple_first() -> None:
    image = np.random.default_rng(0).integers(0, 256, (19, 22, 3), dtype=np.uint8)
    assert np.array_equal(sr.degrade(image), sr.degrade(image[:16, :20]))
    with pytest.raises(InputError, match="an image of 22x3 is smaller than 4x4"):
        sr.degrade(image[:3])


def test_score_measures_as_the_paper_does() -> None:
    """A difference of 5 grey levels everywhere is 5 * (65.738 + 129.057 + 25.064) / 256 of MATLAB's Y."""
    hr = np.full((32, 32, 3), 100, np.uint8)
    psnr = sr.score(hr + np.uint8(5), hr, "gmgan", ["PSNR"])["PSNR"]
    assert psnr == pytest.approx(20 * math.log10(255 / (5 * 219.859 / 256)), abs=2e-3)


def test_score_refuses_what_can_not_be_compared() -> None:
    hr = np.zeros((32, 32, 3), np.uint8)
    with pytest.raises(InputError, match="the reconstruction is 31x32"):
        sr.score(hr[:, :31], hr, "gmgan")
    with pytest.raises(InputError, match="'PSNRR' is no metric; did you mean 'PSNR'"):
        sr.score(hr, hr, "gmgan", ["PSNRR"])
    with pytest.raises(InputError, match="FID"):
        sr.score(hr, hr, "ldl", ["FID"])


def test_the_package_alone_loads_no_torch() -> None:
    command = "import sys, sr; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'upscales'"):
        sr.upscales  # noqa: B018


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((16, 16, 3)),
        np.zeros((16, 16, 3), np.uint16),
        np.zeros((16, 16, 4), np.uint8),
        np.zeros(16, np.uint8),
    ],
)
def test_arrays_that_would_be_taken_for_something_else_are_refused(image: np.ndarray) -> None:
    plain = np.zeros((16, 16, 3), np.uint8)
    with pytest.raises(InputError, match="give uint8, height x width"):
        sr.degrade(image)
    for pair in ((image, plain), (plain, image)):
        with pytest.raises(InputError, match="give uint8, height x width"):
            sr.score(*pair, "ldl")
