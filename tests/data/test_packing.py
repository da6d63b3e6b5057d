"""A packed set holds every image's pixels and their exact LR."""

from pathlib import Path

import numpy as np
import pytest

from sr.data.packing import PackedSet, pack
from sr.degradation import downscale
from sr.errors import InputError
from sr.images import write_png


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    random = np.random.default_rng(0)
    shapes = {"grey": (33, 41), "colour": (40, 48, 3)}
    for name, shape in shapes.items():
        write_png(tmp_path / "photos" / f"{name}.png", random.integers(0, 256, shape, dtype=np.uint8))
    return sorted((tmp_path / "photos").iterdir())


def test_images_come_back(tmp_path: Path, photos: list[Path]) -> None:
    from sr.images import read_image

    done: list[int] = []
    index = pack("two", photos, tmp_path / "packed", on_image=done.append)
    packed = PackedSet(tmp_path / "packed")
    assert [image.name for image in index.images] == ["colour", "grey"]
    assert done == [1, 2]
    colour = read_image(photos[0])
    grey = np.repeat(read_image(photos[1])[:32, :40, None], 3, axis=2)
    for number, hr in enumerate([colour, grey]):
        lr_packed, hr_packed = packed.pair(number)
        assert np.array_equal(hr_packed.transpose(1, 2, 0), hr)
        assert np.array_equal(lr_packed.transpose(1, 2, 0), downscale(hr, 4))


def test_checksum_tells_sets_apart(tmp_path: Path, photos: list[Path]) -> None:
    one = pack("one", photos[:1], tmp_path / "one")
    again = pack("one", photos[:1], tmp_path / "again")
    both = pack("both", photos, tmp_path / "both")
    assert one.checksum == again.checksum != both.checksum


def test_broken_image_leaves_nothing(tmp_path: Path, photos: list[Path]) -> None:
    photos[1].write_bytes(photos[1].read_bytes()[:200])
    with pytest.raises(InputError, match=r"grey.png: broken image"):
        pack("two", photos, tmp_path / "packed")
    assert not (tmp_path / "packed").exists()


def test_refuses_what_is_no_packed_set(tmp_path: Path, photos: list[Path]) -> None:
    with pytest.raises(InputError, match="not a packed training set"):
        PackedSet(tmp_path)
    with pytest.raises(InputError, match="holds no images"):
        pack("none", [], tmp_path / "none")
    pack("two", photos, tmp_path / "packed")
    with (tmp_path / "packed" / "hr.bin").open("r+b") as stream:
        stream.truncate(100)
    with pytest.raises(InputError, match=r"hr.bin: missing or not of"):
        PackedSet(tmp_path / "packed")
