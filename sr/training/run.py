"""A run: one recipe under one budget with one seed, from the first step to `generator.safetensors`."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark
from sr.data.crops import Augmentation, CropSampler
from sr.data.packaged_weights import load_backbone
from sr.data.packing import PackedSet
from sr.errors import InputError
from sr.files import atomic_path, value_hash, write_json
from sr.inference.generators import load_run
from sr.locks import hold
from sr.provenance import TRAINING_CODE, code_hash, environment
from sr.training.budget import Resolved, apply, load_budget
from sr.training.curve import write_curve
from sr.training.loop import Loop
from sr.training.objective import Objective
from sr.training.recipe import Recipe, load_recipe
from sr.training.trainer import Trainer
from sr.training.validation import Validation


@dataclass(frozen=True)
class Run:
    """What is trained, on what, and where it goes.

    packed, benchmark: folders of the packed training set and of the validation images.
    start: folder of the run whose generator it begins with, if the recipe names one.
    threads: torch's, or None for the budget's.
    """

    recipe: str
    budget: str
    seed: int
    packed: Path
    benchmark: Path
    start: Path | None
    output: Path
    threads: int | None = None


class DidNotLearnError(InputError):
    """A PSNR-oriented run ended below bicubic on images it did not train on."""


def train(run: Run, assets: Assets) -> dict[str, Any]:
    """Train `run`, going on from its last checkpoint, and return what is written into run.json.

    Leaves generator.safetensors, run.json and curve.csv in `run.output`, and checkpoints, the growing
    curve and sample images in its folder progress/. Raises InputError for a run that can not be made
    and DidNotLearnError for one that ends worse than bicubic; its record is then progress/run.json.
    """
    budget, recipe = load_budget(run.budget), load_recipe(run.recipe)
    packed = PackedSet(run.packed)
    resolved = apply(budget, recipe, packed.index.training_set)
    torch.set_num_threads(run.threads or budget.share(recipe).threads)
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())

    identity = value_hash([resolved.recipe.model_dump(mode="json"), run.seed, packed.index.checksum])
    if not hold(run.output / "progress" / "lock"):
        raise InputError(f"{run.output}: another process is training this run; wait for it or stop it.")
    trainer = _trainer(run, resolved.recipe, packed, assets)
    validation = Validation(Benchmark(run.benchmark), assets)
    loop = Loop(
        trainer,
        validation,
        iterations=resolved.recipe.schedule.iterations,
        checks=budget.share(recipe).checks,
        folder=run.output / "progress",
        identity=identity,
        code=code_hash(TRAINING_CODE),
    )
    loop.run(f"{run.recipe} ({run.budget}, seed {run.seed})")

    record = _record(run, resolved, loop, packed)
    if record["status"] == "did not learn":
        write_json(loop.folder / "run.json", record)
        reached = record["validation"]
        raise DidNotLearnError(
            f"{run.recipe}: did not learn: {reached['psnr']:.2f} dB after {loop.iterations} iterations is not"
            f" above bicubic's {reached['bicubic_psnr']:.2f} dB; see {loop.folder / 'curve.csv'}, and delete"
            f" {run.output} to train it again."
        )
    _write(run, trainer, loop, record)
    return record


def _trainer(run: Run, recipe: Recipe, packed: PackedSet, assets: Assets) -> Trainer:
    perceptual = recipe.losses.perceptual
    objective = Objective(recipe.losses, load_backbone(assets, perceptual.network) if perceptual else None)
    sampler = CropSampler(
        packed,
        seed=run.seed,
        batch=recipe.batch,
        patch=recipe.patch,
        augmentation=Augmentation(recipe.augmentation.flip, recipe.augmentation.rotate),
        distinct_images=recipe.distinct_images,
    )
    trainer = Trainer(recipe, objective, sampler, run.seed)
    _begin(trainer, run, recipe)
    return trainer.to(torch.device("cuda" if torch.cuda.is_available() else "cpu"))


def _begin(trainer: Trainer, run: Run, recipe: Recipe) -> None:
    """Give the generator the weights it begins with."""
    if recipe.start is None and run.start is None:
        return
    if recipe.start is None or run.start is None:
        demand = (
            "begins from scratch: leave out" if recipe.start is None else f"begins with {recipe.start}: give"
        )
        raise InputError(f"{run.recipe} {demand} --start.")
    generator, record = load_run(run.start)
    if (record["budget"], record["training_set"]) != (run.budget, trainer.sampler.packed.index.training_set):
        raise InputError(
            f"{run.start}: was trained with budget {record['budget']} on {record['training_set']};"
            " a run begins with one of its own budget and training set."
        )
    if record["recipe_name"] != recipe.start:
        raise InputError(
            f"{run.start}: holds {record['recipe_name']}; {run.recipe} begins with {recipe.start}."
        )
    trainer.generator.load_state_dict(generator.state_dict())


def _record(run: Run, resolved: Resolved, loop: Loop, packed: PackedSet) -> dict[str, Any]:
    first, last, bicubic = loop.rows[0], loop.rows[-1], loop.validation.bicubic()
    failed = resolved.recipe.psnr_oriented and last["validation_psnr"] <= bicubic.psnr
    return {
        "recipe_name": run.recipe,
        "budget": run.budget,
        "training_set": packed.index.training_set,
        "seed": run.seed,
        "status": "did not learn" if failed else "finished",
        "deviations": list(resolved.deviations),
        "validation": {
            "benchmark": loop.validation.benchmark,
            "psnr": last["validation_psnr"],
            "lpips": last["validation_lpips"],
            "start_psnr": first["validation_psnr"],
            "start_lpips": first["validation_lpips"],
            "bicubic_psnr": bicubic.psnr,
            "bicubic_lpips": bicubic.lpips,
            "lpips_unavailable": loop.validation.lpips_missing,
        },
        "seconds": round(loop.seconds, 1),
        "recipe": resolved.recipe.model_dump(mode="json"),
        "provenance": {
            "identity": loop.identity,
            "code": loop.codes,
            "training_set_checksum": packed.index.checksum,
            "threads": torch.get_num_threads(),
            "device": str(loop.trainer.device),
            **environment(),
        },
    }


def _write(run: Run, trainer: Trainer, loop: Loop, record: dict[str, Any]) -> None:
    """The weights come last: where they are, everything is."""
    write_curve(run.output / "curve.csv", loop.rows)
    last = loop.folder / "samples" / f"step{loop.iterations:08d}"
    shutil.copytree(last, run.output / "samples", dirs_exist_ok=True)
    write_json(run.output / "run.json", record)
    weights = {name: value.cpu().contiguous() for name, value in trainer.generator.state_dict().items()}
    with atomic_path(run.output / "generator.safetensors") as temporary:
        temporary.write_bytes(save(weights))
