"""`sr table`, `sr verdicts`, `sr check`, `sr reference update`: printed numbers beside measured ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sr.cli.panels import OWN, REPLICATE

if TYPE_CHECKING:
    from sr.verdicts.check import Report
    from sr.verdicts.reference import Comparison
    from sr.verdicts.rows import Row

app = typer.Typer()
reference_app = typer.Typer(help="Results of earlier runs, kept to notice drift.", no_args_is_help=True)
app.add_typer(reference_app, name="reference", rich_help_panel=REPLICATE)

TablesOption = Annotated[Path, typer.Option(help="Folder of result tables.")]


ObstacleOption = Annotated[
    list[str] | None, typer.Option(help="paper/recipe=why it can not be trained here; repeat it.")
]


@app.command(rich_help_panel=OWN)
def table(
    paper: Annotated[str, typer.Argument(help="Name of the paper, for instance srgan.")],
    item: Annotated[str, typer.Argument(help="The table, for instance table2.")],
    scores: Annotated[Path, typer.Option(help="Folder of score files.")],
    benchmarks: Annotated[Path, typer.Option(help="JSON with the state of each benchmark.")],
    output: Annotated[Path, typer.Option(help="CSV to write; .json, .md, .html and .tex go beside it.")],
    source: Annotated[
        list[str] | None, typer.Option(help="A source to use, for instance baseline/bicubic; repeat it.")
    ] = None,
    obstacle: ObstacleOption = None,
) -> None:
    """Put what was measured beside what a paper prints, with a verdict for every cell."""
    from sr.pages.table import write_table
    from sr.results.image_sets import load_benchmarks
    from sr.results.measurement import Results
    from sr.results.source import group_sources, parse_sources
    from sr.verdicts.rows import count_verdicts

    groups = group_sources(parse_sources(source or []))
    results = Results(scores, groups, load_benchmarks(benchmarks), reasons(obstacle))
    rows = write_table(paper, item, results, output)
    counts = ", ".join(f"{count} {verdict}" for verdict, count in count_verdicts(rows).items() if count)
    typer.echo(f"{output}: {counts}")


@app.command(rich_help_panel=OWN)
def study(
    paper: Annotated[str, typer.Argument(help="Name of the paper, for instance esrgan.")],
    name: Annotated[str, typer.Argument(help="The study, a key of its studies.yaml.")],
    output: Annotated[Path, typer.Option(help="CSV to write.")],
    source: Annotated[list[str] | None, typer.Option(help="A scored source; repeat it.")] = None,
    benchmark: Annotated[list[str] | None, typer.Option(help="A benchmark; repeat it.")] = None,
    obstacle: ObstacleOption = None,
    results: Annotated[Path, typer.Option(help="Folder with scores/ and runs/.")] = Path("results"),
) -> None:
    """Put the recipes of a study side by side, and say which of them are missing, and why."""
    from sr.results.image_sets import BenchmarkState
    from sr.results.measurement import Results
    from sr.results.source import group_sources, parse_sources
    from sr.verdicts.studies import write_study

    ready = {one: BenchmarkState(status="ready") for one in benchmark or []}
    groups = group_sources(parse_sources(source or []))
    found = Results(results / "scores", groups, ready, reasons(obstacle))
    rows = write_study(paper, name, found, results, output)
    typer.echo(f"{output}: {rows} rows")


def reasons(obstacles: list[str] | None) -> dict[str, str]:
    """What each recipe lacks. Raises InputError for an entry without a reason."""
    from sr.errors import InputError

    reasons = dict(entry.partition("=")[::2] for entry in obstacles or [])
    if not all(reasons.values()):
        raise InputError("--obstacle: write paper/recipe=reason.")
    return reasons


@app.command(rich_help_panel=OWN)
def calibrate(
    paper: Annotated[str, typer.Argument(help="Name of the paper whose protocol is calibrated.")],
    scores: Annotated[Path, typer.Option(help="Folder of score files.")],
    benchmarks: Annotated[Path, typer.Option(help="JSON with the state of each benchmark.")],
    output: Annotated[Path, typer.Option(help="CSV to write, if nothing speaks against the protocol.")],
) -> None:
    """Hold nearest and bicubic against the paper; fail when a cell comes out wrong."""
    from sr.results.image_sets import load_benchmarks
    from sr.verdicts.calibration import calibration_rows
    from sr.verdicts.check import check_rows
    from sr.verdicts.rows import write_rows

    rows = calibration_rows(paper, scores, load_benchmarks(benchmarks))
    report = check_rows([row for row in rows if row.stated])
    failures = _verdict_failures(report, 0)
    for failure in failures:
        typer.echo(f"FAILED: {failure}", err=True)
    if failures:
        raise typer.Exit(1)
    write_rows(output, rows)
    typer.echo(
        f"{paper}: {report.compared} printed nearest and bicubic numbers compared, "
        f"{len(report.findings)} of them known findings"
    )


@app.command(rich_help_panel=OWN)
def verdicts(
    tables: TablesOption,
    output: Annotated[Path, typer.Option(help="CSV to write.")],
    nearest: Annotated[
        list[Path] | None, typer.Option(help="What `sr multiverse` found of a paper; repeat it.")
    ] = None,
) -> None:
    """Merge all tables into one list in which every printed number of every paper appears."""
    from sr.papers.published import load_all
    from sr.verdicts.nearest import with_nearest
    from sr.verdicts.rows import write_rows
    from sr.verdicts.summary import all_verdicts

    rows = with_nearest(all_verdicts(tables), nearest or [])
    write_rows(output, rows)
    printed = {cell.key for cell in load_all()} & {row.key[:5] for row in rows}
    typer.echo(f"{output}: {len(printed)} printed numbers")
    _print_counts(rows)


@app.command(rich_help_panel=REPLICATE)
def check(
    tables: TablesOption = Path("results/tables"),
    require: Annotated[int, typer.Option(min=0, help="Fail when fewer printed cells were comparable.")] = 0,
    reference: Annotated[Path | None, typer.Option(help="Folder of references to compare with.")] = None,
    against: Annotated[
        Path | None, typer.Option(help="A snapshot (`sr snapshot`), perhaps another checkout's.")
    ] = None,
) -> None:
    """Fail when a comparable number differs from the paper, drifted from a reference or a snapshot, or was
    judged by other rules than the frozen ones.
    """
    from sr.verdicts.check import check_rows
    from sr.verdicts.frozen import judged_otherwise
    from sr.verdicts.reference import compare_with_references
    from sr.verdicts.summary import all_verdicts

    rows = all_verdicts(tables)
    report = check_rows(rows)
    _print_counts(rows)
    failures = [f"rules: {sentence}" for sentence in judged_otherwise(_judged_files(tables))]
    failures += _verdict_failures(report, require)
    if reference is not None:
        failures += _drift_failures(compare_with_references(tables, reference))
    if against is not None:
        failures += _against(tables, against)
    for failure in failures:
        typer.echo(f"FAILED: {failure}", err=True)
    if failures:
        raise typer.Exit(1)
    listed = f" and {report.listed} listed ones" if report.listed else ""
    held = f"held against {report.cells} printed ones{listed}"
    typer.echo(f"passed: {report.compared} measured numbers {held}")


@app.command(rich_help_panel=REPLICATE)
def freeze(
    reason: Annotated[str, typer.Option(help="Why the rules are fixed now, in a sentence.")],
) -> None:
    """Fix the rules that results are judged by: tolerances, claims, assumptions and known findings.

    Their hashes go to replications/frozen.json with the date and the reason, below those of earlier times.
    """
    from sr.verdicts.frozen import freeze, frozen_file

    changed = freeze(reason)
    typer.echo(f"{frozen_file()}: {'new ' + ', '.join(changed) if changed else 'nothing has changed'}")


@app.command(rich_help_panel=REPLICATE)
def snapshot(
    output: Annotated[Path, typer.Argument(help="The snapshot: a new folder, or a file ending in .zip.")],
    results: Annotated[Path, typer.Option(help="Folder with tables/, figures/, scores/ and runs/.")] = Path(
        "results"
    ),
) -> None:
    """Pack tables, verdicts, claims, figures, scores, records, recipes and rules as a Workflow Run RO-Crate.

    It can be cited by its identifier, and `sr check --against` compares another checkout with it.
    """
    from sr.report.snapshot import snapshot

    typer.echo(f"{output}: {snapshot(results, output)} files")


def _against(tables: Path, crate: Path) -> list[str]:
    """Print what a snapshot says otherwise, and gather the drifts that are errors."""
    import json

    from sr.report.snapshot import RULES, opened
    from sr.verdicts.against import changes, missing
    from sr.verdicts.frozen import FIELD, differing, rules
    from sr.verdicts.reference import compare_with_references

    with opened(crate) as folder:
        there = json.loads((folder / RULES).read_text(encoding="utf-8"))[FIELD]
        if kinds := differing(rules(), there):
            typer.echo(f"rules: the snapshot was judged by other {', '.join(kinds)}")
        others = folder / "results" / "reference"
        for place, count in missing(tables, others).items():
            typer.echo(f"  {count} cells and claims {place}")
        for line in changes(tables, others):
            typer.echo(f"  {line}")
        return _drift_failures(compare_with_references(tables, folder / "results"))


def _judged_files(tables: Path) -> list[Path]:
    """The JSON beside tables and claims that tells by which rules they were judged."""
    from sr.verdicts.summary import table_files

    beside = [path.with_suffix(".json") for path in (*table_files(tables), tables / "claims.csv")]
    return [path for path in beside if path.is_file()]


@reference_app.command("update")
def reference_update(
    tables: TablesOption,
    output: Annotated[
        Path, typer.Option(help="Folder of the reference, for instance results/reference/demo.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace an existing reference.")] = False,
    runs: Annotated[
        Path | None, typer.Option(help="Folder of runs: what their trainings reached is stored too.")
    ] = None,
    scores: Annotated[Path | None, typer.Option(help="Folder of score files, to be stored too.")] = None,
) -> None:
    """Store the tables of this run, with their provenance, for later comparisons."""
    from sr.verdicts.reference import update_reference

    count = update_reference(tables, output, force, runs, scores)
    typer.echo(f"{output}: {count} tables stored")


def _print_counts(rows: "list[Row]") -> None:
    from sr.verdicts.rows import count_verdicts

    for verdict, count in count_verdicts(rows).items():
        typer.echo(f"{count:6d} {verdict}")
    plain = sum(row.is_plain_match for row in rows)
    typer.echo(f"{plain:6d} of the matches could be no other method's printed number")
    assuming = sum(row.verdict.compares and bool(row.assumptions) for row in rows)
    if assuming:
        typer.echo(f"{assuming:6d} of these were compared under assumptions, which the tables name")


def _verdict_failures(report: "Report", require: int) -> list[str]:
    """Print findings, and gather what contradicts a paper or itself."""
    for row, finding in report.findings:
        typer.echo(f"known finding: {row}: {row.measured:.4f}, printed {row.stated}; {finding.reason}")
    failures = [
        f"{row}: measured {row.measured:.4f}, printed {row.stated}, off by {row.difference:+.4f}, "
        f"tolerance {row.tolerance:g}"
        for row in report.differing
    ]
    failures += report.contradictions
    if report.cells < require:
        failures.append(f"{report.cells} cells were comparable, at least {require} are required")
    return failures


def _drift_failures(comparison: "Comparison") -> list[str]:
    """Print what was compared, skipped and reported, and gather the drifts that are errors."""
    typer.echo(f"references: {comparison.compared} numbers compared")
    for reason, count in comparison.skipped.items():
        typer.echo(f"  skipped {count}: {reason}")
    failures = []
    for drift in comparison.drifts:
        message = (
            f"{drift.row}: {drift.row.measured:.6f}, reference {drift.reference} has {drift.stored:.6f}, "
            f"band {drift.band:g}"
        )
        if drift.fails:
            failures.append(f"drift of {message}")
        else:
            typer.echo(f"  drift (reported only) of {message}")
    return failures
