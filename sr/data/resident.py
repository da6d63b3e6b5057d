"""A packed training set in the memory of a GPU, which then cuts its crops by itself."""

import numpy as np
import torch

from sr.data.packing import PackedSet

# The rest is for networks, their gradients and the features between them: of an H100's 79 GiB, LDL's SwinIR
# was seen to reserve 65. That admits DIV2K there, and leaves DF2K's 30 GB to the host, which cuts thirty
# times the crops that the quickest step takes.
_SHARE_OF_MEMORY = 0.15
_BYTES_AT_ONCE = 2**28


def fits(packed: PackedSet, device: torch.device) -> bool:
    """Whether a device is a GPU and the set takes so little of its memory that a step never lacks it."""
    if device.type != "cuda":
        return False
    _, total = torch.cuda.mem_get_info(device)
    return sum(len(pixels) for pixels in packed.pixels) <= _SHARE_OF_MEMORY * total


class ResidentSet:
    """All pixels of a packed set on `device`, and where each image begins."""

    def __init__(self, packed: PackedSet, device: torch.device) -> None:
        self.scale = packed.scale
        self._lr, self._hr = (_copied(pixels, device) for pixels in packed.pixels)
        # Rows of LR offset, HR offset, HR height and HR width.
        self._table = torch.from_numpy(packed.table).to(device)

    def crops(self, places: torch.Tensor, patch: int) -> tuple[torch.Tensor, torch.Tensor]:
        """LR and HR crops, N x 3 x height x width, uint8. `places`: what `CropSampler.places` gives, on the
        device. patch: side of the HR crop in pixels.
        """
        image, top, left, flip, turns = places.unbind(1)
        lr_offset, hr_offset, height, width = self._table[image].unbind(1)
        scale, small = self.scale, patch // self.scale
        lr = _cut(self._lr, lr_offset, height // scale, width // scale, top, left, flip, turns, small)
        hr = _cut(self._hr, hr_offset, height, width, top * scale, left * scale, flip, turns, patch)
        return lr, hr


def _cut(
    pixels: torch.Tensor,
    offset: torch.Tensor,
    height: torch.Tensor,
    width: torch.Tensor,
    top: torch.Tensor,
    left: torch.Tensor,
    flip: torch.Tensor,
    turns: torch.Tensor,
    side: int,
) -> torch.Tensor:
    """N squares of `side` pixels from images at `offset` in a row of planes, flipped and then turned.

    All but `pixels` and `side` are N integers.
    """
    height, width, offset, top, left, flip, turns = (
        values.view(-1, 1, 1) for values in (height, width, offset, top, left, flip, turns)
    )
    along = torch.arange(side, device=pixels.device)
    row, column = along.view(1, -1, 1), along.view(1, 1, -1)
    # Where each pixel of the turned square was before: a quarter turn takes (row, column) from
    # (column, side - 1 - row).
    odd, half = (turns % 2).bool(), turns >= 2
    row, column = torch.where(odd, column, row), torch.where(odd, side - 1 - row, column)
    row, column = torch.where(half, side - 1 - row, row), torch.where(half, side - 1 - column, column)
    column = torch.where(flip.bool(), side - 1 - column, column)
    place = offset + (top + row) * width + left + column
    planes = torch.arange(3, device=pixels.device).view(1, 3, 1, 1) * (height * width)[:, None]
    return pixels[place[:, None] + planes]


def _copied(pixels: np.ndarray, device: torch.device) -> torch.Tensor:
    """Bytes of a memory-mapped file, a part at a time."""
    copy = torch.empty(len(pixels), dtype=torch.uint8, device=device)
    for begin in range(0, len(pixels), _BYTES_AT_ONCE):
        part = np.array(pixels[begin : begin + _BYTES_AT_ONCE])
        copy[begin : begin + len(part)] = torch.from_numpy(part).to(device)
    return copy
