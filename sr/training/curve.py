"""What a run writes while it trains: curve.csv, stability.csv and, where it is installed, TensorBoard."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sr.csv_text import csv_text
from sr.files import write_text

Row = dict[str, Any]

_FIRST = ("step", "seconds", "images_per_second", "learning_rate")
_LAST = ("validation_psnr", "validation_lpips", "validation_change")
_STABILITY = ("step", "previous_step", "image", "mad")


def write_curve(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as CSV: step, time, learning rate, named losses, validation; what is missing is empty."""
    # The first row, before any step, has no losses.
    losses = [name for name in rows[-1] if name not in _FIRST + _LAST]
    _write(path, [*_FIRST, *losses, *_LAST], rows)


def write_stability(path: Path, rows: Sequence[Row]) -> None:
    """Write how much each validation image changed from one check to the next (MAD: LDL, Fig. 4)."""
    _write(path, _STABILITY, rows)


class Board:
    """TensorBoard's files in `folder`, or nothing where the package is not installed.

    after: the step a run goes on from; what an interrupted run has shown of later steps is hidden.
    """

    def __init__(self, folder: Path, after: int) -> None:
        self._writer: Any = None
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            return
        self._writer = SummaryWriter(str(folder), purge_step=after + 1)

    def add(self, row: Row) -> None:
        """Show a row of the curve."""
        if self._writer is None:
            return
        for name, value in row.items():
            if name != "step" and value is not None:
                self._writer.add_scalar(name, value, row["step"])
        self._writer.flush()

    def close(self) -> None:
        """Let the writer's thread end."""
        if self._writer is not None:
            self._writer.close()


def _write(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    write_text(path, csv_text(columns, [[row.get(name) for name in columns] for row in rows], ".6g"))
