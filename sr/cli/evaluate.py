"""`sr reconstruct` and `sr evaluate`: a source's images on a benchmark, and their scores with provenance."""

from pathlib import Path
from typing import Annotated

import typer

from sr.cli.data import MirrorOption


def reconstruct(
    source: Annotated[str, typer.Argument(help="baseline/nearest, baseline/bicubic or a run's folder.")],
    benchmark: Annotated[Path, typer.Option(help="Prepared benchmark.")],
    output: Annotated[Path, typer.Option(help="Folder for the reconstructions.")],
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Reconstruct a benchmark's LR images with a baseline or a trained generator."""
    from sr.data.benchmarks import Benchmark
    from sr.files import atomic_folder
    from sr.images import read_image, write_png
    from sr.inference.sources import reconstruction
    from sr.progress import progress

    method = reconstruction(source, threads)
    files = Benchmark(benchmark).lr_files()
    with atomic_folder(output) as folder, progress(f"{source} on {benchmark.name}", len(files)) as report:
        for done, path in enumerate(files, start=1):
            write_png(folder / path.name, method(read_image(path)))
            report(done)


def evaluate(
    images: Annotated[list[Path], typer.Argument(help="Folder of each source's reconstructions.")],
    source: Annotated[list[str], typer.Option(help="Name of each source, for instance baseline/bicubic.")],
    output: Annotated[list[Path], typer.Option(help="CSV of each source; a .json goes beside it.")],
    protocol: Annotated[str, typer.Option(help="Paper whose way to measure is used.")],
    benchmark: Annotated[Path, typer.Option(help="Prepared benchmark.")],
    run: Annotated[Path | None, typer.Option(help="Folder of the run behind a trained source.")] = None,
    mirror: MirrorOption = None,
) -> None:
    """Score sources on a benchmark, with everything that sets them apart from the paper's way.

    What depends on the originals alone is computed once for all sources.
    """
    from sr.data.assets import Assets
    from sr.data.benchmarks import Benchmark
    from sr.errors import InputError
    from sr.inference.provenance import source_header
    from sr.metrics.protocol import load_protocol
    from sr.metrics.scoring import score_folders

    if not len(images) == len(source) == len(output):
        raise InputError("give one --source and one --output for every folder of images.")
    prepared = Benchmark(benchmark)
    folders = dict(zip(source, images, strict=True))
    assets = Assets.from_environment(mirror)
    scores = score_folders(folders, prepared.folder / "HR", load_protocol(protocol), assets)
    for name, path in zip(source, output, strict=True):
        header = {"protocol": protocol, "benchmark": prepared.index.benchmark}
        scores[name].write(path, header | source_header(name, run, prepared))
