"""Who tells of images that are to be trained on whether they are test images: what packing asks."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sr.images import Pixels


class Judge(Protocol):
    """Tells whether an image is also a test image.

    compared_with: benchmarks (name -> checksum). signature_size: bytes of a signature.
    """

    compared_with: dict[str, str]
    signature_size: int

    def signature(self, pixels: Pixels) -> NDArray[np.uint8]:
        """What is kept of an image for later comparisons."""
        ...

    def twins(
        self, signatures: NDArray[np.uint8], readers: Sequence[Callable[[], Pixels]]
    ) -> list[str | None]:
        """For each of n images the test image that it shows, as BENCHMARK/IMAGE; None for none.

        signatures: n x bytes. readers: what gives an image's pixels (height x width x 3).
        """
        ...


class NoJudge:
    """Where there is nothing to compare with."""

    signature_size = 0

    def __init__(self) -> None:
        self.compared_with: dict[str, str] = {}

    def signature(self, pixels: Pixels) -> NDArray[np.uint8]:  # noqa: ARG002
        """Nothing."""
        return np.zeros(0, np.uint8)

    def twins(
        self,
        signatures: NDArray[np.uint8],  # noqa: ARG002
        readers: Sequence[Callable[[], Pixels]],
    ) -> list[str | None]:
        """None."""
        return [None] * len(readers)
