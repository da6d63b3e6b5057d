"""Training and test images are told apart, also after the changes that copies of data sets undergo."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sr.data.assets import Assets
from sr.data.overlap import THRESHOLD, check_disjoint, signature
from sr.errors import InputError
from sr.images import Pixels, read_image, write_png


def picture(seed: int, height: int = 120, width: int = 160) -> Pixels:
    """Smooth random blobs, as far from each other as photographs."""
    coarse = np.random.default_rng(seed).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def jpeg(pixels: Pixels) -> Pixels:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=50)
    return np.asarray(Image.open(stream))


def smaller(pixels: Pixels) -> Pixels:
    size = (pixels.shape[1] * 2 // 3, pixels.shape[0] * 2 // 3)
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


CHANGES: dict[str, Callable[[Pixels], Pixels]] = {
    "unchanged": lambda pixels: pixels,
    "jpeg": jpeg,
    "grey": lambda pixels: np.asarray(Image.fromarray(pixels).convert("L")),
    "cut to a multiple of 4": lambda pixels: pixels[
        : -(pixels.shape[0] % 4) or None, : -(pixels.shape[1] % 4) or None
    ],
    "3 pixels cut all round": lambda pixels: pixels[3:-3, 3:-3],
    "smaller": smaller,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_copies_are_found(change: Callable[[Pixels], Pixels], tmp_path: Path) -> None:
    for seed in range(3):
        write_png(tmp_path / f"train{seed}.png", change(picture(seed, 121, 163)))
        write_png(tmp_path / f"test{seed}.png", picture(seed + 2, 121, 163))
    with pytest.raises(InputError, match=r"train2\.png is .*test0\.png\)"):
        check_disjoint(
            [tmp_path / f"train{n}.png" for n in range(3)], [tmp_path / f"test{n}.png" for n in range(3)]
        )


def test_images_of_one_colour_are_compared_by_their_pixels(tmp_path: Path) -> None:
    for name, value in (("train", 10), ("same", 10), ("other", 11)):
        write_png(tmp_path / f"{name}.png", np.full((8, 8, 3), value, np.uint8))
    check_disjoint([tmp_path / "train.png"], [tmp_path / "other.png"])
    with pytest.raises(InputError, match=r"train\.png is .*same\.png"):
        check_disjoint([tmp_path / "train.png"], [tmp_path / "other.png", tmp_path / "same.png"])


def test_nothing_to_compare(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", picture(0))
    check_disjoint([], [tmp_path / "a.png"])
    check_disjoint([tmp_path / "a.png"], [])


def test_signature_is_a_unit_vector() -> None:
    assert np.linalg.norm(signature(picture(0))) == pytest.approx(1.0)


def test_embedded_sets_share_no_scene(tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    assets = Assets(tmp_path, None)
    check_disjoint(assets.images("embedded_train"), assets.images("embedded"))


def test_berkeley_images_against_the_benchmarks(mirror: Path, tmp_path: Path) -> None:
    """One real overlap, woman of Set5; every other of 47600 pairs stays far below the threshold."""
    assets = Assets(tmp_path, mirror)
    test = [path for name in ("Set5", "Set14", "BSD100") for path in assets.images(name)]
    train = assets.images("BSDS500_train_test")
    check_disjoint(train, test)
    woman = assets.require("BSDS500_train_test") / "train" / "302003.jpg"
    with pytest.raises(InputError, match=r"\(.*302003\.jpg is .*woman\.png\)"):
        check_disjoint([woman, *train[:3]], test)
    signatures = [np.stack([signature(read_image(path)) for path in paths]) for paths in (train, test)]
    assert (signatures[0] @ signatures[1].T).max() < THRESHOLD - 0.15
