"""`sr complexity`, `sr comparison`, `sr third-party`: all methods side by side, and what others report."""

from pathlib import Path
from typing import Annotated

import typer

from sr.cli.tables import ObstacleOption, reasons

SourceOption = Annotated[
    list[str] | None, typer.Option(help="A source to use, for instance released/esrgan; repeat it.")
]


def complexity(
    output: Annotated[Path, typer.Option(help="JSON to write; each architecture is kept beside it.")],
    source: Annotated[
        list[str] | None,
        typer.Option(help="trained/BUDGET/TRAINING_SET/PAPER/RECIPE, released/NAME or another; repeat it."),
    ] = None,
) -> None:
    """Measure parameters, multiply-adds, time and memory of the generators behind sources.

    Nothing needs to be trained or fetched. An architecture that was measured here before is not measured
    again.
    """
    from sr.files import write_json
    from sr.results.complexity import measure_sources
    from sr.results.source import parse_sources

    costs = measure_sources(parse_sources(source or []), output.parent / "measured")
    write_json(output, costs.model_dump())
    typer.echo(f"{output}: {len(costs.sources)} networks on {costs.machine}")


def comparison(
    scores: Annotated[Path, typer.Option(help="Folder of score files.")],
    benchmarks: Annotated[Path, typer.Option(help="JSON with the state of each benchmark.")],
    costs: Annotated[Path, typer.Option(help="JSON of `sr complexity`.")],
    output: Annotated[Path, typer.Option(help="CSV to write; .json, .md, .html and .tex go beside it.")],
    source: SourceOption = None,
    obstacle: ObstacleOption = None,
    left_out: Annotated[list[str] | None, typer.Option(help="A method that is not to appear.")] = None,
) -> None:
    """Put all methods of replications/comparison.yaml into one table, with what each of them costs."""
    from sr.pages.comparison import write_comparison
    from sr.results.image_sets import load_benchmarks
    from sr.results.measurement import Results
    from sr.results.source import group_sources, parse_sources

    groups = group_sources(parse_sources(source or []))
    results = Results(scores, groups, load_benchmarks(benchmarks), reasons(obstacle))
    lines = write_comparison(results, costs, output, left_out or [])
    typer.echo(f"{output}: {lines} rows of methods")


def third_party(
    scores: Annotated[Path, typer.Option(help="Folder of score files.")] = Path("results/scores"),
    output: Annotated[Path, typer.Option(help="CSV to write.")] = Path("results/third_party.csv"),
) -> None:
    """Put numbers that others report for released weights beside ours of the same convention.

    These are no claims of a paper, and no verdict is given.
    """
    from sr.papers.third_party import load_reported
    from sr.verdicts.third_party import beside_ours, write_beside

    rows = beside_ours(load_reported(), scores)
    write_beside(output, rows)
    count = sum(row.ours is not None for row in rows)
    typer.echo(f"{output}: {len(rows)} reported numbers, {count} of them measured here")
