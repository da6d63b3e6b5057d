"""The crops of each step, on the device where they are needed when they are needed."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import torch

from sr.data.crops import CropSampler
from sr.data.resident import ResidentSet, fits
from sr.distributed import share
from sr.errors import InputError

# What is sent to the device for one micro-batch, of the same shapes in every step.
Sent = tuple[torch.Tensor, ...]


@dataclass(frozen=True)
class Crops:
    """One micro-batch: lr and hr N x 3 x H x W in [0, 1], mixing N uniform draws in [0, 1)."""

    lr: torch.Tensor
    hr: torch.Tensor
    mixing: torch.Tensor


class Cutter(Protocol):
    """Where crops are cut. mixing goes along with what a cutter sends."""

    def send(self, step: int, part: slice) -> Sent:
        """What the device is to be given for a part of a step's batch, in the host's memory."""
        ...

    def cut(self, sent: Sent) -> tuple[torch.Tensor, torch.Tensor]:
        """LR and HR crops as bytes, on the device, of what was sent there."""
        ...


class OnHost:
    """Cuts in the host's memory and sends pixels."""

    def __init__(self, sampler: CropSampler) -> None:
        self.sampler = sampler

    def send(self, step: int, part: slice) -> Sent:
        return self.sampler.batch(step, part)

    def cut(self, sent: Sent) -> tuple[torch.Tensor, torch.Tensor]:
        lr, hr = sent
        return lr, hr


class OnDevice:
    """Cuts on the device, which holds the whole set, and sends only where: the same crops bit for bit."""

    def __init__(self, sampler: CropSampler, device: torch.device) -> None:
        self.sampler = sampler
        self.images = ResidentSet(sampler.packed, device)

    def send(self, step: int, part: slice) -> Sent:
        return (torch.from_numpy(self.sampler.places(step)[part]),)

    def cut(self, sent: Sent) -> tuple[torch.Tensor, torch.Tensor]:
        return self.images.crops(sent[0], self.sampler.patch)


class Feed:
    """This process' share of every batch, in micro-batches; the next one is sent while a step runs.

    `send` puts a step's crops, or the places to cut them from, into memory of the device that stays the same;
    `crops` makes images of what lies there, by operations of the device alone.
    micro_batch: images at a time, or None for the whole share. layout: of the images in memory.
    Raises InputError when the batch, or the share, can not be divided equally.
    """

    def __init__(
        self,
        sampler: CropSampler,
        micro_batch: int | None,
        device: torch.device,
        layout: torch.memory_format = torch.contiguous_format,
    ) -> None:
        self.sampler = sampler
        self.device = device
        self.layout = layout
        self.slices = _slices(share(sampler.size), micro_batch)
        self._cutter: Cutter = OnDevice(sampler, device) if fits(sampler.packed, device) else OnHost(sampler)
        self._worker = ThreadPoolExecutor(1, "crops", initializer=_use, initargs=(device,))
        self._next: tuple[int, Future[list[Sent]]] | None = None
        self._received: list[Sent] = []

    def send(self, step: int) -> None:
        """Put the crops of a step where `crops` looks, and begin to prepare those of the next."""
        expected, self._next = self._next, None
        sent = expected[1].result() if expected and expected[0] == step else self._prepared(step)
        self._next = (step + 1, self._worker.submit(self._prepared, step + 1))
        if not self._received:
            self._received = [
                tuple(torch.empty_like(values, device=self.device) for values in micro) for micro in sent
            ]
        for ours, theirs in zip(self._received, sent, strict=True):
            for mine, values in zip(ours, theirs, strict=True):
                mine.copy_(values, non_blocking=True)

    def crops(self) -> Sequence[Crops]:
        """The micro-batches of the step that was sent last."""
        return [self._images(*micro) for micro in self._received]

    def _prepared(self, step: int) -> list[Sent]:
        """What is to be sent for a step, in memory that a GPU can copy from by itself."""
        sent = [(*self._cutter.send(step, part), self.sampler.mixing(step, part)) for part in self.slices]
        if self.device.type != "cuda":
            return sent
        return [tuple(values.pin_memory() for values in micro) for micro in sent]

    def _images(self, *received: torch.Tensor) -> Crops:
        *sent, mixing = received
        lr, hr = (self._as_floats(pixels) for pixels in self._cutter.cut(tuple(sent)))
        return Crops(lr, hr, mixing)

    def _as_floats(self, pixels: torch.Tensor) -> torch.Tensor:
        return pixels.float().div_(255.0).contiguous(memory_format=self.layout)


def _use(device: torch.device) -> None:
    """A thread begins with the first GPU, and memory it pins would be that one's."""
    if device.index is not None:
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
