"""`sr opinions ...`: studies of people, from pages to rate on to what the ratings say."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sr.cli.data import MirrorOption

if TYPE_CHECKING:
    from sr.opinions.outcome import Outcome

app = typer.Typer(
    help="Opinion scores and rankings by people: plan, prepare, serve, collect.", no_args_is_help=True
)

StudyArgument = Annotated[
    str, typer.Argument(help="A YAML file of your own, or a paper with a study, for instance srgan.")
]
FolderArgument = Annotated[Path, typer.Argument(help="Folder that `sr opinions prepare` wrote.")]


@app.command()
def plan(
    study: StudyArgument,
    raters: Annotated[int | None, typer.Option(min=1, help="In place of the study's number.")] = None,
) -> None:
    """Say how many ratings a study asks for, how long that takes, and which differences it can show."""
    from sr.opinions.power import describe_plan
    from sr.opinions.study import load_study

    _, described = load_study(study)
    for line in describe_plan(described, raters or described.raters):
        typer.echo(line)


@app.command()
def prepare(
    study: StudyArgument,
    output: Annotated[Path, typer.Option(help="Folder to write; a study that is there already is replaced.")],
    source: Annotated[
        list[str] | None,
        typer.Option(help="A source whose images are shown, the best one first; repeat it.  [default: all]"),
    ] = None,
    benchmark: Annotated[
        list[str] | None, typer.Option(help="A benchmark in place of the study's; repeat it.")
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="So many images of each benchmark.")] = None,
    raters: Annotated[
        int | None, typer.Option(min=1, help="So many pages.  [default: the study's raters]")
    ] = None,
    calibration: Annotated[
        str | None,
        typer.Option(help="Image set of the catalogue in place of the study's calibration images."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of images, orders and names; keep it to yourself.")] = 0,
    embed: Annotated[
        bool, typer.Option("--embed", help="Put the pictures into each page: one file is enough.")
    ] = False,
    results: Annotated[Path, typer.Option(help="Folder with reconstructions/.")] = Path("results"),
    benchmarks: Annotated[Path, typer.Option(help="Prepared benchmarks.")] = Path("data/benchmarks"),
    images: Annotated[Path, typer.Option(help="Folder with images that others have made.")] = Path("images"),
    mirror: MirrorOption = None,
) -> None:
    """Write a page for each rater, and the key that tells which answer belongs to which version."""
    from sr.data.assets import Assets
    from sr.opinions.design import KEY
    from sr.opinions.material import Changes, Material
    from sr.opinions.page import PAGES, prepare
    from sr.opinions.study import load_study
    from sr.progress import progress

    paper, described = load_study(study)
    material = Material(
        paper=paper,
        study=described,
        changes=Changes(tuple(benchmark or ()), count, raters, calibration),
        seed=seed,
        named=tuple(dict.fromkeys(source or ())),
        results=results,
        benchmarks=benchmarks,
        images=images,
        assets=Assets.from_environment(mirror),
    )
    pictures = sum(map(len, material.shown.values())) + len(material.calibration)
    with progress("pictures", pictures) as report:
        key = prepare(material, output, embed, report)
    typer.echo(f"{output / PAGES}: {len(key.raters)} pages to give away, study {key.hash}")
    typer.echo(f"{output / KEY}: stays with you")
    for deviation in key.deviations:
        typer.echo(f"deviation: {deviation}")


@app.command()
def serve(
    folder: FolderArgument,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for everybody in the network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8000,
) -> None:
    """Give out the pages over a laboratory's network, a secret link for each rater, and take answers in."""
    from sr.opinions.design import ANSWERS
    from sr.opinions.serve import Served, server

    study = Served(folder)
    with server(study, host, port) as running:
        for token, rater in sorted(study.tokens.items(), key=lambda pair: pair[1]):
            typer.echo(f"rater {rater}: http://{host}:{running.server_port}/{token}/")
        typer.echo(f"answers go to {folder / ANSWERS}; Ctrl+C ends")
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            typer.echo("ended")


@app.command()
def collect(
    folder: FolderArgument,
    files: Annotated[list[Path], typer.Argument(help="Result files that came back, or folders of them.")],
    output: Annotated[Path, typer.Option(help="Folder to write: tables, figure, page.")],
    scores: Annotated[
        Path | None,
        typer.Option(help="Fill the paper's cells: the results' folder opinion_scores, which tables read."),
    ] = None,
) -> None:
    """Check result files, screen raters, and say what they found: MOS, tests, orders, with intervals."""
    from sr.opinions.cells import write_cells
    from sr.opinions.collect import collect
    from sr.opinions.design import load_key
    from sr.opinions.outcome import analyse, summary

    paths = [one for path in files for one in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
    outcome = analyse(collect(load_key(folder), paths))
    if scores is not None:
        typer.echo(f"{scores}: {len(write_cells(outcome, scores))} files of opinion scores")
    write_outcome(outcome, output)
    told = summary(outcome)
    for file, why in outcome.collected.refused.items():
        typer.echo(f"refused {file}: {why}")
    for row in outcome.raters.to_dict("records"):
        if row["apart"]:
            typer.echo(f"set apart, rater {row['rater']}: {row['apart']}")
    for deviation in outcome.deviations:
        typer.echo(f"deviation: {deviation}")
    typer.echo(
        f"{output}: {told['raters']['kept']} of {told['raters']['came back']} raters, "
        f"{told['answers']['kept']} of {told['answers']['came back']} answers kept"
    )


def write_outcome(outcome: "Outcome", output: Path) -> None:
    """Write the folder `output` anew: CSV tables, summary.json, the figure and index.html."""
    from sr.figures.opinions import draw
    from sr.files import atomic_folder, refuse_other_folder, write_text
    from sr.opinions.outcome import SUMMARY, write_tables
    from sr.pages.opinions import render

    refuse_other_folder(output, SUMMARY)
    with atomic_folder(output) as folder:
        write_tables(outcome, folder)
        if len(outcome.ratings):
            draw(outcome, folder)
        write_text(folder / "index.html", render(outcome, folder))
