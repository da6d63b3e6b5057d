"""What rules pass on to commands, or watch: options, resources, and what results would be made from today."""

import os
import shlex
from collections.abc import Callable, Iterable
from math import ceil
from pathlib import Path
from typing import Any

from sr.data.catalogue import catalogue
from sr.files import file_hash
from sr.planning.plan import Plan
from sr.remembered import remembered
from sr.results.source import Kind, Source

# More threads than this read faster than most disks, and a thread is worth starting for so many images.
_PACKING_THREADS = 8
_IMAGES_A_THREAD = 50

_hash_of_weights = remembered(file_hash)


def option(name: str, values: Iterable[object]) -> str:
    """`--name value` for every value, quoted for a command line."""
    return " ".join(f"--{name} {shlex.quote(str(value))}" for value in values)


def folders(paths: Iterable[str]) -> list[str]:
    """The folders that files lie in."""
    return [str(Path(path).parent) for path in paths]


def made_from(plan: Plan, sources: Iterable[Source]) -> list[str]:
    """What each source would be made with today; it is evaluated anew when that changes."""
    return [_made_from(plan, source) for source in sources]


def megabytes(first: int) -> Callable[[Any, int], int]:
    """Memory of a job: `first`, and as much again at each new attempt. What a rule does not say of memory
    and minutes is the profile's default-resources.
    """
    return lambda wildcards, attempt: attempt * first  # noqa: ARG005 (Snakemake passes by these names)


def available_cores() -> int:
    """Processor cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def packing_threads(training_set: str) -> int:
    """Threads that pack a training set. A few images need one, and many take half of the cores: a job that
    wants all waits until nothing else runs, cores idle meanwhile, and trainings wait for it.
    """
    images = catalogue().get(training_set).count
    wanted = _PACKING_THREADS if images is None else ceil(images / _IMAGES_A_THREAD)
    return min(wanted, _PACKING_THREADS, max(1, available_cores() // 2))


def _made_from(plan: Plan, source: Source) -> str:
    if source.kind == Kind.RELEASED:
        weights_file = plan.assets.find(source.name)
        return _hash_of_weights(weights_file) if weights_file else ""
    return plan.trainings.today(source.name) if source.kind == Kind.TRAINED else ""
