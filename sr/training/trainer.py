"""The alternating loop's one step, and everything that has to be kept to go on exactly where it stopped."""

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.optim import Adam

from sr.data.crops import CropSampler
from sr.device import CPU, Autocast, Execution
from sr.distributed import average
from sr.losses.batch import Batch
from sr.recipes.recipe import Recipe
from sr.recipes.schedule import factor
from sr.recorded import Recorded
from sr.training.average import Average
from sr.training.feed import Crops, Feed
from sr.training.objective import Objective

Terms = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Pass:
    """One micro-batch's loss with its terms, and its share of the batch."""

    loss: torch.Tensor
    terms: Terms
    share: float


class PlainAdam(Adam):
    """Adam by torch's own code without the door for torch's compiler around it, whose import takes two
    seconds of every start.
    """

    add_param_group = inspect.unwrap(Adam.add_param_group)
    zero_grad = inspect.unwrap(Adam.zero_grad)
    state_dict = inspect.unwrap(Adam.state_dict)
    step = torch.no_grad()(inspect.unwrap(Adam.step))


class Trainer:
    """Trains a recipe's generator, and its discriminator where it has one, one step at a time.

    A step is a pure function of this object's state and the step's number: its crops come from
    `sampler`'s draws for it, and no global random state is used. Nothing in it makes the host wait for
    the device, and where `execution` says so it is recorded and launched as one. execution: where and how
    it computes; `to` moves it.
    """

    def __init__(
        self,
        recipe: Recipe,
        objective: Objective,
        sampler: CropSampler,
        seed: int,
        execution: Execution = CPU,
    ) -> None:
        torch.manual_seed(seed)
        self.recipe = recipe
        self.execution = execution
        self.generator: nn.Module = recipe.generator.build()
        self.discriminator = recipe.discriminator.build(recipe.patch) if recipe.discriminator else None
        self.average = Average(self.generator, recipe.ema.decay) if recipe.ema else None
        self.objective = objective
        self.sampler = sampler
        self.step_number = 0
        self._optimisers = {name: _adam(network, recipe) for name, network in self._networks().items()}
        for loss in objective.pretrained:
            loss.network = self._prepared(loss.network)
        self.to(torch.device(execution.device))

    @property
    def learning_rate(self) -> float:
        """The generator's learning rate in the next step."""
        recipe = self.recipe
        return recipe.optimiser.learning_rate * factor(recipe.schedule, self.step_number)

    @property
    def result(self) -> nn.Module:
        """The generator that is validated and tested: the averaged one where the recipe says so."""
        return self.generators.get(self.recipe.result, self.generator)

    @property
    def generators(self) -> dict[str, nn.Module]:
        """The trained generator and its average, by the names that a recipe's `result` has for them; nothing
        where there is no choice.
        """
        return {} if self.average is None else {"raw": self.generator, "averaged": self.average.network}

    @property
    def recorded(self) -> bool:
        """Whether steps are launched as one, which a GPU may have refused."""
        return isinstance(self._updates, Recorded) and not self._updates.refused

    def begin_with(self, weights: dict[str, torch.Tensor]) -> None:
        """Start from other weights than the random ones; call it before the first step."""
        self.generator.load_state_dict(weights)
        if self.average is not None:
            self.average.begin(self.generator)

    def to(self, device: torch.device) -> "Trainer":
        """Move networks to a device; call it before the first step and before `load_state`."""
        self.device = device
        layout = self.execution.layout
        for network in self._all_networks().values():
            network.to(device).to(memory_format=layout)
        self.objective.to(device, layout)
        self._place_rates()
        self._feed = Feed(self.sampler, self.execution.micro_batch, device, layout)
        self._generate = self._prepared(self.generator)
        self._generate_averaged = self._prepared(self.average.network) if self.average is not None else None
        # A discriminator that is differentiated twice is left in float32.
        judge, twice = self.discriminator, self.objective.needs_second_derivatives
        self._judge = judge if judge is None or twice else self._prepared(judge)
        self._updates = Recorded(self._update_all, device) if self.execution.recorded else self._update_all
        return self

    def step(self) -> Terms:
        """One update of the generator, then one of the discriminator (k = 1).

        Returns the named terms, unweighted means over the global batch, and the norm of each network's
        gradient, as scalars on the device.
        """
        self.generator.train()
        self._set_rates(self.learning_rate)
        self._feed.send(self.step_number)
        values = self._updates()
        self.step_number += 1
        # The next step may write where these values lie.
        return dict(zip(values, torch.stack(list(values.values())).unbind(), strict=True))

    def _update_all(self) -> Terms:
        """A step's arithmetic, on the crops and at the rates that lie on the device."""
        judged: list[Batch] = []
        # Frozen, the discriminator passes gradients on without collecting any of its own.
        _require_gradients(self.discriminator, False)
        terms = self._update("generator", self._generator_passes(judged))
        _require_gradients(self.discriminator, True)
        if self.discriminator is not None:
            terms |= self._update("discriminator", self._discriminator_passes(judged))
        # This step's artifact map has used the average of the steps before: LDL (sec. 3.4, and its
        # released code) optimises Psi with it, and then moves Psi_EMA.
        if self.average is not None:
            self.average.update(self.generator)
        return terms

    def state(self) -> dict[str, Any]:
        """Everything needed to go on, as tensors and plain values."""
        return {
            "step": self.step_number,
            "networks": {name: network.state_dict() for name, network in self._all_networks().items()},
            "optimisers": {name: optimiser.state_dict() for name, optimiser in self._optimisers.items()},
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.step_number = state["step"]
        for name, network in self._all_networks().items():
            network.load_state_dict(state["networks"][name])
        for name, optimiser in self._optimisers.items():
            optimiser.load_state_dict(state["optimisers"][name])
            _lay_moments_out(optimiser)
        self._place_rates()

    def _place_rates(self) -> None:
        """On a GPU a rate is a value of the device, which recorded updates read anew each time."""
        recordable = self.device.type == "cuda"
        for group in self._groups():
            rate = float(group["lr"])
            group["lr"] = torch.tensor(rate, device=self.device) if recordable else rate
            group["capturable"] = recordable

    def _set_rates(self, rate: float) -> None:
        for group in self._groups():
            if isinstance(group["lr"], torch.Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def _groups(self) -> Iterator[dict[str, Any]]:
        for optimiser in self._optimisers.values():
            yield from optimiser.param_groups

    def _networks(self) -> dict[str, nn.Module]:
        """Those that have an optimiser."""
        trained: dict[str, nn.Module] = {"generator": self.generator}
        return trained if self.discriminator is None else trained | {"discriminator": self.discriminator}

    def _all_networks(self) -> dict[str, nn.Module]:
        return self._networks() | ({} if self.average is None else {"average": self.average.network})

    def _prepared(self, network: nn.Module) -> nn.Module:
        """A network as a step calls it; the plain one keeps its weights' names and is what is saved."""
        return Autocast(network) if self.execution.precision == "bfloat16" else network

    def _generator_passes(self, judged: list[Batch]) -> Iterator[Pass]:
        """Loss and terms of each micro-batch, whose images are left in `judged` for the discriminator."""
        micro_batches = self._feed.crops()
        for crops in micro_batches:
            batch = self._batch(crops)
            judged.append(batch.detached())
            terms = self.objective.generator_terms(batch)
            yield Pass(self.objective.generator_loss(terms), terms, 1.0 / len(micro_batches))

    def _discriminator_passes(self, judged: list[Batch]) -> Iterator[Pass]:
        for batch in judged:
            terms = self.objective.discriminator_terms(batch)
            yield Pass(torch.stack(list(terms.values())).sum(), terms, 1.0 / len(judged))

    def _batch(self, crops: Crops) -> Batch:
        averaged = None
        if self.objective.needs_ema and self._generate_averaged is not None:
            with torch.no_grad():
                averaged = self._generate_averaged(crops.lr)
        return Batch(crops.lr, crops.hr, self._generate(crops.lr), self._judge, averaged, crops.mixing)

    def _update(self, name: str, passes: Iterable[Pass]) -> Terms:
        """Add up the gradients of all passes, average them over the processes and take Adam's step."""
        optimiser = self._optimisers[name]
        optimiser.zero_grad(set_to_none=True)
        rows = []
        for one in passes:
            (one.loss * one.share).backward()
            names = list(one.terms)
            rows.append(torch.stack([term.detach() for term in one.terms.values()]) * one.share)
        values = torch.stack(rows).sum(dim=0)
        gradients = [p.grad for p in self._networks()[name].parameters() if p.grad is not None]
        average([*gradients, values])
        norm = nn.utils.get_total_norm(gradients)
        optimiser.step()
        return dict(zip(names, values.unbind(), strict=True)) | {f"{name}_gradient_norm": norm}


def _adam(network: nn.Module, recipe: Recipe) -> PlainAdam:
    rate, betas = recipe.optimiser.learning_rate, recipe.optimiser.betas
    return PlainAdam(network.parameters(), lr=rate, betas=betas, fused=True)


def _lay_moments_out(optimiser: PlainAdam) -> None:
    """Loaded moments keep the memory layout that they were saved with. Where another device or precision lays
    the weights out otherwise, the fused update would move each weight by another one's moments.
    """
    for parameter, moments in optimiser.state.items():
        for name, value in moments.items():
            if value.shape == parameter.shape:
                moments[name] = torch.empty_like(parameter, requires_grad=False).copy_(value)


def _require_gradients(network: nn.Module | None, required: bool) -> None:
    parameters: Iterable[nn.Parameter] = network.parameters() if network is not None else ()
    for parameter in parameters:
        parameter.requires_grad_(required)
