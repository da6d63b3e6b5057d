"""Beby-GAN, Fig. 2: where MAE, MSE and the best-buddy loss put their estimates on a Swiss roll."""

from pathlib import Path

import pandas as pd
from torch import Tensor

from sr.figures.figure import COLOURS, MARKERS, Description, drawing, write_figure
from sr.toys.swiss_roll import INPUTS, LossName, curve, distance_to_roll, swiss_roll

# Half of what `sr toy swiss-roll` spends; mean distances differ by less than 0.03 from twice as many.
_STEPS, _SEED = 1000, 0

# Name -> loss and beta, alpha being 1.
_LOSSES: dict[str, tuple[LossName, float]] = {
    "MAE": ("mae", 0.0),
    "MSE": ("mse", 0.0),
    "best buddy, beta = alpha": ("best_buddy", 1.0),
    "best buddy, beta = 5 alpha": ("best_buddy", 5.0),
}
_CAPTION = (
    "Two numbers on a Swiss roll (grey) are estimated from their mean x = -7, ..., 7. The size of the roll,"
    " the network, its training and the loss's alpha and beta are unstated and chosen here; what comes out"
    f" depends on beta. {_STEPS} batches, seed {_SEED}. Right: distance of each estimate to the roll."
)


def draw(output: Path) -> None:
    """Train the four small networks and write the figure."""
    write(
        {name: swiss_roll(loss, _SEED, _STEPS, beta) for name, (loss, beta) in _LOSSES.items()},
        output,
    )


def write(estimates: dict[str, Tensor], output: Path) -> None:
    """The figure of estimates (15 x 2) by the name of their loss."""
    data = pd.concat([_rows(name, points) for name, points in estimates.items()], ignore_index=True)
    description = Description("The best-buddy loss on a Swiss roll", "beby", "Fig. 2", _CAPTION)
    with drawing(9.0, 4.6, ncols=2) as (figure, (left, right)):
        left.plot(*curve(1000).T, color="#cccccc", linewidth=5, zorder=0)
        for number, (name, rows) in enumerate(data.groupby("loss", sort=False)):
            style = {"color": COLOURS[number], "marker": MARKERS[number], "markersize": 5}
            left.plot(rows["y1"], rows["y2"], linestyle="none", **style)
            label = f"{name}: mean {rows['distance'].mean():.2f}"
            right.plot(rows["x"], rows["distance"], linewidth=0.8, label=label, **style)
        left.set(xlabel="y1", ylabel="y2", aspect="equal")
        right.set(xlabel="x = (y1 + y2) / 2", ylabel="distance to the roll")
        right.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=8)
        figure.suptitle(description.title, fontsize=10)
        write_figure(figure, data, description, output)


def _rows(name: str, points: Tensor) -> pd.DataFrame:
    distances = distance_to_roll(points)
    columns = {"x": INPUTS, "y1": points[:, 0], "y2": points[:, 1], "distance": distances}
    table = pd.DataFrame({key: column.numpy() for key, column in columns.items()})
    table.insert(0, "loss", name)
    return table
