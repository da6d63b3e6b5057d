"""`sr toy`: toy experiments of the papers."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Toy experiments of the papers, in seconds.", no_args_is_help=True)


@app.callback()
def toy() -> None:
    """Toy experiments of the papers, in seconds."""


@app.command()
def swiss_roll(
    output: Annotated[Path, typer.Option(help="Folder for swiss_roll.csv and swiss_roll.png.")],
    steps: Annotated[int, typer.Option(min=1, help="Training batches for each loss.")] = 2000,
    seed: Annotated[int, typer.Option(help="Of the data and of the network.")] = 0,
    beta: Annotated[
        list[float] | None,
        typer.Option(help="Of the best-buddy loss, alpha being 1; repeat for several.  [default: 1, 5]"),
    ] = None,
) -> None:
    """Beby-GAN's Fig. 2: how near to a Swiss roll MAE, MSE and the best-buddy loss put their estimates."""
    from importlib.util import find_spec

    import pandas as pd

    from sr.errors import InputError
    from sr.files import write_text
    from sr.progress import progress
    from sr.toys.swiss_roll import INPUTS, LossName, distance_to_roll
    from sr.toys.swiss_roll import swiss_roll as train
    from sr.toys.swiss_roll_figure import draw

    betas = beta or [1.0, 5.0]
    if min(betas) < 0:
        raise InputError(f"--beta {min(betas):g}: can not be negative; choose 0 or more.")
    variants: dict[str, tuple[LossName, float]] = {"MAE": ("mae", 0.0), "MSE": ("mse", 0.0)}
    variants |= {f"best buddy, beta {value:g}": ("best_buddy", value) for value in betas}
    estimates, tables = {}, []
    with progress("Swiss roll", len(variants)) as report:
        for done, (name, (loss, value)) in enumerate(variants.items(), start=1):
            points = estimates[name] = train(loss, seed, steps, value)
            distances = distance_to_roll(points)
            columns = {"x": INPUTS, "y1": points[:, 0], "y2": points[:, 1], "distance": distances}
            tables.append(pd.DataFrame({key: column.numpy() for key, column in columns.items()}))
            tables[-1].insert(0, "loss", name)
            report(done)
    table = pd.concat(tables)
    write_text(output / "swiss_roll.csv", table.to_csv(index=False, float_format="%.6g"))
    for label, mean in table.groupby("loss", sort=False)["distance"].mean().items():
        typer.echo(f"{label}: mean distance to the roll {mean:.3f}")
    if find_spec("matplotlib"):
        draw(estimates, output / "swiss_roll.png")
    else:
        typer.echo("swiss_roll.png not drawn: matplotlib is not installed (extra `workflow`).")
