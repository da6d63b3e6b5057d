"""What enlarging an image costs: parameters, multiply-adds, time and memory of a generator.

Counted for an output of 1280 x 720, as papers on x4 super-resolution do. Weights are random: none of these
depends on their values, so nothing has to be trained or fetched first.
"""

import multiprocessing
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, TypeAdapter
from torch import Tensor, nn

from sr.allocator import keep_memory
from sr.config import load_yaml, validate
from sr.device import exact_float32, peak_memory
from sr.files import value_hash, write_json
from sr.inference.forward import SCALE, forward
from sr.networks import NetworkSettings
from sr.networks.operations import forward_operations
from sr.provenance import COMPLEXITY_CODE, code_hash, computer, environment, processor
from sr.recipes.budget import apply, load_budget
from sr.recipes.recipe import load_recipe
from sr.results.source import Kind, Source
from sr.weights.released import released

# Height and width of the input whose output is 1280 x 720.
INPUT = (720 // SCALE, 1280 // SCALE)
OUTPUT_MEGAPIXELS = SCALE**2 * INPUT[0] * INPUT[1] / 1e6

# Time varies upwards only, so the fastest pass counts; slow networks, which vary little, are not repeated.
# On a CPU it is one thread's processor time, which other work on the machine hardly changes.
_PASSES = 3
_ENOUGH = 1.0
# LR side of a first, small pass, after which all code that the large ones need is in memory.
_SMALL = 48


class Cost(BaseModel):
    """Of one generator. multiply_adds: of its convolutions and matrix products for the whole output.

    seconds: per megapixel of output, of the fastest pass; one thread's on a CPU. memory: most bytes held in
    one pass beyond what the idle process held, weights included.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    parameters: int
    multiply_adds: int
    seconds: float
    memory: int


class Costs(BaseModel):
    """Costs by source, and where they were measured. Seeds of a recipe share one source's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    machine: str
    output: str
    provenance: dict[str, str]
    sources: dict[str, Cost]


def load_costs(path: Path) -> Costs:
    """What `measure_sources` wrote. Raises InputError for anything else."""
    return validate(load_yaml(path), Costs, path)


def measure_sources(sources: Iterable[Source], kept: Path) -> Costs:
    """The cost of every source that is a network; baselines and supplied images are left out.

    kept: a folder where each
    architecture's cost is found again, as long as code and machine stay the same.
    Raises InputError for an unknown source.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    machine = describe(device)
    settings = {source: settings_of_source(source) for source in sources}
    found = {
        str(source): _kept(value, machine, device, kept)
        for source, value in settings.items()
        if value is not None
    }
    output = f"{SCALE * INPUT[1]}x{SCALE * INPUT[0]}"
    provenance = {"code": code_hash(COMPLEXITY_CODE), **environment()}
    return Costs(machine=machine, output=output, provenance=provenance, sources=found)


def settings_of_source(source: Source) -> NetworkSettings | None:
    """Settings of the generator behind a source; None for a baseline and for supplied images."""
    if source.kind == Kind.RELEASED:
        return released(source.name).network
    if source.kind != Kind.TRAINED:
        return None
    recipe = load_recipe(source.name)
    return apply(load_budget(source.budget), recipe, source.training_set).recipe.generator


def parameters(network: nn.Module) -> int:
    """Number of trainable values."""
    return sum(parameter.numel() for parameter in network.parameters())


def multiply_adds(settings: NetworkSettings, height: int, width: int) -> int:
    """Multiply-adds of all convolutions and matrix products for an LR image of height x width.

    What the network's definition asks for, whatever faster way is taken to compute it. Biases,
    activations, normalisations and interpolations are not counted.
    """
    # On torch's meta device shapes are computed and nothing else.
    with torch.device("meta"):
        network = settings.build().eval()
        lr = torch.empty(1, 3, height, width)
    # torch counts a multiplication and an addition as two.
    return forward_operations(network, lr) // 2


def describe(device: torch.device) -> str:
    """The machine in words, for a caption."""
    if device.type == "cuda":
        return f"one {torch.cuda.get_device_name(device)}, float32"
    return f"{processor()}, one thread, float32"


def _kept(settings: NetworkSettings, machine: str, device: torch.device, kept: Path) -> Cost:
    """The cost measured earlier, or now."""
    told = settings.model_dump(mode="json")
    versions = {"code": code_hash(COMPLEXITY_CODE), **computer()}
    path = kept / f"{value_hash([told, machine, versions, list(INPUT)])[:16]}.json"
    if path.is_file():
        return validate(load_yaml(path)["cost"], Cost, path)
    # Counted here, where what counts is imported once.
    cost = _measured(told, multiply_adds(settings, *INPUT), str(device))
    write_json(path, {"generator": told, "machine": machine, "cost": cost.model_dump(), "with": versions})
    return cost


def _measured(told: dict[str, Any], counted: int, device: str) -> Cost:
    """In a process of its own, because a process' peak of memory never falls again."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_measure, told, counted, device).result()


def _measure(told: dict[str, Any], counted: int, device: str) -> Cost:
    keep_memory()
    torch.set_num_threads(1)
    settings: Any = TypeAdapter(NetworkSettings).validate_python(told)
    torch.manual_seed(0)
    place = torch.device(device)
    network: nn.Module = settings.build().eval().to(place)
    lr = torch.rand(1, 3, *INPUT, device=place)
    weights = sum(value.numel() * value.element_size() for value in network.state_dict().values())
    _seconds(network, lr[..., :_SMALL, :_SMALL])
    idle = _idle_memory(place, weights)
    passes = [_seconds(network, lr)]
    memory = peak_memory(place) - idle
    while len(passes) < _PASSES and sum(passes) < _ENOUGH:
        passes.append(_seconds(network, lr))
    return Cost(
        parameters=parameters(network),
        multiply_adds=counted,
        seconds=min(passes) / OUTPUT_MEGAPIXELS,
        memory=memory,
    )


def _idle_memory(device: torch.device, weights: int) -> int:
    """What is held without the network: nothing that counts on a GPU, else the process without weights."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return 0
    return peak_memory(device) - weights


@exact_float32()
def _seconds(network: nn.Module, lr: Tensor) -> float:
    begin = _clock(lr.device)
    forward(network, lr)
    return _clock(lr.device) - begin


def _clock(device: torch.device) -> float:
    """Seconds: of this process on a CPU, else of the clock on the wall, once the GPU has done its work."""
    if device.type != "cuda":
        return time.process_time()
    torch.cuda.synchronize(device)
    return time.perf_counter()
