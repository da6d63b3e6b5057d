"""Planted accidents are recognised, each as what it is, and sound images are left in peace."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sr.errors import InputError
from sr.explain.accidents import find
from sr.explain.conventions import Setting, pixel_values
from sr.explain.lr_kernel import recognise
from sr.explain.pairs import Pair, match
from sr.images import Pixels
from sr.metrics.views import rgb2gray
from sr.reductions import Reduction
from tests.explain.photographs import enlarged, originals, write


def found(tmp_path: Path, images: dict[str, Pixels]) -> list[tuple[str, str]]:
    hr = write(tmp_path / "hr", originals())
    accidents = find(match(write(tmp_path / "sr", images), hr))
    return [(accident.kind, accident.text) for accident in accidents]


def test_sound_images_have_no_accident(tmp_path: Path) -> None:
    assert found(tmp_path, {name: enlarged(hr) for name, hr in originals().items()}) == []


SHIFTS = {
    (1, 0): "1 pixel down",
    (0, -2): "2 pixels to the left",
    (-3, 4): "3 pixels up and 4 pixels to the right",
}


@pytest.mark.parametrize("shift", SHIFTS)
def test_shifted_images(tmp_path: Path, shift: tuple[int, int]) -> None:
    shifted = {name: np.roll(enlarged(hr), shift, axis=(0, 1)) for name, hr in originals().items()}
    assert found(tmp_path, shifted) == [("shift", f"shifted by {SHIFTS[shift]}")]


def test_red_and_blue_swapped(tmp_path: Path) -> None:
    swapped = {name: np.ascontiguousarray(enlarged(hr)[:, :, ::-1]) for name, hr in originals().items()}
    assert [kind for kind, _ in found(tmp_path, swapped)] == ["channels"]


@pytest.mark.parametrize("quality", [50, 75, 90, 95])
def test_images_that_were_compressed_and_stored_as_png(tmp_path: Path, quality: int) -> None:
    compressed = {}
    for name, hr in originals().items():
        Image.fromarray(enlarged(hr)).save(tmp_path / "compressed.jpg", quality=quality)
        compressed[name] = np.array(Image.open(tmp_path / "compressed.jpg"))
    assert [kind for kind, _ in found(tmp_path, compressed)] == ["JPEG"]


def test_images_of_one_another(tmp_path: Path) -> None:
    names = list(originals())
    images = [enlarged(hr) for hr in originals().values()]
    mixed = dict(zip(names, [images[1], images[0], images[2]], strict=True))
    assert found(tmp_path, mixed) == [
        ("another image", f"shows {names[1]} and not {names[0]}"),
        ("another image", f"shows {names[0]} and not {names[1]}"),
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda hr: hr[::4, ::4], "the low-resolution image"),
        (lambda hr: enlarged(hr)[:-2, :-3], "the upper left 237x238 of both was compared"),
        (lambda hr: enlarged(hr)[:100], "can not be compared"),
    ],
)
def test_other_sizes(tmp_path: Path, wrong: Callable[[Pixels], Pixels], said: str) -> None:
    images = {name: enlarged(hr) for name, hr in originals().items()}
    images["coffee"] = np.ascontiguousarray(wrong(originals()["coffee"]))
    (kind, text) = found(tmp_path, images)[0]
    assert kind == "size"
    assert said in text


KERNELS: list[Reduction] = ["matlab", "matlab_repeated", "pillow_bicubic", "pillow_lanczos", "opencv_bicubic"]


@pytest.mark.parametrize("fed", KERNELS)
def test_low_resolution_images_of_every_kind(fed: Reduction) -> None:
    pairs = [Pair(Path(name), name, name, enlarged(hr, fed), hr) for name, hr in originals().items()]
    assert recognise(pairs).likely == (fed,)


def test_other_low_resolution_images_are_said(tmp_path: Path) -> None:
    images = {name: enlarged(hr, "opencv_bicubic") for name, hr in originals().items()}
    ((kind, text),) = found(tmp_path, images)
    assert kind == "LR kernel"
    assert "OpenCV" in text


def test_names_of_authors_files_mean_their_originals(tmp_path: Path) -> None:
    hr = write(tmp_path / "hr", originals())
    images = {f"{name}_SRGAN-VGG54": enlarged(pixels) for name, pixels in originals().items()}
    assert {pair.named for pair in match(write(tmp_path / "sr", images), hr).pairs} == set(originals())


def test_files_without_telling_names_are_paired_by_looks(tmp_path: Path) -> None:
    hr = write(tmp_path / "hr", originals())
    images = {f"{number:03d}": enlarged(pixels) for number, pixels in enumerate(originals().values())}
    pairs = match(write(tmp_path / "sr", images), hr).pairs
    assert [pair.named for pair in pairs] == list(originals())


def test_several_methods_of_one_original_are_no_set(tmp_path: Path) -> None:
    """Their mean would be the score of none."""
    hr = write(tmp_path / "hr", originals())
    name, pixels = next(iter(originals().items()))
    both = {f"{name}_SRGAN": pixels, f"{name}_SRResNet": pixels}
    with pytest.raises(InputError, match=f"are both of {name}; give the images of one method"):
        match(write(tmp_path / "sr", both), hr)


def test_a_grey_images_colours_count_where_grey_is_rgb(tmp_path: Path) -> None:
    """As scores are made: an error of one channel counts in RGB, and not where grey is compared as stored."""
    grey = np.random.default_rng(0).integers(0, 128, (32, 32), dtype=np.uint8)
    made = np.stack([grey, grey, grey + 30], axis=2).astype(np.uint8)
    pairs = match(write(tmp_path / "sr", {"a": made}), write(tmp_path / "hr", {"a": grey})).pairs
    found = {value.setting: value.value for value in pixel_values(pairs, ["PSNR"])}
    in_colours, as_stored = (found[Setting("RGB", 0, way)] for way in ("as RGB", "as stored"))
    assert in_colours == pytest.approx(10 * np.log10(255**2 / (30**2 / 3)), abs=1e-9)
    error = np.mean((rgb2gray(made) - grey.astype(float)) ** 2)
    assert as_stored == pytest.approx(10 * np.log10(255**2 / error))
