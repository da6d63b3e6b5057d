"""Separable filters as products with banded matrices, many times quicker than sliding a window.

A filter of `taps` weights that moves by `step` turns step x block + margin neighbouring samples into
`block` outputs, and that is a product with one small matrix, the same for every block.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

BLOCK = 16


@dataclass(frozen=True, eq=False)
class Banded:
    """One filter for both axes. weights: its taps; step: 1 to filter, 2 to halve the size as well."""

    weights: NDArray[np.float64]
    step: int
    dtype: torch.dtype

    @property
    def margin(self) -> int:
        """Samples that an axis needs beyond step x outputs."""
        return len(self.weights) - self.step

    @cached_property
    def matrix(self) -> torch.Tensor:
        """BLOCK x (step x BLOCK + margin)."""
        matrix = np.zeros((BLOCK, self.step * BLOCK + self.margin))
        for row in range(BLOCK):
            matrix[row, self.step * row : self.step * row + len(self.weights)] = self.weights
        return torch.from_numpy(matrix).to(self.dtype)

    @cached_property
    def _copies(self) -> dict[torch.device, torch.Tensor]:
        return {self.matrix.device: self.matrix}

    def matrix_on(self, device: torch.device) -> torch.Tensor:
        """The matrix on a device, copied there once: a copy in every call would make the GPU wait for it."""
        if device not in self._copies:
            self._copies[device] = self.matrix.to(device)
        return self._copies[device]

    def padded(self, plane: torch.Tensor, around: int = 0) -> torch.Tensor:
        """Zeros around a plane, and below and on the right as many more as whole blocks take."""
        below, right = (
            around + (self.margin - size - 2 * around) % (self.step * BLOCK) for size in plane.shape
        )
        return functional.pad(plane, (around, right, around, below))

    def __call__(self, plane: torch.Tensor) -> torch.Tensor:
        """Filter rows and columns where the window lies inside the plane, on the plane's device.

        plane: contiguous, both sides step x (a multiple of BLOCK) + margin.
        Returns the result cut into blocks of columns: blocks x rows x BLOCK.
        """
        matrix, advance = self.matrix_on(plane.device), self.step * BLOCK
        height, width = plane.shape
        count = (height - self.margin) // advance
        windows = plane.as_strided((count, matrix.shape[1], width), (advance * width, width, 1))
        rows = torch.matmul(matrix, windows).view(count * BLOCK, width)
        count = (width - self.margin) // advance
        windows = rows.as_strided((count, len(rows), matrix.shape[1]), (advance, width, 1))
        return torch.matmul(windows, matrix.T)


def gaussian(size: int, sigma: float) -> NDArray[np.float64]:
    """A Gaussian window of `size` taps with sum one; its outer product is MATLAB's `fspecial`."""
    offsets: NDArray[Any] = np.arange(size) - size // 2
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    return weights / weights.sum()


def columns_joined(blocks: torch.Tensor) -> torch.Tensor:
    """Blocks of columns (blocks x rows x BLOCK) back to a contiguous plane, rows x columns."""
    return blocks.transpose(0, 1).reshape(blocks.shape[1], -1)
