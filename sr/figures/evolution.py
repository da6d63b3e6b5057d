"""SRGAN, Fig. 8: one crop, reconstructed by the generators that were kept on the way."""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.nn import Module

from sr.data.assets import Assets
from sr.figures.crops import RULE, Crop, choose
from sr.figures.figure import Description, drawing, write_figure
from sr.figures.material import Material, Missing, budgets, warning, with_budget
from sr.figures.panels import show
from sr.images import Pixels, as_rgb, read_image
from sr.inference.reconstruction import by_generator
from sr.scoring.protocol import load_protocol
from sr.scoring.scoring import score_image
from sr.weights.generators import load_run, load_weights

_RECIPE = "srgan_vgg54_evolution"
_COLUMNS = 6
_MOST = 11  # panels of generators; with the original, two full rows


@dataclass(frozen=True)
class Moment:
    """What the generator made of the image after some steps, and its PSNR under the paper's protocol."""

    step: int
    output: Pixels
    psnr: float


def draw(material: Material, name: str) -> None:
    """Start, kept generators, original. Raises Missing when the run or its kept generators are not there."""
    source = material.trained(_RECIPE)
    folder = material.run_folder(source)
    kept = kept_weights(folder / "kept")
    if not kept:
        raise Missing(f"{folder / 'kept'} holds no generators; the run kept none on its way")
    generator, record = load_run(folder)
    start = material.trained(record.start or "")
    benchmark = material.common_benchmark([start, source])
    image, crop = choose(material, benchmark, [start, source])
    outputs = {0: material.reconstruction(start, benchmark, image)}
    outputs |= _outputs(material.low_resolution(benchmark, image), generator, thinned(kept, _MOST - 1))
    moments = [Moment(step, made, _psnr(material, benchmark, image, made)) for step, made in outputs.items()]
    data = table(moments, crop).assign(benchmark=benchmark, image=image)
    description = Description(
        title=with_budget(f"Evolution of the SRGAN generator on {image} of {benchmark}", [source]),
        paper="srgan",
        place="Fig. 8",
        caption="The first panel is the network that training begins with, the others the generators kept"
        f" every {kept_every(kept)} iterations{_left_out(kept)}. {RULE} Compared are the first and the last"
        " generator. PSNR: of the whole image, under the paper's protocol; change: mean absolute difference"
        " of the crop to the panel before, in grey levels." + warning([source]),
        budgets=budgets([source]),
    )
    original = crop.of(material.original(benchmark, image))
    _draw(moments, crop, original, data, description, material.output(name))


def kept_weights(folder: Path) -> dict[int, Path]:
    """step -> the generator's weights kept after it, in order."""
    found = ((re.fullmatch(r"step(\d+)\.safetensors", path.name), path) for path in folder.glob("step*"))
    return dict(sorted((int(match[1]), path) for match, path in found if match))


def kept_every(kept: dict[int, Path]) -> int:
    """The steps between two kept generators; of a single one, those before it."""
    steps = list(kept)
    return steps[1] - steps[0] if len(steps) > 1 else steps[0]


def thinned(kept: dict[int, Path], most: int) -> dict[int, Path]:
    """At most so many of them, evenly spread, the last one always among them."""
    steps = list(kept)
    count = min(most, len(steps))
    chosen = {steps[round((number + 1) * len(steps) / count) - 1] for number in range(count)}
    return {step: path for step, path in kept.items() if step in chosen}


def table(moments: list[Moment], crop: Crop) -> pd.DataFrame:
    """A row a moment: its PSNR and the mean absolute change of the crop since the one before."""
    parts = [crop.of(moment.output).astype(np.float64) for moment in moments]
    changes = [np.abs(part - before).mean() for before, part in pairwise(parts)]
    return pd.DataFrame(
        {
            "step": [moment.step for moment in moments],
            "psnr": [moment.psnr for moment in moments],
            "change": [None, *changes],
            "left": crop.left,
            "top": crop.top,
            "width": crop.width,
            "height": crop.height,
        }
    )


def _outputs(lr: Pixels, generator: Module, kept: dict[int, Path]) -> dict[int, Pixels]:
    """step -> what the generator with the weights kept then makes of an image, height x width x 3."""
    generator = generator.to("cuda" if torch.cuda.is_available() else "cpu")
    outputs = {}
    for step, path in kept.items():
        load_weights(generator, path)
        outputs[step] = as_rgb(by_generator(generator)(lr))
    return outputs


def _psnr(material: Material, benchmark: str, image: str, output: Pixels) -> float:
    original = read_image(material.benchmark_folder / benchmark / "HR" / f"{image}.png")
    protocol = load_protocol(material.paper)
    return score_image(output, original, protocol, Assets.from_environment(), ["PSNR"])["PSNR"]


def _left_out(kept: dict[int, Path]) -> str:
    shown = len(thinned(kept, _MOST - 1))
    return f" ({shown} of {len(kept)}, evenly spread)" if shown < len(kept) else ""


def _draw(
    moments: list[Moment],
    crop: Crop,
    original: Pixels,
    data: pd.DataFrame,
    description: Description,
    output: Path,
) -> None:
    columns = min(_COLUMNS, len(moments) + 1)
    rows = -(-(len(moments) + 1) // columns)
    with drawing(1.45 * columns, 1.95 * rows + 0.3, nrows=rows, ncols=columns, squeeze=False) as (
        figure,
        axes,
    ):
        for axis in axes.flat:
            axis.axis("off")
        for axis, moment, row in zip(axes.flat, moments, data.itertuples(), strict=False):
            above = f"iteration {moment.step:,}" if moment.step else "start"
            change = f"\nchange {row.change:.1f}" if moment.step else "\n"
            show(axis, crop.of(moment.output), above, f"{moment.psnr:.2f} dB{change}")
        show(axes.flat[len(moments)], original, "HR", "\n")
        figure.suptitle(description.title, fontsize=9)
        write_figure(figure, data, description, output)
