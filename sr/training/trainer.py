"""The alternating loop's one step, and everything that has to be kept to go on exactly where it stopped."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.optim import Adam, Optimizer
from torch.optim.lr_scheduler import MultiStepLR

from sr.data.crops import CropSampler
from sr.losses.batch import Batch
from sr.training.objective import Objective
from sr.training.recipe import Recipe


class Trainer:
    """Trains a recipe's generator, and its discriminator where it has one, one step at a time.

    A step is a pure function of this object's state and the step's number: its crops come from
    `sampler.batch(step)`, and no global random state is used.
    """

    def __init__(self, recipe: Recipe, objective: Objective, sampler: CropSampler, seed: int) -> None:
        torch.manual_seed(seed)
        self.generator: nn.Module = recipe.generator.build()
        self.discriminator = recipe.discriminator.build(recipe.patch) if recipe.discriminator else None
        self.objective = objective
        self.sampler = sampler
        self.step_number = 0
        self._optimisers = {"generator": _adam(self.generator, recipe)}
        if self.discriminator is not None:
            self._optimisers["discriminator"] = _adam(self.discriminator, recipe)
        self._schedules = {
            name: MultiStepLR(optimiser, list(recipe.schedule.milestones), recipe.schedule.factor)
            for name, optimiser in self._optimisers.items()
        }

    @property
    def learning_rate(self) -> float:
        """The generator's learning rate in the next step."""
        return float(self._schedules["generator"].get_last_lr()[0])

    def to(self, device: torch.device) -> "Trainer":
        """Move networks to a device; call it before the first step and before `load_state`."""
        self.device = device
        self.generator.to(device)
        self.objective.to(device)
        if self.discriminator is not None:
            self.discriminator.to(device)
        return self

    def step(self) -> dict[str, torch.Tensor]:
        """One update of the generator, then one of the discriminator (k = 1). Returns the named terms."""
        lr, hr = (crops.to(self.device).float() / 255.0 for crops in self.sampler.batch(self.step_number))
        self.generator.train()
        batch = Batch(lr, hr, self.generator(lr), self.discriminator)
        terms = self._update_generator(batch)
        if self.discriminator is not None:
            terms["discriminator"] = self._update_discriminator(batch.detached())
        for schedule in self._schedules.values():
            schedule.step()
        self.step_number += 1
        return {name: term.detach() for name, term in terms.items()}

    def state(self) -> dict[str, Any]:
        """Everything needed to go on, as tensors and plain values."""
        networks = {"generator": self.generator.state_dict()}
        if self.discriminator is not None:
            networks["discriminator"] = self.discriminator.state_dict()
        return {
            "step": self.step_number,
            "networks": networks,
            "optimisers": {name: optimiser.state_dict() for name, optimiser in self._optimisers.items()},
            "schedules": {name: schedule.state_dict() for name, schedule in self._schedules.items()},
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.step_number = state["step"]
        self.generator.load_state_dict(state["networks"]["generator"])
        if self.discriminator is not None:
            self.discriminator.load_state_dict(state["networks"]["discriminator"])
        for name, optimiser in self._optimisers.items():
            optimiser.load_state_dict(state["optimisers"][name])
            self._schedules[name].load_state_dict(state["schedules"][name])

    def _update_generator(self, batch: Batch) -> dict[str, torch.Tensor]:
        # Frozen, the discriminator passes gradients on without collecting any of its own.
        _require_gradients(self.discriminator, False)
        terms = self.objective.generator_terms(batch)
        _update(self._optimisers["generator"], self.objective.generator_loss(terms))
        _require_gradients(self.discriminator, True)
        return terms

    def _update_discriminator(self, batch: Batch) -> torch.Tensor:
        loss = self.objective.discriminator_loss(batch)
        _update(self._optimisers["discriminator"], loss)
        return loss


def _adam(network: nn.Module, recipe: Recipe) -> Adam:
    return Adam(network.parameters(), lr=recipe.optimiser.learning_rate, betas=recipe.optimiser.betas)


def _update(optimiser: Optimizer, loss: torch.Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()


def _require_gradients(network: nn.Module | None, required: bool) -> None:
    parameters: Iterable[nn.Parameter] = network.parameters() if network is not None else ()
    for parameter in parameters:
        parameter.requires_grad_(required)
