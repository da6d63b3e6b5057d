"""Trainings and evaluations on one machine's GPUs: each takes free ones, by locks that end with its process.

Slurm and its like show a job as many GPUs as it asked for, in CUDA_VISIBLE_DEVICES: nothing is left to
choose. A container, or several users who agree on that variable, may show more: the choice is among those.
"""

import os
import tempfile
from itertools import islice, takewhile
from pathlib import Path

from sr.errors import InputError
from sr.locks import hold

# Where the system shows them.
DEVICES = Path("/dev")
_VISIBLE = "CUDA_VISIBLE_DEVICES"
# What stands there for none: Docker and Slurm write one or the other.
_NO_DEVICE = ("", "-1", "NoDevFiles")


def visible() -> int:
    """How many GPUs this process may use, without waking them: those of CUDA_VISIBLE_DEVICES, or all that
    NVIDIA's driver shows this machine or container.
    """
    named = _named()
    return len(list(DEVICES.glob("nvidia[0-9]*"))) if named is None else len(named)


def reserve(number: int) -> None:
    """Show this process, and those it starts, `number` GPUs that no other `sr` of this user has reserved.

    Changes nothing where CUDA_VISIBLE_DEVICES shows just so many, and on a machine without GPUs.
    Must come before CUDA is initialised. Raises InputError when there are not so many, or not so many free.
    """
    import torch

    present = torch.cuda.device_count()
    if 0 < present < number:
        raise InputError(f"--gpus {number}: there are {present} on this machine or in this job.")
    named = _named()
    if not present or (named is not None and present == number):
        return
    shown = named or [str(n) for n in range(present)]
    free = list(islice((device for device in shown if hold(_lock(device))), number))
    if len(free) < number:
        raise InputError(
            f"--gpus {number}: of this machine's {present} GPUs, other jobs have reserved all but"
            f" {len(free)}; wait for them, or tell Snakemake how many there are (--resources gpu=N)."
        )
    os.environ[_VISIBLE] = ",".join(free)


def _named() -> list[str] | None:
    """The devices that CUDA_VISIBLE_DEVICES names, up to the first that is none, as CUDA reads it; None where
    it is not set.
    """
    if _VISIBLE not in os.environ:
        return None
    devices = (device.strip() for device in os.environ[_VISIBLE].split(","))
    return list(takewhile(lambda device: device not in _NO_DEVICE, devices))


def _lock(device: str) -> Path:
    return Path(tempfile.gettempdir()) / f"sr-gpus-{os.getuid()}" / f"{device}.lock"
