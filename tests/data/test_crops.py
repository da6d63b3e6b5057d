"""Crops are aligned, augmented as told, and depend on seed, step and index alone."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch

from sr.data.crops import Augmentation, CropSampler
from sr.data.packer import pack
from sr.data.packing import PackedSet
from sr.errors import InputError
from sr.images import write_png

PLAIN = Augmentation(flip=False, rotate=False)
FULL = Augmentation(flip=True, rotate=True)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> PackedSet:
    """Images whose pixels say where they are: red = image, green = row, blue = column."""
    folder = tmp_path_factory.mktemp("packed")
    rows, columns = np.mgrid[:48, :64].astype(np.uint8)
    for number in range(6):
        write_png(folder / f"{number}.png", np.stack([np.full_like(rows, number), rows, columns], axis=2))
    pack("places", sorted(folder.glob("*.png")), folder / "packed")
    return PackedSet(folder / "packed")


def sampler(packed: PackedSet, **changes: object) -> CropSampler:
    settings = {
        "seed": 3,
        "batch": 4,
        "patch": 16,
        "augmentation": PLAIN,
        "sampling": "image",
        "distinct_images": True,
    } | changes
    return CropSampler(packed, **settings)  # type: ignore[arg-type]


def test_crops_are_where_their_pixels_say(packed: PackedSet) -> None:
    for step in range(20):
        lr, hr = sampler(packed).batch(step)
        assert hr.shape == (4, 3, 16, 16)
        assert lr.shape == (4, 3, 4, 4)
        for crop, small in zip(hr.numpy(), lr.numpy(), strict=True):
            image, top, left = (int(value) for value in crop[:, 0, 0])
            assert (top % 4, left % 4) == (0, 0)
            lr_image, hr_image = packed.pair(image)
            assert np.array_equal(crop, hr_image[:, top : top + 16, left : left + 16])
            top, left = top // 4, left // 4
            assert np.array_equal(small, lr_image[:, top : top + 4, left : left + 4])


def test_distinct_images(packed: PackedSet) -> None:
    for step in range(50):
        _, hr = sampler(packed, batch=6).batch(step)
        assert len(set(hr[:, 0, 0, 0].tolist())) == 6


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> PackedSet:
    """Three small images and one of nine times their area; red tells which."""
    folder = tmp_path_factory.mktemp("uneven")
    for number, side in enumerate((24, 24, 24, 72)):
        write_png(folder / f"{number}.png", np.full((side, side, 3), number, np.uint8))
    pack("uneven", sorted(folder.glob("*.png")), folder / "packed")
    return PackedSet(folder / "packed")


@pytest.mark.parametrize(("sampling", "share"), [("area", 9 / 12), ("image", 1 / 4)])
def test_an_image_counts_by_its_area_or_as_one(uneven: PackedSet, sampling: str, share: float) -> None:
    """The large image's share in 4000 draws, within five standard deviations of the binomial."""
    draws = sampler(uneven, batch=400, sampling=sampling, distinct_images=False)
    large = sum(int((draws.batch(step)[1][:, 0, 0, 0] == 3).sum()) for step in range(10))
    assert abs(large / 4000 - share) < 5 * (share * (1 - share) / 4000) ** 0.5


def test_by_area_images_of_a_batch_can_still_be_distinct(uneven: PackedSet) -> None:
    for step in range(20):
        assert sorted(sampler(uneven, sampling="area").batch(step)[1][:, 0, 0, 0].tolist()) == [0, 1, 2, 3]


def test_every_place_and_every_symmetry_occurs(packed: PackedSet) -> None:
    corners, symmetries = set(), set()
    crops = sampler(packed, augmentation=FULL)
    for step in range(300):
        _, hr = crops.batch(step)
        for crop in hr.numpy():
            corners.add(tuple(crop[1:].reshape(2, -1).min(axis=1).tolist()))
            down, right = np.sign(crop[:, 15, 0].astype(int) - crop[:, 0, 0]), None
            right = np.sign(crop[:, 0, 15].astype(int) - crop[:, 0, 0])
            symmetries.add((tuple(down.tolist()), tuple(right.tolist())))
    assert len(symmetries) == 8
    assert corners == {(row, column) for row in range(0, 33, 4) for column in range(0, 49, 4)}


def test_lr_and_hr_get_the_same_symmetry(packed: PackedSet) -> None:
    lr, hr = sampler(packed, augmentation=FULL, seed=9).batch(0)
    means = torch.nn.functional.avg_pool2d(hr.float(), 4)
    assert (means[:, :, 1:-1, 1:-1] - lr[:, :, 1:-1, 1:-1]).abs().max() <= 1.0


def test_pure_function_of_seed_step_and_index(packed: PackedSet) -> None:
    whole = sampler(packed, augmentation=FULL)
    _, later = sampler(packed, augmentation=FULL).batch(7)
    for step in range(7):
        whole.batch(step)
    assert torch.equal(whole.batch(7)[1], later)
    halves = [whole.batch(7, slice(0, 2))[1], whole.batch(7, slice(2, 4))[1]]
    assert torch.equal(torch.cat(halves), later)
    assert not torch.equal(sampler(packed, seed=4, augmentation=FULL).batch(7)[1], later)


def test_mixing_is_uniform_and_a_pure_function_of_seed_step_and_index(packed: PackedSet) -> None:
    crops = sampler(packed)
    draws = torch.stack([crops.mixing(step) for step in range(2000)])
    assert draws.shape == (2000, 4)
    assert 0 <= draws.min() < 0.01
    assert 0.99 < draws.max() < 1
    assert abs(draws.mean() - 0.5) < 0.01
    assert torch.equal(torch.cat([crops.mixing(7, slice(0, 1)), crops.mixing(7, slice(1, 4))]), draws[7])
    assert not torch.equal(sampler(packed, seed=4).mixing(7), draws[7])


def test_mixing_is_no_copy_of_the_crops_draws(packed: PackedSet) -> None:
    crops = sampler(packed)
    _, rows, columns, *_ = crops._draw(3)
    assert not set(np.float32(crops.mixing(3).numpy())) & set(np.float32([*rows, *columns]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"patch": 18}, "patch: 18 is not a multiple"),
        ({"batch": 7}, "a batch of 7 distinct images can not come from 6"),
        ({"patch": 52}, r"only 0 of its 6 images are as large as the 52 px patch, where 1 are needed"),
    ],
)
def test_refuses(packed: PackedSet, changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sampler(packed, **changes)


def test_repeats_images_only_when_told(packed: PackedSet) -> None:
    assert sampler(packed, batch=16, distinct_images=False).batch(0)[1].shape[0] == 16


def test_images_smaller_than_the_patch_are_never_drawn(uneven: PackedSet) -> None:
    crops = sampler(uneven, patch=48, distinct_images=False)
    for step in range(20):
        assert (crops.batch(step)[1] == 3).all()
    with pytest.raises(InputError, match="4 distinct images can not come from 1"):
        sampler(uneven, patch=48)


@pytest.mark.parametrize(
    ("sampling", "distinct", "digest"),
    [
        ("area", True, "f97bd8abba50d0d1e96c458b144084bfaad8fb7c6c471c04f4813a5bc59f3b6c"),
        ("area", False, "52857b8b44a9c503ddf35d95a3f0130a2b3e606f4bf3dcb9a942f44f95290759"),
        ("image", True, "ad132b033db0869eaad5a2f6979927e11d54f1cf6f874aa52e3e99ee208fc0ab"),
        ("image", False, "7141dcf615d9b7d16cc5854e452b68609f0d5d3c4ccc9db61ddc367324d91415"),
    ],
)
def test_crops_are_those_of_every_version_before(
    tmp_path: Path, sampling: str, distinct: bool, digest: str
) -> None:
    """Digests of what 50 steps gave when every image had to be as large as the patch."""
    for number, (height, width) in enumerate([(24, 40), (33, 29), (64, 48), (41, 52), (30, 30), (57, 26)]):
        row, column = np.mgrid[:height, :width]
        planes = [row * 7 + column * 3 + number * 31, row * column + number * 17, row * 5 ^ column * 11]
        write_png(tmp_path / f"{number}.png", (np.stack(planes, axis=2) % 256).astype(np.uint8))
    pack("six", sorted(tmp_path.glob("*.png")), tmp_path / "packed")
    six = PackedSet(tmp_path / "packed")
    assert six.index.checksum == "4a8cdf1a2e4e80e726b3183a88064f6357081661a755392c52a75ebd00f90dd2"
    crops = sampler(six, seed=5, patch=24, augmentation=FULL, sampling=sampling, distinct_images=distinct)
    found = hashlib.sha256()
    for step in range(50):
        for images in crops.batch(step):
            found.update(images.numpy().tobytes())
    assert found.hexdigest() == digest
