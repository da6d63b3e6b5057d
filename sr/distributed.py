"""Training on several processes: each takes its share of one global batch.

A statistic over the batch (a relativistic mean, a batch normalisation) is taken over the whole global
batch, so that the number of processes does not change what is learned. torchrun starts the processes;
without it everything here is what one process needs.

Gradients are averaged here, and not by torch's DistributedDataParallel: that one expects one forward for
each backward and no `torch.autograd.grad`, while a game judges images several times before one backward
and a gradient penalty differentiates a gradient. One reduction of all gradients laid end to end is exact.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import distributed

from sr.errors import InputError

T = TypeVar("T")

# The others wait while the first process validates, which takes minutes for large images.
_PATIENCE = timedelta(hours=2)


class LeavingAloneError(InputError):
    """Raised by one process while the others are at work. It waits for none of them; torchrun ends them."""


@contextmanager
def joined() -> Iterator[None]:
    """Be one of the processes that torchrun started (NCCL with CUDA, else Gloo), or alone without it."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(local_rank())
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=_PATIENCE)
    try:
        yield
    except LeavingAloneError:
        raise
    except (InputError, SystemExit):
        # All processes have agreed to end. After any other failure the rest may be waiting in a
        # reduction, and to leave in order would be to wait for them: then torchrun ends them.
        distributed.destroy_process_group()
        raise
    distributed.destroy_process_group()


def processes() -> int:
    """How many processes share a batch; 1 without a process group."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def rank() -> int:
    """This process' number, from 0."""
    return distributed.get_rank() if processes() > 1 else 0


def local_rank() -> int:
    """This process' number on its machine, which is also its GPU's."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def first() -> bool:
    """Whether this is the process that writes, validates and reports."""
    return rank() == 0


def share(batch: int) -> slice:
    """This process' part of a global batch. Raises InputError when the batch can not be shared equally."""
    if batch % processes():
        raise InputError(
            f"a batch of {batch} can not be shared equally by {processes()} processes;"
            " choose a number of processes that divides it."
        )
    part = batch // processes()
    return slice(rank() * part, (rank() + 1) * part)


def global_mean(values: torch.Tensor) -> torch.Tensor:
    """Mean over all elements on all processes (equal shares), a scalar that passes gradients on.

    Averaging the processes' parameter gradients then gives the gradient of one process on the whole batch.
    """
    mean = values.mean()
    return mean if processes() == 1 else global_sum(mean) / processes()


def global_sum(values: torch.Tensor) -> torch.Tensor:
    """Elementwise sum over all processes, which passes gradients on to every process' `values`."""
    return values if processes() == 1 else _GlobalSum.apply(values)


def average(tensors: Sequence[torch.Tensor]) -> None:
    """Replace each tensor, in place, by its mean over all processes: one reduction of all laid end to end."""
    if processes() == 1:
        return
    flat = torch.cat([tensor.flatten() for tensor in tensors])
    distributed.all_reduce(flat)
    flat /= processes()
    pieces = flat.split([tensor.numel() for tensor in tensors])
    for tensor, piece in zip(tensors, pieces, strict=True):
        tensor.copy_(piece.view_as(tensor))


def together(action: Callable[[], T]) -> T:
    """Run `action` on every process; when one fails, all end, and only the first that failed says why."""
    if processes() == 1:
        return action()
    failure: Exception | None = None
    result: Any = None
    try:
        result = action()
    except Exception as error:  # whatever it is, the other processes must not wait for this one
        failure = error
    failed: list[bool] = [False] * processes()
    distributed.all_gather_object(failed, failure is not None)
    if True not in failed:
        return result
    if failure is not None and failed.index(True) == rank():
        raise failure
    raise SystemExit(1)


def on_first(action: Callable[[], T]) -> T:
    """Run `action` on the first process alone; all wait for it and get its result. A failure ends all."""
    if processes() == 1:
        return action()
    shared: list[Any] = [together(lambda: action() if first() else None)]
    distributed.broadcast_object_list(shared, src=0)
    return shared[0]


class _GlobalSum(torch.autograd.Function):
    """Every process' loss depends on every process' values: the gradients are summed as the values are."""

    @staticmethod
    def forward(_context: Any, values: torch.Tensor) -> torch.Tensor:
        total = values.clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(_context: Any, *gradients: torch.Tensor) -> torch.Tensor:
        return _GlobalSum.apply(gradients[0])
