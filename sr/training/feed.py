"""The crops of each step, on the device where they are needed when they are needed."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import torch

from sr.data.crops import CropSampler
from sr.distributed import share
from sr.errors import InputError


@dataclass(frozen=True)
class Crops:
    """One micro-batch: lr and hr N x 3 x H x W in [0, 1], mixing N uniform draws in [0, 1)."""

    lr: torch.Tensor
    hr: torch.Tensor
    mixing: torch.Tensor


class Feed:
    """This process' share of every batch, in micro-batches; the next one is cut while a step runs.

    micro_batch: images at a time, or None for the whole share.
    Raises InputError when the batch, or the share, can not be divided equally.
    """

    def __init__(self, sampler: CropSampler, micro_batch: int | None, device: torch.device) -> None:
        self.sampler = sampler
        self.device = device
        self.slices = _slices(share(sampler.size), micro_batch)
        self._worker = ThreadPoolExecutor(1, "crops", initializer=_use, initargs=(device,))
        self._next: tuple[int, Future[list[Crops]]] | None = None

    def take(self, step: int) -> Sequence[Crops]:
        """The micro-batches of one step."""
        expected, self._next = self._next, None
        crops = expected[1].result() if expected and expected[0] == step else self._cut(step)
        self._next = (step + 1, self._worker.submit(self._cut, step + 1))
        return [self._delivered(micro) for micro in crops]

    def _cut(self, step: int) -> list[Crops]:
        """Cut crops as bytes, in memory that a GPU can copy from by itself."""
        cut = [
            Crops(*self.sampler.batch(step, part), self.sampler.mixing(step, part)) for part in self.slices
        ]
        if self.device.type != "cuda":
            return cut
        return [Crops(one.lr.pin_memory(), one.hr.pin_memory(), one.mixing.pin_memory()) for one in cut]

    def _delivered(self, crops: Crops) -> Crops:
        lr, hr, mixing = (
            values.to(self.device, non_blocking=True) for values in (crops.lr, crops.hr, crops.mixing)
        )
        return Crops(self._images(lr), self._images(hr), mixing)

    def _images(self, pixels: torch.Tensor) -> torch.Tensor:
        return pixels.float().div_(255.0).contiguous(memory_format=memory_format(self.device))


def memory_format(device: torch.device) -> torch.memory_format:
    """Layout of images and convolution weights: GPUs convolve faster with the channels last."""
    return torch.channels_last if device.type == "cuda" else torch.contiguous_format


def _use(device: torch.device) -> None:
    """A thread begins with the first GPU, and memory it pins would be that one's."""
    if device.type == "cuda":
        torch.cuda.set_device(device)


def _slices(part: slice, micro_batch: int | None) -> list[slice]:
    images = part.stop - part.start
    size = micro_batch or images
    if images % size:
        raise InputError(
            f"--micro-batch {size} does not divide the {images} images that each process trains on in a step;"
            " choose a divisor."
        )
    return [slice(begin, begin + size) for begin in range(part.start, part.stop, size)]
