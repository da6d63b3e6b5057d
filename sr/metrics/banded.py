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

# Outputs of a block, down the rows and along the columns: of the sizes that were measured those with which
# products of float64 are quickest (with AVX-512).
ROWS, COLUMNS = 8, 24


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

    def matrix(self, outputs: int) -> torch.Tensor:
        """outputs x (step x outputs + margin)."""
        matrix = np.zeros((outputs, self.step * outputs + self.margin))
        for row in range(outputs):
            matrix[row, self.step * row : self.step * row + len(self.weights)] = self.weights
        return torch.from_numpy(matrix).to(self.dtype)

    @cached_property
    def _copies(self) -> dict[torch.device, tuple[torch.Tensor, torch.Tensor]]:
        return {}

    def matrices_on(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """Those of rows and columns on a device, copied there once: else every call would make a GPU wait."""
        if device not in self._copies:
            self._copies[device] = self.matrix(ROWS).to(device), self.matrix(COLUMNS).to(device)
        return self._copies[device]

    def padded(self, plane: torch.Tensor, around: int = 0) -> torch.Tensor:
        """Zeros around a plane, and below and on the right as many more as whole blocks take."""
        below, right = (
            around + (self.margin - size - 2 * around) % (self.step * block)
            for size, block in zip(plane.shape, (ROWS, COLUMNS), strict=True)
        )
        return functional.pad(plane, (around, right, around, below))

    def __call__(self, plane: torch.Tensor) -> torch.Tensor:
        """Filter rows and columns where the window lies inside the plane, on the plane's device.

        plane: contiguous; height step x (a multiple of ROWS) + margin, width likewise of COLUMNS.
        Returns the result cut into blocks of columns: blocks x rows x COLUMNS.
        """
        down, along = self.matrices_on(plane.device)
        height, width = plane.shape
        advance = self.step * ROWS
        count = (height - self.margin) // advance
        windows = plane.as_strided((count, down.shape[1], width), (advance * width, width, 1))
        rows = torch.matmul(down, windows).view(count * ROWS, width)
        advance = self.step * COLUMNS
        count = (width - self.margin) // advance
        windows = rows.as_strided((count, len(rows), along.shape[1]), (advance, width, 1))
        return torch.matmul(windows, along.T)


def gaussian(size: int, sigma: float) -> NDArray[np.float64]:
    """A Gaussian window of `size` taps with sum one; its outer product is MATLAB's `fspecial`."""
    offsets: NDArray[Any] = np.arange(size) - size // 2
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    return weights / weights.sum()


def columns_joined(blocks: torch.Tensor) -> torch.Tensor:
    """Blocks of columns (blocks x rows x COLUMNS) back to a contiguous plane, rows x columns."""
    return blocks.transpose(0, 1).reshape(blocks.shape[1], -1)
