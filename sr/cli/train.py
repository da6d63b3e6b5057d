"""`sr train`: one recipe from the command line."""

import os
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from sr.cli.data import MirrorOption


class Precision(Enum):
    """Of the networks' arithmetic."""

    FLOAT32 = "float32"
    TF32 = "tf32"
    BFLOAT16 = "bfloat16"


def train(
    recipe: Annotated[str, typer.Argument(help="paper/recipe, for instance srgan/srresnet_mse.")],
    training_set: Annotated[Path, typer.Option(help="Packed training set (see `sr pack`).")],
    benchmark: Annotated[Path, typer.Option(help="Prepared benchmark to validate on (see `sr prepare`).")],
    output: Annotated[Path, typer.Option(help="The run's folder; an interrupted run there is resumed.")],
    budget: Annotated[str, typer.Option(help="How much of the recipe to spend.")] = "demo",
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights and crops.")] = 0,
    start: Annotated[Path | None, typer.Option(help="Run whose generator the recipe begins with.")] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="CPU threads of all processes; default: the budget's for each.")
    ] = None,
    gpus: Annotated[
        int, typer.Option(min=0, help="GPUs to share each batch among: from two on, one process for each.")
    ] = 0,
    precision: Annotated[
        Precision,
        typer.Option(help="Of the networks' arithmetic. The papers' is float32; others become a deviation."),
    ] = Precision.FLOAT32,
    micro_batch: Annotated[
        int | None, typer.Option(min=1, help="Images at a time, to save memory; default: the whole batch.")
    ] = None,
    deterministic: Annotated[
        bool, typer.Option(help="The same bits at every repetition, also on a GPU, where it costs speed.")
    ] = False,
    twin: Annotated[
        Path | None,
        typer.Option(help="Finished run of the very same training, to take over instead of training."),
    ] = None,
    checkpoint_minutes: Annotated[
        float, typer.Option(min=0.0, help="How much training a killed process may lose at most.")
    ] = 5.0,
    mirror: MirrorOption = None,
) -> None:
    """Train one recipe; run the same command again to go on after an interruption.

    SIGTERM, Ctrl-C and the time limit of a Slurm job end it with its state saved.

    On several machines: torchrun ... -m sr train ... without --gpus.
    """
    if gpus and "WORLD_SIZE" not in os.environ:
        from sr.gpus import reserve

        reserve(gpus)
        if gpus > 1:
            _run_processes(gpus)
    from sr.allocator import keep_memory
    from sr.data.assets import Assets

    keep_memory()
    from sr.distributed import first, joined
    from sr.training.run import Run
    from sr.training.run import train as train_run

    run = Run(
        recipe,
        budget,
        seed,
        training_set,
        benchmark,
        start,
        output,
        threads and max(1, threads // max(1, gpus)),
        precision.value,
        micro_batch,
        deterministic,
        twin,
        checkpoint_minutes,
    )
    with joined():
        record = train_run(run, Assets.from_environment(mirror))
        if first():
            _report(recipe, record, output)


def _run_processes(number: int) -> NoReturn:
    """Be torchrun with this very command in so many processes; the first that fails has said why."""
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import main

    try:
        main(["--standalone", "--nproc-per-node", str(number), "-m", "sr", *sys.argv[1:]])
    except (ChildFailedError, SignalException):
        sys.exit(1)
    sys.exit(0)


def _report(recipe: str, record: dict[str, Any], output: Path) -> None:
    origin = f" as {twin}" if (twin := record.get("same_training_as")) else ""
    typer.echo(f"{recipe}: {_summary(record)}{origin} after {record['seconds']:.0f} s; {output}")


def _summary(record: dict[str, Any]) -> str:
    """PSNR and LPIPS reached, beside where the run began and what bicubic reaches."""
    reached = record["validation"]
    parts = [f"{reached['psnr']:.2f} dB (bicubic {reached['bicubic_psnr']:.2f})"]
    if reached["lpips"] is not None:
        parts.append(f"LPIPS {reached['lpips']:.4f} (bicubic {reached['bicubic_lpips']:.4f})")
        if record["recipe"]["start"] and reached["lpips"] >= reached["start_lpips"]:
            parts.append(f"no better than the {reached['start_lpips']:.4f} it began with")
    return f"{', '.join(parts)} on {reached['benchmark']}"
