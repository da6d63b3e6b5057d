"""Test images are found in other images whatever copies undergo, and are not seen where they are not."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from sr.data.assets import Assets
from sr.images import Pixels, as_rgb, read_image, write_png
from sr.overlap.judge import TestImages
from tests.overlap.pictures import CHANGES, cut, picture


def found(judge: TestImages, pixels: Pixels) -> list[str]:
    pixels = as_rgb(pixels)
    [hits] = judge.hits(judge.signature(pixels)[None], [lambda: pixels])
    return [hit.test for hit in hits]


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> TestImages:
    folder = tmp_path_factory.mktemp("tests")
    files = {f"made/{seed}": folder / f"{seed}.png" for seed in range(12)}
    for seed, path in enumerate(files.values()):
        write_png(path, picture(seed, 121, 163))
    return TestImages({"made": "checksum"}, files)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_copies_are_found(judge: TestImages, change: Callable[[Pixels], Pixels]) -> None:
    for seed in range(0, 12, 4):
        assert found(judge, change(picture(seed, 121, 163))) == [f"made/{seed}"]


@pytest.mark.parametrize("direction", [1, -1])
def test_a_test_image_may_be_the_part(tmp_path: Path, direction: int) -> None:
    """A training image that shows more than the test image does, perhaps mirrored."""
    wide = picture(40, 240, 300)
    write_png(tmp_path / "part.png", np.ascontiguousarray(cut(wide, 0.1, 0.2, 0.75, 0.7)[:, ::direction]))
    assert found(TestImages({}, {"part": tmp_path / "part.png"}), wide) == ["part"]


def test_other_pictures_are_not(judge: TestImages) -> None:
    for seed in range(100, 130):
        assert found(judge, picture(seed)) == []


def test_a_horizon_is_no_likeness(tmp_path: Path) -> None:
    """The strongest edge of both pictures, in the same place; all else differs."""
    pictures = []
    for number in range(2):
        texture = np.asarray(picture(60 + number, 120, 160), np.float32) / 8
        texture[:50] += 150
        texture[50:] += 20
        pictures.append(texture.clip(0, 255).astype(np.uint8))
    write_png(tmp_path / "horizon.png", pictures[0])
    own = TestImages({}, {"horizon": tmp_path / "horizon.png"})
    assert found(own, pictures[0][:, 20:]) == ["horizon"]
    assert found(own, pictures[1]) == []


def test_images_of_one_colour_are_compared_by_their_pixels(tmp_path: Path) -> None:
    write_png(tmp_path / "grey.png", np.full((8, 8, 3), 10, np.uint8))
    own = TestImages({}, {"grey": tmp_path / "grey.png"})
    assert found(own, np.full((8, 8, 3), 10, np.uint8)) == ["grey"]
    assert found(own, np.full((8, 8, 3), 11, np.uint8)) == []


def test_nothing_to_compare_with() -> None:
    assert found(TestImages({}, {}), picture(0)) == []


def test_images_of_a_batch_are_told_apart(judge: TestImages) -> None:
    """Copies of test images, one of them twice, among other pictures."""
    batch = [
        picture(100),
        picture(3, 121, 163),
        picture(101),
        picture(7, 121, 163)[:, ::-1],
        picture(3, 60, 80),
    ]
    signatures = np.stack([judge.signature(pixels) for pixels in batch])
    hits = judge.hits(signatures, [partial(np.asarray, pixels) for pixels in batch])
    assert [[hit.test for hit in own] for own in hits] == [[], ["made/3"], [], ["made/7"], ["made/3"]]


def test_one_of_many_like_windows_is_the_right_one(tmp_path: Path) -> None:
    """A facade whose windows all look alike, but for a lamp here and there."""
    rows, columns = np.mgrid[0:240, 0:320]
    facade = np.where((rows % 24 < 14) & (columns % 32 < 20), 60, 170).astype(np.float32)
    lamps = np.random.default_rng(0).integers(0, 60, (10, 10)).repeat(24, axis=0).repeat(32, axis=1)
    grey = np.clip(facade + lamps, 0, 255).astype(np.uint8)
    write_png(tmp_path / "facade.png", grey)
    own = TestImages({}, {"facade": tmp_path / "facade.png"})
    for top, left in ((0.0, 0.3), (0.13, 0.21), (0.35, 0.05)):
        assert found(own, cut(grey, top, left, 0.62, 0.65)) == ["facade"]


def test_embedded_sets_share_no_scene(tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    assets = Assets(tmp_path, None)
    own = TestImages({}, {path.stem: path for path in assets.images("embedded")})
    assert [found(own, read_image(path)) for path in assets.images("embedded_train")] == [[]] * 10


def test_the_one_overlap_of_berkeley_and_set5(mirror: Path, tmp_path: Path) -> None:
    assets = Assets(tmp_path, mirror)
    own = TestImages({}, {path.stem: path for path in assets.images("Set5")})
    woman = assets.require("BSDS500_train_test") / "train" / "302003.jpg"
    assert found(own, read_image(woman)) == ["woman"]
    for path in assets.images("BSDS500_train_test")[:20]:
        assert found(own, read_image(path)) == []
