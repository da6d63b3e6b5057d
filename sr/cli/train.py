"""`sr train`: one recipe from the command line."""

import os
import sys
from enum import Enum
from pathlib import Path
from shlex import quote
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
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            "--training-set",
            help="A folder of images, or a packed one (see `sr pack`). Default: the budget's training set,"
            " without images of the benchmarks that are prepared in data/benchmarks.",
        ),
    ] = None,
    benchmark: Annotated[
        Path | None,
        typer.Option(help="Prepared benchmark to validate on; default: the photographs of scikit-image."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="The run's folder; an interrupted run there is resumed. Default: its place in results/runs,"
            " or in my/runs with --set or a file to start from."
        ),
    ] = None,
    budget: Annotated[str, typer.Option(help="How much of the recipe to spend.")] = "demo",
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights and crops.")] = 0,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="KEY=VALUE of the recipe, for instance schedule.iterations=1000; repeat it."
            " Each is recorded as a deviation.",
        ),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            help="Run whose generator the recipe begins with, or a file of weights in its place, which is a"
            " deviation. Default: the run of that recipe in results/runs."
        ),
    ] = None,
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
    from sr.recipes.budget import apply, load_budget
    from sr.recipes.changes import changed
    from sr.recipes.recipe import load_recipe

    load_recipe(recipe)
    load_budget(budget)
    # The photographs first: what is packed is compared with them.
    benchmark = benchmark or _photographs()
    packed = _packed(recipe, budget, data, mirror)
    if gpus and "WORLD_SIZE" not in os.environ:
        from sr.gpus import reserve

        reserve(gpus)
        if gpus > 1:
            _run_processes(gpus)
    from sr.allocator import keep_memory
    from sr.data.assets import Assets

    keep_memory()
    from sr.data.packing import PackedSet
    from sr.distributed import first, joined
    from sr.training.run import Run
    from sr.training.run import train as train_run

    set_name = PackedSet(packed).index.training_set
    resolved = apply(load_budget(budget), load_recipe(recipe), set_name).recipe
    begins_with = changed(resolved, changes or [])[0].start
    if start is None and begins_with is not None and twin is None:
        start = _start(recipe, begins_with, budget, packed if data is not None else None, mirror)
    output = output or _place(recipe, budget, set_name, seed, [*(changes or []), *_foreign(start)])
    run = Run(
        recipe,
        budget,
        seed,
        packed,
        benchmark,
        start,
        output,
        threads and max(1, threads // max(1, gpus)),
        precision.value,
        micro_batch,
        deterministic,
        twin,
        checkpoint_minutes,
        tuple(changes or ()),
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


def _packed(recipe: str, budget: str, data: Path | None, mirror: Path | None) -> Path:
    """A packed training set: the one that was named, that of a folder of images, or the budget's own."""
    from sr.cli.data import default_place, own_images, pack, pack_own
    from sr.errors import InputError
    from sr.files import value_hash

    if data is None:
        name = _budgets_set(recipe, budget, mirror)
        place = default_place("packed", name)
        if not (place / "index.json").is_file():
            pack(name, place, mirror)
        return place
    if (data / "index.json").is_file():
        return data
    found = own_images(str(data))
    if found is None:
        raise InputError(f"{data}: no such folder.")
    name, images = found
    # A folder may change, and another one may have its name.
    stats = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in images]
    place = default_place("packed", f"{name}_{value_hash(stats)[:6]}")
    if not (place / "index.json").is_file():
        pack_own(place.name, images, place)
    return place


def _budgets_set(recipe: str, budget: str, mirror: Path | None) -> str:
    """The training set that the budget takes for a recipe. Raises InputError where none is at hand."""
    from sr.config import load_yaml
    from sr.errors import InputError
    from sr.planning.plan import Plan
    from sr.project import root

    shipped = load_yaml(root() / "workflow" / "config.yaml")
    plan = Plan(shipped | {"budget": budget} | ({"mirror": mirror} if mirror else {}))
    if obstacle := plan.trainings.obstacle(recipe):
        raise InputError(f"{recipe}: {obstacle}. Or give a folder of images: --data FOLDER.")
    return plan.trainings.wanted_set(recipe)


def _photographs() -> Path:
    """The benchmark that every machine has, prepared where it is missing."""
    from sr.cli.data import default_place, prepare

    place = default_place("benchmarks", "embedded")
    if not (place / "index.json").is_file():
        prepare("embedded", place)
    return place


def _start(recipe: str, begins_with: str, budget: str, packed: Path | None, mirror: Path | None) -> Path:
    """The run that a recipe begins with: on the set that was named or, as in the workflow, on the one that
    the budget takes for that run, which need not be the recipe's own.

    Raises InputError, saying how to make it, where it is missing.
    """
    from sr.data.packing import PackedSet
    from sr.errors import InputError
    from sr.recipes.run_record import RECORD

    if packed is None:
        set_name = _budgets_set(begins_with, budget, mirror)
        option = f" --mirror {quote(str(mirror))}" if mirror else ""
    else:
        set_name = PackedSet(packed).index.training_set
        option = f" --data {quote(str(packed))}"
    folder = _place(begins_with, budget, set_name, 0, [])
    if not (folder / RECORD).is_file():
        raise InputError(
            f"{recipe} begins with {begins_with}, which was not trained on {set_name} yet: run `sr train"
            f" {begins_with} --budget {budget}{option}` first, or give --start with a run or a file."
        )
    return folder


def _foreign(start: Path | None) -> list[str]:
    """A file that stands for the run a recipe begins with makes another training, too."""
    return [f"start={start.resolve()}"] if start is not None and start.is_file() else []


def _place(recipe: str, budget: str, set_name: str, seed: int, changes: list[str]) -> Path:
    """Where the workflow would keep a run; one with changes lies apart, since it is not the recipe's."""
    from sr.files import value_hash
    from sr.project import root
    from sr.results.source import Source

    source = Source.trained(budget, set_name, recipe, seed)
    if not changes:
        return source.run_folder(root() / "results")
    changed = value_hash(sorted(changes))[:8]
    return (
        root() / "my" / "runs" / str(source).removeprefix("trained/").replace(recipe, f"{recipe}_{changed}")
    )


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
