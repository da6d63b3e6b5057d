"""What each of several processes runs: `python -m tests.training.distributed_worker JOB FOLDER`."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import torch

from sr import distributed
from sr.data.crops import Augmentation, CropSampler
from sr.data.packing import PackedSet
from sr.device import CPU
from sr.errors import InputError
from sr.networks.batch_normalisation import BatchNorm2d
from sr.recipes.recipe import Recipe
from sr.training.objective import Objective
from sr.training.trainer import Trainer
from tests.training import tiny_run
from tests.training.plain_networks import gradients, without_batch_statistics


def first_step(folder: Path, name: str) -> dict[str, list[torch.Tensor]]:
    """Gradients and terms of a recipe's first step: `plain` networks, or `normalised` by the batch."""
    recipe = Recipe.model_validate(json.loads((folder / "recipe.json").read_text()))
    recipe = without_batch_statistics(recipe) if name == "plain" else recipe
    sampler = CropSampler(
        PackedSet(folder / "packed"),
        seed=0,
        batch=recipe.batch,
        patch=recipe.patch,
        augmentation=Augmentation(True, True),
        sampling="image",
        distinct_images=True,
    )
    trainer = Trainer(recipe, Objective(recipe.losses), sampler, 0, CPU)
    terms = trainer.step()
    return {
        "terms": list(terms.values()),
        "generator": gradients(trainer.generator),
        "discriminator": gradients(trainer.discriminator),
    }


def steps(folder: Path) -> None:
    """Every process must end with the same gradients; the first one writes them."""
    torch.set_num_threads(1)
    found = {name: first_step(folder, name) for name in ("plain", "normalised")}
    torch.save(found, folder / f"steps{distributed.rank()}.pt")


def failing(folder: Path) -> None:
    """The first process refuses, while the others would wait for it."""

    def refuse() -> None:
        raise InputError("the first process refuses")

    distributed.on_first(refuse)
    (folder / f"went-on-{distributed.rank()}").touch()


def failing_second(folder: Path) -> None:
    """Another process than the first can not go on."""

    def refuse() -> None:
        if distributed.rank() == 1:
            raise InputError("the second process refuses")

    distributed.together(refuse)
    (folder / f"went-on-{distributed.rank()}").touch()


def mean(folder: Path) -> None:
    """Gradient of a function of the global mean, averaged over the processes."""
    values = torch.arange(6.0).reshape(2, 3)[distributed.rank()].clone().requires_grad_()
    scaled = values * torch.tensor(2.0)
    loss = ((scaled - distributed.global_mean(scaled)) ** 3).mean()
    loss.backward()
    torch.save((loss.detach(), values.grad), folder / f"mean{distributed.rank()}.pt")


def normalisation(folder: Path) -> None:
    """This process' share of a batch, normalised twice; then a loss in which images matter unequally."""
    case = torch.load(folder / "case.pt")
    layer = BatchNorm2d(3).double()
    layer.load_state_dict(case["layer"])
    own = distributed.share(len(case["features"]))
    features = case["features"][own].clone().requires_grad_()
    layer(case["earlier"][own])
    normalised = layer(features)
    (normalised**3 * case["weights"][own]).mean().backward()
    parameters = [parameter.grad for parameter in layer.parameters()]
    distributed.average(parameters)
    found = {
        "normalised": normalised.detach(),
        "features": features.grad / distributed.processes(),
        "parameters": parameters,
        "statistics": list(layer.buffers()),
    }
    torch.save(found, folder / f"normalised{distributed.rank()}.pt")


def stopped_run(folder: Path) -> None:
    """`sr train` with a tiny budget, stopped on the way."""
    step = Trainer.step

    def stopping(trainer: Trainer) -> dict[str, torch.Tensor]:
        if trainer.step_number == tiny_run.ITERATIONS - 5:
            raise InputError("stopped")
        return step(trainer)

    Trainer.step = stopping  # type: ignore[method-assign]
    tiny_run.change_this_process()
    tiny_run.runs.train(tiny_run.a_run(folder, "shared"), tiny_run.NoAssets())  # type: ignore[arg-type]


def watched_run(folder: Path) -> None:
    """`sr train` with a tiny budget to its end, noting what this process opens to write, makes or moves."""
    written: list[str] = []

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        reading = event == "open" and not (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)
        if event not in ("open", "os.mkdir", "os.rename", "os.remove") or reading:
            return
        paths = [os.fsdecode(one) for one in arguments[:2] if isinstance(one, str | bytes | Path)]
        written.extend(path for path in paths if path.startswith(str(folder / "shared")))

    sys.addaudithook(note)
    tiny_run.change_this_process()
    tiny_run.runs.train(tiny_run.a_run(folder, "shared"), tiny_run.NoAssets())  # type: ignore[arg-type]
    (folder / f"written{distributed.rank()}").write_text("\n".join(written))


if __name__ == "__main__":
    job = {
        "steps": steps,
        "failing": failing,
        "failing_second": failing_second,
        "mean": mean,
        "normalisation": normalisation,
        "stopped_run": stopped_run,
        "watched_run": watched_run,
    }[sys.argv[1]]
    try:
        with distributed.joined():
            job(Path(sys.argv[2]))
    except InputError as error:
        sys.exit(f"sr: {error}")
