"""Figures that Beby-GAN has alone: the best-buddy loss on a Swiss roll (Fig. 2), error maps (Fig. 5),
and what its adversarial game sees of originals (supplement, Fig. 7 to 9).

The Swiss roll is super-resolution of two numbers, in seconds.
HR data are points y = (y1, y2) on a Swiss roll, the LR datum is x = (y1 + y2) / 2. Several arms of the roll
share an x, so an average of them lies between the arms. The paper gives the task and the test inputs
x = -7, ..., 7; the size of the roll, the network, its training and the loss's alpha and beta are unstated
and chosen here.

What comes out depends on beta. With beta = alpha, the paper's choice for images, the best-buddy loss is
no nearer to the roll than MAE, whose median lies on the middle arm where their number is odd. The larger
beta, the more often an estimate may settle on an arm; with beta = 5 alpha it comes out as in the figure.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from sr.figure_facts import Fact
from sr.figures.crops import RULE, Crop, choose
from sr.figures.figure import Description, Missing, drawing, write_figure
from sr.figures.own import OwnFigure
from sr.figures.panels import show
from sr.figures.paper_results import PaperResults
from sr.figures.style import COLOURS, MARKERS, head_line
from sr.images import Pixels, to_tensor
from sr.losses.batch import Batch
from sr.losses.best_buddy import best_buddies
from sr.losses.region_mask import RegionMask
from sr.recipes.recipe import load_recipe

LossName = Literal["mae", "mse", "best_buddy"]
INPUTS = torch.arange(-7.0, 8.0)

# Radius t at angle t: one and a half turns, whose x includes all test inputs.
_FIRST, _LAST = 1.5 * math.pi, 4.5 * math.pi
_BATCH, _HIDDEN, _LEARNING_RATE = 512, 128, 1e-3

# Mean distances differ by less than 0.03 from those of twice as many.
_STEPS, _SEEDS = 1000, (0, 1)

# Name -> loss and beta, alpha being 1.
_TRAINED_WITH: dict[str, tuple[LossName, float]] = {
    "MAE": ("mae", 0.0),
    "MSE": ("mse", 0.0),
    "best buddy, beta = alpha": ("best_buddy", 1.0),
    "best buddy, beta = 5 alpha": ("best_buddy", 5.0),
}
_CAPTION = (
    "Two numbers on a Swiss roll (grey) are estimated from their mean x = -7, ..., 7. The size of the roll,"
    " the network, its training and the loss's alpha and beta are unstated and chosen here; what comes out"
    f" depends on beta. {_STEPS} batches, seed {_SEEDS[0]}. Right: distance of each estimate to the roll."
)

_RECIPES = {"with": "bebygan", "without": "bebygan_without_back_projection"}

# The ticks of the paper's colour bar. Maps are drawn between them on a logarithmic scale, or beyond.
_LOW, _HIGH = 0.01, 0.1


def swiss_roll(losses: Sequence[tuple[LossName, float]], seed: int, steps: int) -> list[Tensor]:
    """Train a small network with each of some losses for `steps` batches; of each its estimates (15 x 2) for
    x = -7, ..., 7.

    losses: names, each with beta, the best-buddy loss's alpha being 1; the others have none. All begin with
    the same weights, see the same batches and learn beside each other, which changes nothing but the time.
    """
    random = torch.Generator().manual_seed(seed)
    networks = _Networks(len(losses), random)
    optimiser = torch.optim.Adam(networks.parameters(), lr=_LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        truths = roll(_FIRST + (_LAST - _FIRST) * torch.rand(_BATCH, generator=random))
        found = zip(losses, networks(truths.mean(dim=1, keepdim=True)), strict=True)
        optimiser.zero_grad()
        # No parameter belongs to two of them: the sum's gradient is each loss's own.
        torch.stack(
            [_loss(name, estimates, truths, beta) for (name, beta), estimates in found]
        ).sum().backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        return list(networks(INPUTS[:, None]))


def curve(points: int) -> Tensor:
    """The roll itself as that many points, from its inner end to its outer one (points x 2)."""
    return roll(torch.linspace(_FIRST, _LAST, points))


def roll(angles: Tensor) -> Tensor:
    """The points (t cos t, t sin t) for N angles t, N x 2."""
    return torch.stack([angles * angles.cos(), angles * angles.sin()], dim=1)


def distance_to_roll(points: Tensor) -> Tensor:
    """Distance of each of N x 2 points to the nearest point of the roll."""
    # By differences: cdist's product of many rows would round small distances away.
    distances = torch.cdist(points, curve(50_000), compute_mode="donot_use_mm_for_euclid_dist")
    return distances.amin(dim=1)


def _loss(name: LossName, estimates: Tensor, truths: Tensor, beta: float) -> Tensor:
    if name == "mae":
        return functional.l1_loss(estimates, truths)
    if name == "mse":
        return functional.mse_loss(estimates, truths)
    # The batch stands for the image: its points are the candidates, each a patch of two values.
    buddies = best_buddies(estimates[None], truths[None], truths[None], alpha=1.0, beta=beta)
    return functional.l1_loss(estimates, buddies[0])


class _Networks(nn.Module):
    """Equal networks from x to (y1, y2), N x 1 to count x N x 2, with torch's usual initialisation drawn from
    `random`.
    """

    def __init__(self, count: int, random: torch.Generator) -> None:
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for inputs, outputs in pairwise((1, _HIDDEN, _HIDDEN, 2)):
            bound = 1 / math.sqrt(inputs)
            for kept, shape in ((self.weights, (inputs, outputs)), (self.biases, (1, outputs))):
                drawn = torch.empty(shape).uniform_(-bound, bound, generator=random)
                kept.append(nn.Parameter(drawn.repeat(count, 1, 1)))

    def forward(self, x: Tensor) -> Tensor:
        features = x.expand(len(self.weights[0]), *x.shape)
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            features = torch.baddbmm(bias, features.relu() if number else features, weight)
        return features


def draw_swiss_roll(_results: PaperResults, output: Path) -> None:
    """Train the four small networks, each from two seeds, and write the figure; no results are needed."""
    of_seeds = [swiss_roll(list(_TRAINED_WITH.values()), seed, _STEPS) for seed in _SEEDS]
    trained = {
        name: list(each) for name, each in zip(_TRAINED_WITH, zip(*of_seeds, strict=True), strict=True)
    }
    facts = {
        f"mean distance to the roll, {name}": Fact(
            tuple(float(distance_to_roll(points).mean()) for points in each), trained=True
        )
        for name, each in trained.items()
    }
    write_swiss_roll({name: each[0] for name, each in trained.items()}, output, facts)


def write_swiss_roll(
    estimates: dict[str, Tensor], output: Path, facts: Mapping[str, Fact] | None = None
) -> None:
    """The figure of estimates (15 x 2) by the name of their loss."""
    data = pd.concat([_rows(name, points) for name, points in estimates.items()], ignore_index=True)
    description = Description(
        f"On a Swiss roll: {roll_finding(data)}", "beby", "Fig. 2", _CAPTION, facts=facts or {}
    )
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
        head_line(figure, description.title)
        write_figure(figure, data, description, output)


def roll_finding(data: pd.DataFrame) -> str:
    """Which loss's estimates lie nearest to the roll on average, and which furthest away."""
    means = data.groupby("loss", sort=False)["distance"].mean().sort_values()
    return (
        f"estimates of {means.index[0]} lie nearest to the roll ({means.iloc[0]:.2f} away on average),"
        f" those of {means.index[-1]} furthest ({means.iloc[-1]:.2f})"
    )


def _rows(name: str, points: Tensor) -> pd.DataFrame:
    distances = distance_to_roll(points)
    columns = {"x": INPUTS, "y1": points[:, 0], "y2": points[:, 1], "distance": distances}
    table = pd.DataFrame({key: column.numpy() for key, column in columns.items()})
    table.insert(0, "loss", name)
    return table


def error_map(output: Pixels, original: Pixels) -> NDArray[np.float64]:
    """L2 norm over the colours of the difference of two uint8 images, in units of white: height x width."""
    difference = (output.astype(np.float64) - original.astype(np.float64)) / 255.0
    errors: NDArray[np.float64] = np.sqrt(np.square(difference).sum(axis=2))
    return errors


def draw_error_maps(results: PaperResults, output: Path) -> None:
    """The crop in which the two outputs differ most. Raises Missing when one of the two was not trained."""
    sources = {key: results.trained(recipe) for key, recipe in _RECIPES.items()}
    benchmark = results.common_benchmark(list(sources.values()))
    image, crop = choose(results, benchmark, list(sources.values()))
    original = crop.of(results.original(benchmark, image))
    outputs = {
        key: crop.of(results.reconstruction(source, benchmark, image)) for key, source in sources.items()
    }
    maps = {key: error_map(output, original) for key, output in outputs.items()}
    used = list(sources.values())
    description = Description(
        title=f"Beby-GAN on {image} of {benchmark}: {errors_finding(maps)}",
        paper="beby",
        place="Fig. 5",
        caption=f"L2 norm over the colours of output minus original (white is 1). {RULE} The image of the"
        f" paper is not named; the colours span the ticks of its colour bar, {_LOW:g} to {_HIGH:g}, and"
        " more where more than 1 % of the errors are larger. Below the original the one map minus the other:"
        " blue where the back-projection loss helps.",
    ).of(used)
    _draw_errors(original, outputs, maps, crop, description, output)


def errors_finding(maps: dict[str, NDArray[np.float64]]) -> str:
    """By how much the mean error of the crop is smaller, or larger, with the back-projection loss."""
    with_it, without = float(maps["with"].mean()), float(maps["without"].mean())
    change = with_it / without - 1 if without else 0.0
    if not round(100 * change):
        return "with the back-projection loss the crop's errors are as large"
    word = "larger" if change > 0 else "smaller"
    return f"with the back-projection loss the crop's errors are {abs(change):.0%} {word}"


def error_table(maps: dict[str, NDArray[np.float64]], crop: Crop) -> pd.DataFrame:
    """A row for each pixel of the crop, at its place in the image, with the error of each map."""
    rows, columns = np.mgrid[crop.top : crop.top + crop.height, crop.left : crop.left + crop.width]
    data = pd.DataFrame({"x": columns.ravel(), "y": rows.ravel()})
    for key, errors in maps.items():
        data[key] = errors.ravel().round(5)
    return data


def _draw_errors(
    original: Pixels,
    outputs: dict[str, Pixels],
    maps: dict[str, NDArray[np.float64]],
    crop: Crop,
    description: Description,
    output: Path,
) -> None:
    with drawing(7.2, 5.4, nrows=2, ncols=3) as (figure, axes):
        from matplotlib.colors import LogNorm

        show(axes[0, 0], original, "HR", "")
        change = maps["with"] - maps["without"]
        limit = max(float(np.quantile(np.abs(change), 0.99)), 1e-6)
        below = f"with minus without: mean {change.mean():+.4f}"
        drawn = show(axes[1, 0], change, "", below, cmap="RdBu_r", vmin=-limit, vmax=limit)
        figure.colorbar(
            drawn, ax=axes[1, 0], orientation="horizontal", ticks=[-limit, 0, limit], format="%.2g"
        )
        highest = _highest(maps)
        scale = LogNorm(_LOW, highest, clip=True)
        for axis, (key, errors) in zip(axes[:, 1:].T, maps.items(), strict=True):
            show(axis[0], outputs[key], f"{key} back projection", "")
            drawn = show(axis[1], errors, "", f"error: mean {errors.mean():.4f}", cmap="inferno", norm=scale)
        bar = figure.colorbar(drawn, ax=axes[1, 1:], orientation="horizontal", aspect=40)
        bar.set_ticks([_LOW, 0.03, _HIGH, highest], labels=[_LOW, 0.03, _HIGH, _last(highest)])
        bar.minorticks_off()
        head_line(figure, description.title)
        write_figure(figure, error_table(maps, crop), description, output)


def _highest(maps: dict[str, NDArray[np.float64]]) -> float:
    """The end of the colour scale: the paper's, or what 99 % of the errors stay below."""
    return max(_HIGH, *(float(np.quantile(errors, 0.99)) for errors in maps.values()))


def _last(end: float) -> str:
    """The label at the end of the scale, empty where the paper's last tick already stands there."""
    return f"{end:.2g}" if end > 1.3 * _HIGH else ""


@dataclass(frozen=True)
class Masked:
    """An original, and its pixels in textured regions; the others are black. share: of the pixels kept."""

    benchmark: str
    image: str
    original: Pixels
    masked: Pixels

    @property
    def share(self) -> float:
        """Of the pixels that the adversarial game sees. A black pixel of a texture counts as well."""
        return float((self.masked == self.original).all(axis=2).mean())


def masked(original: Pixels, mask: RegionMask) -> Pixels:
    """The original (uint8, height x width x 3) with its smooth regions black (Eq. 5)."""
    hr = to_tensor(original)[None]
    kept = mask(Batch(hr, hr, hr))[0, 0].numpy() > 0
    return np.where(kept[..., None], original, np.uint8(0))


def draw_region_masks(results: PaperResults, output: Path) -> None:
    """Originals of the first printed benchmark at hand, and what the game sees of them."""
    game = load_recipe("beby/bebygan").losses.relativistic_gan
    way = game.region_mask if game else None
    assert way is not None  # it is the paper's
    if not results.printed_first:
        raise Missing("no benchmark is at hand")
    benchmark, mask, found = results.printed_first[0], way.build(), []
    for image in results.names(benchmark):
        original = results.original(benchmark, image)
        found.append(Masked(benchmark, image, original, masked(original, mask)))
    found.sort(key=lambda one: one.share)
    places = dict.fromkeys(round(part * (len(found) - 1)) for part in (0.0, 0.25, 0.5, 0.75, 1.0))
    shown = [found[place] for place in places]
    data = pd.DataFrame([(one.benchmark, one.image, one.share) for one in found])
    data.columns = pd.Index(["benchmark", "image", "share_kept"])
    description = Description(
        title=f"Originals of {benchmark}: {masks_finding(data)}",
        paper="beby",
        place="supplement, Fig. 7 to 9",
        caption=f"Smooth regions are black: those whose patches of {way.patch} pixels a side deviate by less"
        f" than {way.threshold:g} (Eq. 5). The paper's images are not named: of the benchmark these are the"
        " ones of which least, most, and in even steps between is kept. Nothing is trained for it.",
    )
    with drawing(1.7 * len(shown), 3.6, nrows=2, ncols=len(shown), squeeze=False) as (figure, axes):
        for column, one in enumerate(shown):
            show(axes[0, column], one.original, one.image, "")
            show(axes[1, column], one.masked, "", f"{one.share:.0%} kept")
        head_line(figure, description.title)
        write_figure(figure, data, description, output)


def masks_finding(data: pd.DataFrame) -> str:
    """How much of the originals the game sees: of the least textured, the median and the most textured."""
    low, middle, high = data["share_kept"].quantile([0.0, 0.5, 1.0])
    return f"the game sees {low:.0%} to {high:.0%} of their pixels, {middle:.0%} of the median image"


FIGURES = (
    OwnFigure("swiss_roll", "images", draw_swiss_roll, "Fig. 2: estimates of three losses on a Swiss roll"),
    OwnFigure("error_maps", "images", draw_error_maps, "Fig. 5: errors with and without back projection"),
    OwnFigure("region_masks", "images", draw_region_masks, "supplement, Fig. 7 to 9: originals, masked"),
)
