"""What run.json says of a run when it ends."""

from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from sr.device import PAPERS_PRECISION, PRECISION, device_name
from sr.files import value_hash
from sr.provenance import environment
from sr.recipes.recipe import computed
from sr.training.loop import Loop
from sr.training.trainer import Trainer

# Begins the deviation that a machine's memory asks for, not the budget.
BATCH_STATISTICS = "batch statistics"

# What begins those deviations that come of the machine and its use, and not of the recipe's budget.
OF_EXECUTION = (BATCH_STATISTICS, PRECISION)


def identity(settings: dict[str, Any], seed: int, made_from: dict[str, Any]) -> str:
    """Hash of what decides a run: its resolved recipe, seed, images, and the weights it takes in.

    Checkpoints of another identity belong to another run.
    """
    start = made_from["start"]
    taken = [made_from["training_set_checksum"], start and start["weights"], made_from["pretrained"]]
    return value_hash([computed(settings), seed, *taken])


def outcome(loop: Loop) -> dict[str, Any]:
    """Status, validation, cost and provenance of a run that has reached its last step."""
    assert loop.validation is not None  # on the first process
    trainer = loop.trainer
    first, last, bicubic = loop.rows[0], loop.rows[-1], loop.validation.bicubic()
    failed = trainer.recipe.psnr_oriented and last["validation_psnr"] <= bicubic.psnr
    rate = loop.pace.median_steps_a_second()
    return {
        "status": "did not learn" if failed else "finished",
        "validation": {
            "benchmark": loop.validation.benchmark,
            "generator": trainer.recipe.result,
            "psnr": last["validation_psnr"],
            "lpips": last["validation_lpips"],
            "start_psnr": first["validation_psnr"],
            "start_lpips": first["validation_lpips"],
            "bicubic_psnr": bicubic.psnr,
            "bicubic_lpips": bicubic.lpips,
            "lpips_unavailable": loop.validation.lpips_missing,
        },
        "seconds": round(loop.pace.seconds, 1),
        "images_per_second": round(rate * trainer.sampler.size, 3) if rate else None,
        "peak_memory_bytes": loop.peak_memory,
        "parameters": {
            "generator": _parameters(trainer.generator),
            "discriminator": _parameters(trainer.discriminator),
        },
        "recipe": trainer.recipe.model_dump(mode="json"),
        "provenance": {
            "identity": loop.plan.identity,
            "code": loop.codes,
            "executions": loop.executions,
            **loop.plan.made_from,
            "threads": torch.get_num_threads(),
            "device": device_name(trainer.device),
            **environment(),
        },
    }


def execution_deviations(trainer: Trainer, executions: list[dict[str, Any]]) -> tuple[str, ...]:
    """In what the way a run was computed differs from the papers'."""
    used = dict.fromkeys(execution["precision"] for execution in executions)
    rounded = (f"{PRECISION}: {one} instead of {PAPERS_PRECISION}" for one in used if one != PAPERS_PRECISION)
    return (*_accumulation_deviations(trainer, executions), *rounded)


def _accumulation_deviations(trainer: Trainer, executions: list[dict[str, Any]]) -> tuple[str, ...]:
    """What micro-batches change: statistics over the batch are then over fewer images.

    Those are batch normalisation's, and the means of a relativistic game. Every other gradient is the
    whole batch's.
    """
    networks = [network for network in (trainer.generator, trainer.discriminator) if network is not None]
    normalised = any(isinstance(module, _BatchNorm) for network in networks for module in network.modules())
    if not normalised and not trainer.objective.compares_within_batch:
        return ()
    batch = trainer.sampler.size
    at_once = {
        execution["micro_batch"] * execution["processes"]
        for execution in executions
        if execution["micro_batch"] is not None
    }
    return tuple(
        f"{BATCH_STATISTICS}: over {images} images instead of {batch}" for images in sorted(at_once - {batch})
    )


def _parameters(network: nn.Module | None) -> int | None:
    return None if network is None else sum(parameter.numel() for parameter in network.parameters())
