"""Crops that a device cuts by itself against those of the host, bit for bit."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sr.data.crops import Augmentation, CropSampler
from sr.data.packer import pack
from sr.data.packing import PackedSet
from sr.data.resident import ResidentSet, fits
from sr.images import write_png

CPU = torch.device("cpu")


@pytest.fixture
def packed(tmp_path: Path) -> PackedSet:
    """Images of different sizes."""
    random = np.random.default_rng(0)
    for number, size in enumerate([(24, 32), (40, 20), (16, 16)]):
        pixels = random.integers(0, 256, (*size, 3), dtype=np.uint8)
        write_png(tmp_path / "images" / f"{number}.png", pixels)
    pack("noise", sorted((tmp_path / "images").iterdir()), tmp_path / "packed")
    return PackedSet(tmp_path / "packed")


@pytest.mark.parametrize("patch", [8, 16])
def test_the_same_crops(packed: PackedSet, patch: int) -> None:
    sampler = CropSampler(
        packed,
        seed=3,
        batch=16,
        patch=patch,
        augmentation=Augmentation(flip=True, rotate=True),
        sampling="area",
        distinct_images=False,
    )
    resident = ResidentSet(packed, CPU)
    seen = set()
    for step in range(10):
        places = sampler.places(step)
        seen |= {(flip, turns) for flip, turns in places[:, 3:].tolist()}
        lr, hr = resident.crops(torch.from_numpy(places), patch)
        expected_lr, expected_hr = sampler.batch(step)
        assert torch.equal(lr, expected_lr)
        assert torch.equal(hr, expected_hr)
    assert len(seen) == 8


def test_places_lie_in_the_image_and_are_the_crops(packed: PackedSet) -> None:
    sampler = CropSampler(
        packed,
        seed=0,
        batch=6,
        patch=8,
        augmentation=Augmentation(flip=False, rotate=False),
        sampling="image",
        distinct_images=False,
    )
    _, hr = sampler.batch(1)
    for crop, (image, top, left, flip, turns) in zip(hr, sampler.places(1).tolist(), strict=True):
        assert (flip, turns) == (0, 0)
        whole = packed.pair(image)[1]
        assert np.array_equal(crop, whole[:, 4 * top : 4 * top + 8, 4 * left : 4 * left + 8])


def test_a_cpu_keeps_the_set_on_disk(packed: PackedSet) -> None:
    assert not fits(packed, CPU)


@pytest.mark.parametrize(("gigabytes", "resident"), [(7, True), (30, False)])
def test_an_h100_keeps_div2k_and_has_room_for_every_step(
    gigabytes: int, resident: bool, packed: PackedSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SwinIR's step with LDL reserves 66,186 MiB there (results/reference/gpu/h100.json)."""
    total = 79 * 2**30
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _device: (total, total))
    monkeypatch.setattr(PackedSet, "pixels", (range(gigabytes * 10**9), range(0)))
    assert fits(packed, torch.device("cuda")) == resident
    assert not resident or gigabytes * 10**9 + 66_186 * 2**20 < total
