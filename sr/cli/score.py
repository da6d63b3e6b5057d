"""`sr score`: measure images as one of the papers does, or as all of them do."""

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sr.cli.data import MirrorOption

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack

    from sr.data.assets import Assets
    from sr.scoring.protocol import Protocol
    from sr.scoring.scoring import Scores


def score(
    images: Annotated[
        list[str] | None,
        typer.Argument(
            help="Reconstructions and, last, the originals: folders with files of the same names, or files."
            " In place of reconstructions also what makes them: a run's folder or recipe, a weight file, a"
            " name in `sr assets list`, nearest or bicubic."
        ),
    ] = None,
    sr: Annotated[
        list[str] | None, typer.Option(help="Reconstructions; repeat it for several. Needs --hr.")
    ] = None,
    hr: Annotated[
        Path | None, typer.Option(help="The originals, where they are not the last argument.")
    ] = None,
    protocol: Annotated[
        list[str] | None,
        typer.Option(
            help="Paper whose way to measure is used, or a variant, for instance srgan-unrounded; repeat it."
            " Default: all papers' side by side."
        ),
    ] = None,
    metrics: Annotated[
        str | None, typer.Option(help="Printed names, comma-separated; default: those the papers report.")
    ] = None,
    channel: Annotated[
        Literal["Y", "RGB"] | None, typer.Option(help="Measure PSNR, SSIM, RMSE and GMSD on it instead.")
    ] = None,
    border: Annotated[
        int | None, typer.Option(min=0, help="Pixels that are cut off each side, instead of the paper's.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="CSV with a row an image; the set's values go beside it as .json."
            " With several sources or protocols, their names are added to the file's."
        ),
    ] = None,
    mirror: MirrorOption = None,
) -> None:
    """Score reconstructions against the originals.

    `sr score mine.png original.png`, `sr score mine/ theirs/ originals/`, `sr score esrgan x.pth originals/`.
    What is named and no images yet is made of the originals, which are cut to multiples of 4 and reduced by
    MATLAB's bicubic for it. What depends on the originals alone is computed once for all of them.
    """
    from contextlib import ExitStack

    from sr.data.assets import Assets
    from sr.errors import InputError
    from sr.metrics.known import metric
    from sr.project import papers

    if output is not None and output.suffix != ".csv":
        raise InputError(f"--output {output}: must end in .csv.")
    sources, originals = _given(images or [], sr or [], hr)
    wanted = None if metrics is None else [metric(part.strip()).name for part in metrics.split(",")]
    changes = {"channel": channel, "border": border}
    assets = Assets.from_environment(mirror)
    found: dict[str, dict[str, Scores]] = {}
    with ExitStack() as until_scored:
        places = _images(sources, originals, assets, until_scored)
        for name in dict.fromkeys(protocol or papers()):
            rules = _rules(name, {key: value for key, value in changes.items() if value is not None})
            found[name] = _measured(places, originals, rules, assets, wanted or rules.metrics, name)
    said = ", ".join(f"{key} {value}" for key, value in changes.items() if value is not None)
    for source in sources:
        _print_scores(source, {name: scores[source] for name, scores in found.items()}, said)
    if output is not None:
        _write(output, found, changes, originals)


def _given(images: list[str], sr: list[str], hr: Path | None) -> tuple[list[str], Path]:
    """Images or methods, each once, and the originals."""
    from sr.errors import InputError
    from sr.results.made_for_scoring import is_method

    if hr is None and images:
        *images, last = images
        hr = Path(last)
    ours = [*images, *sr]
    if hr is None or not ours:
        raise InputError("give reconstructions and originals: `sr score mine/ originals/`.")
    if not hr.exists():
        raise InputError(f"{hr}: no such file or folder.")
    for path in (one for one in ours if not is_method(one)):
        if Path(path).is_file() != hr.is_file():
            raise InputError(f"{path} and {hr}: give two files or two folders.")
    if len({Path(path).resolve() for path in ours}) < len(ours):
        raise InputError("the same reconstructions are given twice; name each once.")
    return ours, hr


def _images(
    sources: list[str], originals: Path, assets: "Assets", until_scored: "ExitStack"
) -> dict[str, Path]:
    """Where the images of each source lie: those of methods are made, and kept until all is scored."""
    from sr.cli.available import make_available
    from sr.images import image_files
    from sr.progress import progress
    from sr.results.made_for_scoring import is_method, method_of, reconstructed
    from sr.results.source import Kind, Source

    methods = [source for source in sources if is_method(source)]
    if not methods:
        return {source: Path(source) for source in sources}
    named = map(method_of, methods)
    for source in (one for one in named if isinstance(one, Source) and one.kind == Kind.RELEASED):
        make_available(source.name, assets)
    count = 1 if originals.is_file() else len(image_files(originals))
    with progress(f"reconstruct with {', '.join(methods)}", count * len(methods)) as report:
        done = itertools.count(1)
        made = until_scored.enter_context(
            reconstructed(methods, originals, assets, lambda: report(next(done)))
        )
    return {source: made.get(source, Path(source)) for source in sources}


def _rules(name: str, changes: dict[str, str | int]) -> "Protocol":
    from sr.config import validate
    from sr.scoring.protocol import Protocol, load_protocol

    rules = load_protocol(name)
    return validate(rules.model_dump() | changes, Protocol, "--channel, --border") if changes else rules


def _measured(
    sources: dict[str, Path], hr: Path, rules: "Protocol", assets: "Assets", names: list[str], protocol: str
) -> "dict[str, Scores]":
    from sr.images import image_files
    from sr.progress import progress
    from sr.scoring.scoring import count_steps, score_folders

    total = count_steps(rules, len(sources) * (1 if hr.is_file() else len(image_files(hr))), names)
    with progress(f"score {', '.join(sources)} as {protocol}", total) as report:
        return score_folders(sources, hr, rules, assets, names, report)


def _print_scores(source: str, found: "dict[str, Scores]", changes: str) -> None:
    """A row a metric, a column a protocol, and below why a value is missing."""
    from rich.console import Console
    from rich.table import Table

    number = len(next(iter(found.values())).per_image)
    counted = "1 image" if number == 1 else f"{number} images"
    table = Table("metric")
    for protocol in found:
        table.add_column(f"as {protocol}", justify="right")
    missing: dict[str, str] = {}
    names = dict.fromkeys(n for one in found.values() for n in (*one.set_values, *one.unavailable))
    for name in names:
        cells = []
        for scores in found.values():
            missing |= {name: scores.unavailable[name]} if name in scores.unavailable else {}
            value = scores.set_values.get(name)
            absent = "unavailable" if name in scores.unavailable else ""
            cells.append(absent if value is None else f"{value:.4f}")
        table.add_row(name, *cells)
    console = Console()
    console.print(f"{source}: {counted}{f', {changes}' if changes else ''}", markup=False, highlight=False)
    console.print(table)
    for name, reason in missing.items():
        console.print(f"{name} is unavailable: {reason}", markup=False, highlight=False)


def _write(
    output: Path, found: "dict[str, dict[str, Scores]]", changes: "Mapping[str, object]", hr: Path
) -> None:
    several = len(found) > 1
    for protocol, of_sources in found.items():
        labels = _labels(list(of_sources))
        for source, scores in of_sources.items():
            more = [labels[source]] if len(of_sources) > 1 else []
            more += [protocol] if several else []
            path = output.with_stem("_".join([output.stem, *more]))
            deviations = [f"{key} {value}, by option" for key, value in changes.items() if value is not None]
            facts = {"protocol": protocol, "source": source, "benchmark": str(hr), "deviations": deviations}
            scores.write(path, facts)
            typer.echo(f"per-image values written to {path}")


def _labels(paths: list[str]) -> dict[str, str]:
    """Of each path, as many of its last parts as it takes to tell it from the others, joined by `_`."""
    depth = 1
    while True:
        labels = {path: "_".join(Path(path).absolute().parts[-depth:]) for path in paths}
        if len(set(labels.values())) == len(paths):
            return labels
        depth += 1
