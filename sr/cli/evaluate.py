"""`sr reconstruct` and `sr evaluate`: a source's images on a benchmark, and their scores with provenance."""

from pathlib import Path
from typing import Annotated

import typer

from sr.cli.data import MirrorOption


def reconstruct(
    source: Annotated[
        str,
        typer.Argument(
            help="nearest, bicubic, a name of `sr assets list`, a run's folder or recipe, or a weight file."
        ),
    ],
    benchmark: Annotated[Path, typer.Option(help="Prepared benchmark.")],
    output: Annotated[Path, typer.Option(help="Folder for the reconstructions.")],
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Reconstruct a benchmark's LR images with a baseline, released weights or a trained generator."""
    from sr.data.benchmarks import Benchmark
    from sr.files import atomic_folder, refuse_other_files
    from sr.images import write_png
    from sr.progress import progress
    from sr.results.methods import inputs, named_method, reconstruction

    named, prepared = named_method(source), Benchmark(benchmark)
    refuse_other_files(output, {f"{stem}.png" for stem in prepared.index.images}.__contains__)
    method, count = reconstruction(named, threads), len(prepared.index.images)
    with atomic_folder(output) as folder, progress(f"{source} on {benchmark.name}", count) as report:
        for done, (name, lr) in enumerate(inputs(named, prepared), start=1):
            write_png(folder / name, method(lr))
            report(done)


def evaluate(
    source: Annotated[
        list[str], typer.Option(help="A source, for instance baseline/bicubic; repeat it for several.")
    ],
    protocol: Annotated[str, typer.Option(help="Paper whose way to measure is used.")],
    benchmark: Annotated[Path, typer.Option(help="Prepared benchmark.")],
    output: Annotated[Path, typer.Option(help="JSON to write: what each source's score was made from.")],
    results: Annotated[
        Path, typer.Option(help="Folder with runs/; reconstructions/ and scores/ go there.")
    ] = Path("results"),
    images: Annotated[Path, typer.Option(help="Folder with images that others have made.")] = Path("images"),
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
    gpus: Annotated[int, typer.Option(min=0, max=1, help="1: have a GPU for this job alone.")] = 0,
    mirror: MirrorOption = None,
) -> None:
    """Reconstruct a benchmark with several sources and score them as a paper does.

    What was reconstructed and scored before, from the same weights and by the same code, is kept.
    """
    if gpus:
        from sr.gpus import reserve

        reserve(gpus)
    from sr.data.assets import Assets
    from sr.data.benchmarks import Benchmark
    from sr.files import write_json
    from sr.results.evaluation import Evaluation
    from sr.results.source import parse_sources

    assets = Assets.from_environment(mirror)
    job = Evaluation(protocol, Benchmark(benchmark), results, images, assets, threads)
    write_json(output, job.run(parse_sources(source), typer.echo))
