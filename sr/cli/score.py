"""`sr score`: measure a folder of images as one of the papers does."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sr.cli.data import MirrorOption

if TYPE_CHECKING:
    from sr.scoring.scoring import Scores


def score(
    sr: Annotated[
        list[Path],
        typer.Option(help="Folder of reconstructions, named as the originals; repeat it for several."),
    ],
    hr: Annotated[Path, typer.Option(help="Folder of originals.")],
    protocol: Annotated[
        str,
        typer.Option(help="Paper whose way to measure is used, or a variant, for instance srgan-unrounded."),
    ],
    metrics: Annotated[
        str | None, typer.Option(help="Printed names, comma-separated; default: those the paper reports.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="CSV with a row an image; the set's values go beside it as .json."
            " With several folders, their names are added to the file's."
        ),
    ] = None,
    mirror: MirrorOption = None,
) -> None:
    """Score folders of reconstructions against the originals.

    What depends on the originals alone is computed once for all folders.
    """
    from sr.data.assets import Assets
    from sr.errors import InputError
    from sr.images import image_files
    from sr.progress import progress
    from sr.scoring.protocol import load_protocol
    from sr.scoring.scoring import count_steps, score_folders

    if len({folder.name for folder in sr}) < len(sr):
        raise InputError("--sr: two folders have the same name; score them one by one.")
    if output is not None and output.suffix != ".csv":
        raise InputError(f"--output {output}: must end in .csv.")
    rules = load_protocol(protocol)
    names: list[str] = [*rules.metrics] if metrics is None else [part.strip() for part in metrics.split(",")]
    assets = Assets.from_environment(mirror)
    total = count_steps(rules, len(sr) * len(image_files(hr)), names)
    with progress(f"score {', '.join(folder.name for folder in sr)}", total) as report:
        found = score_folders({str(folder): folder for folder in sr}, hr, rules, assets, names, report)
    for folder, scores in found.items():
        _print_scores(folder, scores, names, protocol)
        if output is not None:
            path = output if len(found) == 1 else output.with_stem(f"{output.stem}_{Path(folder).name}")
            scores.write(path, {"protocol": protocol, "source": folder, "benchmark": str(hr)})
            typer.echo(f"per-image values written to {path}")


def _print_scores(folder: str, scores: "Scores", names: list[str], protocol: str) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        "metric",
        "value",
        "",
        title=escape(f"{folder}: {len(scores.per_image)} images, measured as {protocol}"),
    )
    for name in dict.fromkeys(names):
        value = scores.set_values.get(name)
        shown = "unavailable" if value is None else f"{value:.4f}"
        table.add_row(name, shown, escape(scores.unavailable.get(name, "")))
    Console().print(table)
