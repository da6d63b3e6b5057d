"""The picture of the Swiss-roll toy, as Beby-GAN's Fig. 2 draws it."""

from pathlib import Path

import torch

from sr.errors import InputError
from sr.files import atomic_path
from sr.toys.swiss_roll import curve

_MARKERS = ("^", "*", "+", "x", "o", "s")


def draw(estimates: dict[str, torch.Tensor], path: Path) -> None:
    """The roll in grey and each loss's estimates (15 x 2, under its name) on it, as a PNG.

    Raises InputError when matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise InputError(f"{path}: needs matplotlib; pip install 'sr-replications[workflow]'.") from None

    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(*curve(1000).T, color="lightgrey", linewidth=6, zorder=0)
    for number, (name, points) in enumerate(estimates.items()):
        axes.plot(*points.T, _MARKERS[number % len(_MARKERS)], label=name)
    axes.set(xlabel="y1", ylabel="y2", aspect="equal")
    axes.legend()
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=150)
