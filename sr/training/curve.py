"""The training curve: one row each time a run is checked."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sr.files import write_text

_FIRST = ("step", "seconds", "images_per_second", "learning_rate")
_LAST = ("validation_psnr", "validation_lpips")


def write_curve(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows as CSV: step, time, learning rate, named losses, validation; what is missing is empty."""
    # The first row, before any step, has no losses.
    losses = [name for name in rows[-1] if name not in _FIRST + _LAST]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*_FIRST, *losses, *_LAST], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _number(value) for name, value in row.items()})
    write_text(path, text.getvalue())


def _number(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value
