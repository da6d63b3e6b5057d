"""A run: one recipe under one budget with one seed, from the first step to `generator.safetensors`."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark
from sr.data.crops import Augmentation, CropSampler
from sr.data.packing import PackedSet
from sr.device import Execution, Precision, choose
from sr.distributed import first, on_first, together
from sr.errors import InputError
from sr.files import bytes_hash, file_hash, write_bytes
from sr.locks import hold
from sr.provenance import TRAINING_CODE, code_hash
from sr.recipes.budget import apply, load_budget
from sr.recipes.changes import changed
from sr.recipes.recipe import Recipe, load_recipe
from sr.recipes.run_record import RECORD, WEIGHTS
from sr.seals import write_record
from sr.training.curve import write_curve, write_stability
from sr.training.loop import Loop, Plan
from sr.training.objective import Objective
from sr.training.record import execution_deviations, identity, outcome
from sr.training.start import enlargement, starting_weights
from sr.training.trainer import Trainer
from sr.training.twin import take_over
from sr.training.validation import Validation
from sr.weights.generators import save_weights, sealed_safetensors
from sr.weights.pretrained import load_pretrained, tensors_hash


@dataclass(frozen=True)
class Run:
    """What is trained, on what, and where it goes.

    packed, benchmark: folders of the packed training set and of the validation images.
    start: folder of the run whose generator it begins with, if the recipe names one, or a file of weights.
    threads: torch's, or None for the budget's. precision: of the networks.
    micro_batch: images that go through the networks at a time, or None for all of a step.
    deterministic: the same bits at every repetition, also on a GPU.
    twin: folder of a finished run of the very same training under another name, to be taken over.
    checkpoint_minutes: how much training a killed process may lose.
    changes: `key=value` of the recipe's settings, which the budget does not touch again.
    """

    recipe: str
    budget: str
    seed: int
    packed: Path
    benchmark: Path
    start: Path | None
    output: Path
    threads: int | None = None
    precision: Precision = "float32"
    micro_batch: int | None = None
    deterministic: bool = False
    twin: Path | None = None
    checkpoint_minutes: float = 5.0
    changes: tuple[str, ...] = ()


class DidNotLearnError(InputError):
    """A PSNR-oriented run ended below bicubic on images it did not train on."""


def train(run: Run, assets: Assets) -> dict[str, Any]:
    """Train `run`, going on from its last checkpoint, and return what is written into run.json.

    Leaves generator.safetensors, the recipe's result, beside it raw.safetensors and averaged.safetensors
    where the weights are averaged, run.json, curve.csv, stability.csv, samples/ and, where the recipe keeps
    generators on the way, kept/ in `run.output`, and checkpoints, the growing curve and all samples in its
    folder progress/. Inside `sr.distributed.joined()` every process calls this; the first one writes.
    Raises InputError for a run that can not be made, StoppedError for one that is asked to end, and
    DidNotLearnError for one that ends worse than bicubic; its record is then progress/run.json.
    """
    if run.twin is not None:
        twin = run.twin
        return on_first(lambda: _take_over(run, twin, assets))
    loop, deviations = together(lambda: _prepared(run, assets))
    loop.run(f"{run.recipe} ({run.budget}, seed {run.seed})")
    return on_first(lambda: _finish(run, loop, deviations))


def _prepared(run: Run, assets: Assets) -> tuple[Loop, tuple[str, ...]]:
    """The loop and the run's deviations; everything that can be refused before the first step is."""
    budget, recipe = load_budget(run.budget), load_recipe(run.recipe)
    packed = PackedSet(run.packed)
    resolved = apply(budget, recipe, packed.index.training_set)
    share = budget.share(recipe)
    recipe, changes = changed(resolved.recipe, run.changes)
    deviations = _own_deviations(run, recipe, (*resolved.deviations, *changes))
    torch.set_num_threads(run.threads or share.threads)
    execution = choose(run.precision, run.micro_batch, deterministic=run.deterministic)
    if torch.cuda.is_available() and not execution.recorded and first():
        print("on several processes a step is not recorded as a CUDA graph; it runs slower.", file=sys.stderr)
    _hold(run)
    pretrained = {name: load_pretrained(assets, name) for name in recipe.losses.assets}
    objective = Objective(recipe.losses, pretrained.__getitem__)
    trainer = _trainer(run, recipe, packed, objective, execution)
    weights, inherited = starting_weights(recipe, run.start, name=run.recipe, budget=run.budget)
    if weights is None and recipe.initialisation == "enlargement":
        weights = enlargement(trainer.generator)
    if weights is not None:
        trainer.begin_with(weights)
    made_from = _made_from(run, packed, {name: tensors_hash(one) for name, one in pretrained.items()})
    plan = Plan(
        iterations=recipe.schedule.iterations,
        checks=share.checks,
        checkpoint_minutes=run.checkpoint_minutes,
        keep_every=recipe.keep_every,
        folder=run.output / "progress",
        identity=identity(recipe.model_dump(mode="json"), run.seed, made_from),
        made_from=made_from,
        code=code_hash(TRAINING_CODE),
        execution=execution.record(),
    )
    validation = Validation(Benchmark(run.benchmark), assets) if first() else None
    return Loop(trainer, validation, plan), (*deviations, *inherited)


def _own_deviations(run: Run, recipe: Recipe, deviations: tuple[str, ...]) -> tuple[str, ...]:
    """The deviations that count: to a run that begins with given weights, not how it else would begin.

    Raises InputError where both were asked for.
    """
    if run.start is None:
        return deviations
    if recipe.initialisation == "enlargement" and any(
        one.startswith("initialisation=") for one in run.changes
    ):
        raise InputError(f"--set initialisation=enlargement: the run begins with {run.start}; leave one out.")
    return tuple(one for one in deviations if not one.startswith("initialisation:"))


def _hold(run: Run) -> None:
    """Keep other processes out of the run's folder for as long as this one lives."""
    if first() and not hold(run.output / "progress" / "lock"):
        raise InputError(f"{run.output}: another process is training this run; wait for it or stop it.")


def _take_over(run: Run, twin: Path, assets: Assets) -> dict[str, Any]:
    """What `train` leaves, without training."""
    if run.changes:
        raise InputError("--twin takes over a training as it was made: leave out --set, or --twin to train.")
    _hold(run)
    packed = PackedSet(run.packed)
    resolved = apply(load_budget(run.budget), load_recipe(run.recipe), packed.index.training_set)
    _, inherited = starting_weights(resolved.recipe, run.start, name=run.recipe, budget=run.budget)
    deviations = _own_deviations(run, resolved.recipe, resolved.deviations)
    ours = _header(run, packed, resolved.recipe.patch, (*deviations, *inherited))
    names = resolved.recipe.losses.assets
    pretrained = {name: tensors_hash(load_pretrained(assets, name)) for name in names}
    return take_over(twin, run.output, ours, resolved.recipe, _made_from(run, packed, pretrained))


def _made_from(run: Run, packed: PackedSet, pretrained: dict[str, str]) -> dict[str, Any]:
    """What a run is made from beside its settings: contents of the images and weights that it takes in.

    pretrained: asset -> hash of the weights that its losses look with.
    """
    start = None
    if run.start:
        # Relative, because a folder of results may move as a whole.
        place = os.path.relpath(run.start.resolve(), run.output.resolve())
        kind, weights = ("file", run.start) if run.start.is_file() else ("run", run.start / WEIGHTS)
        start = {kind: Path(place).as_posix(), "weights": file_hash(weights)}
    return {
        "training_set_checksum": packed.index.checksum,
        "start": start,
        "pretrained": pretrained or None,
    }


def _trainer(
    run: Run, recipe: Recipe, packed: PackedSet, objective: Objective, execution: Execution
) -> Trainer:
    sampler = CropSampler(
        packed,
        seed=run.seed,
        batch=recipe.batch,
        patch=recipe.patch,
        augmentation=Augmentation(recipe.augmentation.flip, recipe.augmentation.rotate),
        sampling=recipe.sampling,
        distinct_images=recipe.distinct_images,
    )
    return Trainer(recipe, objective, sampler, run.seed, execution)


def _finish(run: Run, loop: Loop, deviations: tuple[str, ...]) -> dict[str, Any]:
    """Write what the run has become, or say that it did not learn."""
    said = (*deviations, *execution_deviations(loop.trainer, loop.executions))
    record = _header(run, loop.trainer.sampler.packed, loop.trainer.sampler.patch, said) | outcome(loop)
    if record["status"] == "did not learn":
        write_record(loop.folder / RECORD, record)
        reached = record["validation"]
        raise DidNotLearnError(
            f"{run.recipe}: did not learn: {reached['psnr']:.2f} dB after {loop.plan.iterations} iterations"
            f" is not above bicubic's {reached['bicubic_psnr']:.2f} dB; see {loop.folder / 'curve.csv'}, and"
            f" delete {run.output} to train it again."
        )
    _write(run.output, loop, record)
    return record


def _header(run: Run, packed: PackedSet, patch: int, deviations: tuple[str, ...]) -> dict[str, Any]:
    return {
        "recipe_name": run.recipe,
        "budget": run.budget,
        "training_set": packed.index.training_set,
        "training_images": packed.account(patch),
        "seed": run.seed,
        "deviations": list(deviations),
    }


def _write(output: Path, loop: Loop, record: dict[str, Any]) -> None:
    """The result's weights come last: where they are, everything is. The record holds their hash."""
    write_curve(output / "curve.csv", loop.rows)
    write_stability(output / "stability.csv", loop.stability)
    shutil.copytree(loop.samples(loop.plan.iterations), output / "samples", dirs_exist_ok=True)
    weights = sealed_safetensors(loop.trainer.result)
    record["generator_sha256"] = bytes_hash(weights)
    write_record(output / RECORD, record)
    for name, generator in loop.trainer.generators.items():
        save_weights(output / f"{name}.safetensors", generator)
    write_bytes(output / WEIGHTS, weights)
