"""Whole images that look alike, whatever their sizes and colours."""

from pathlib import Path

import numpy as np
import pytest

from sr.data.assets import Assets
from sr.images import read_image
from sr.overlap.likeness import THRESHOLD, signature
from tests.overlap.pictures import CHANGES, picture


@pytest.mark.parametrize("change", ["unchanged", "jpeg", "grey", "smaller", "3 pixels cut all round"])
def test_copies_are_alike_and_other_pictures_are_not(change: str) -> None:
    own = CHANGES[change](picture(2))
    assert signature(own) @ signature(picture(2)) > THRESHOLD
    assert max(signature(own) @ signature(picture(seed)) for seed in range(3, 9)) < THRESHOLD


def test_signature_is_a_unit_vector_and_none_for_one_colour() -> None:
    assert np.linalg.norm(signature(picture(0))) == pytest.approx(1.0)
    assert not signature(np.full((20, 20, 3), 9, np.uint8)).any()


def test_berkeley_images_against_the_benchmarks(mirror: Path, tmp_path: Path) -> None:
    """Every one of 47481 pairs stays far below the threshold."""
    assets = Assets(tmp_path, mirror)
    test = [path for name in ("Set5", "Set14", "BSD100") for path in assets.images(name)]
    train = assets.images("BSDS500_train_test")
    signatures = [np.stack([signature(read_image(path)) for path in paths]) for paths in (train, test)]
    assert (signatures[0] @ signatures[1].T).max() < THRESHOLD - 0.15
