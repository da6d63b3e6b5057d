"""Training crops per second: packed and memory-mapped against decoding a PNG for every crop.

The straightforward loader is a torch DataLoader with two workers that opens the image, cuts, flips and
turns it; ours runs in one process. Both give 128x128 HR crops with their 32x32 LR crops.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from benchmarks.report import print_table
from sr.data.crops import Augmentation, CropSampler
from sr.data.packer import pack
from sr.data.packing import PackedSet
from sr.degradation import downscale
from sr.images import write_png

PATCH, BATCH, SCALE = 128, 16, 4
SIZES = {"481x321": (321, 481, 24), "2040x1356": (1356, 2040, 6)}


class DecodingDataset(Dataset):
    """One random crop for each item, decoding the HR and the LR file anew, as most loaders do."""

    def __init__(self, folder: Path, length: int) -> None:
        self.hr = sorted((folder / "HR").iterdir())
        self.length = length
        self.folder = folder

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, item: int) -> tuple[torch.Tensor, torch.Tensor]:
        random = np.random.default_rng(item)
        path = self.hr[int(random.integers(len(self.hr)))]
        hr = np.array(Image.open(path))
        lr = np.array(Image.open(self.folder / "LR" / path.name))
        top = int(random.integers(lr.shape[0] - PATCH // SCALE + 1))
        left = int(random.integers(lr.shape[1] - PATCH // SCALE + 1))
        lr = lr[top : top + PATCH // SCALE, left : left + PATCH // SCALE]
        top, left = top * SCALE, left * SCALE
        hr = hr[top : top + PATCH, left : left + PATCH]
        turns, flip = int(random.integers(4)), bool(random.integers(2))
        pair = [np.rot90(crop[:, ::-1] if flip else crop, turns) for crop in (lr, hr)]
        lr_crop, hr_crop = (torch.from_numpy(crop.transpose(2, 0, 1).copy()).float() / 255 for crop in pair)
        return lr_crop, hr_crop


def main() -> None:
    """Print crops per second of both, for two image sizes."""
    rows = []
    for name, (height, width, count) in SIZES.items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            _write_images(folder, height, width, count)
            pack(name, sorted((folder / "HR").iterdir()), folder / "packed")
            decoding, packed = (
                _decoding_rate(folder, 40 if width > 1000 else 320),
                _packed_rate(folder / "packed"),
            )
            rows.append((name, f"{decoding:.0f}", f"{packed:.0f}", f"{packed / decoding:.0f}x"))
    print_table(
        "training crops of 128x128 per second",
        ("images", "decoding, 2 workers", "packed, 1 process", "ratio"),
        rows,
    )


def _write_images(folder: Path, height: int, width: int, count: int) -> None:
    """Images whose PNGs are about as hard to decode as photographs: smooth shapes with noise on them."""
    random = np.random.default_rng(0)
    for number in range(count):
        coarse = random.integers(0, 256, (height // 40 + 2, width // 40 + 2, 3), dtype=np.uint8)
        smooth = np.array(
            Image.fromarray(coarse).resize((width // 4 * 4, height // 4 * 4), Image.Resampling.BICUBIC)
        )
        noisy = np.clip(smooth + random.normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)
        write_png(folder / "HR" / f"{number}.png", noisy)
        write_png(folder / "LR" / f"{number}.png", downscale(noisy, SCALE))


def _decoding_rate(folder: Path, length: int) -> float:
    loader = DataLoader(DecodingDataset(folder, length + BATCH), BATCH, num_workers=2)
    batches = iter(loader)
    next(batches)  # the workers' start is not the loader's speed
    started = time.perf_counter()
    crops = sum(len(hr) for _, hr in batches)
    return crops / (time.perf_counter() - started)


def _packed_rate(folder: Path) -> float:
    sampler = CropSampler(
        PackedSet(folder),
        seed=0,
        batch=BATCH,
        patch=PATCH,
        augmentation=Augmentation(True, True),
        sampling="image",
        distinct_images=False,
    )
    for step in range(20):
        sampler.batch(step)
    torch.set_num_threads(1)
    started, steps = time.perf_counter(), 300
    for step in range(steps):
        lr, hr = sampler.batch(step)
        lr.float().div_(255), hr.float().div_(255)
    return steps * BATCH / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
