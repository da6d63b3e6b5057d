"""Crops are aligned, augmented as told, and depend on seed, step and index alone."""

import numpy as np
import pytest
import torch

from sr.data.crops import Augmentation, CropSampler
from sr.data.packing import PackedSet, pack
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
        ({"patch": 52}, r"image 0 \(64x48\) is smaller than the 52 px patch"),
    ],
)
def test_refuses(packed: PackedSet, changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sampler(packed, **changes)


def test_repeats_images_only_when_told(packed: PackedSet) -> None:
    assert sampler(packed, batch=16, distinct_images=False).batch(0)[1].shape[0] == 16
