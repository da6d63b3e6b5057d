"""Several trainings on one machine's GPUs: each takes free ones, by locks that end with its process.

Slurm and its like give a job its GPUs in CUDA_VISIBLE_DEVICES; there is nothing to choose then.
"""

import os
import tempfile
from itertools import islice
from pathlib import Path

from sr.errors import InputError
from sr.locks import hold

_VISIBLE = "CUDA_VISIBLE_DEVICES"


def reserve(number: int) -> None:
    """Show this process, and those it starts, `number` GPUs that no other `sr` of this user has reserved.

    Changes nothing where CUDA_VISIBLE_DEVICES says already which to use, and on a machine without GPUs.
    Must come before CUDA is initialised. Raises InputError when there are not so many, or not so many free.
    """
    import torch

    present = torch.cuda.device_count()
    if 0 < present < number:
        raise InputError(f"--gpus {number}: there are {present} on this machine or in this job.")
    if _VISIBLE in os.environ or not present:
        return
    free = list(islice((device for device in range(present) if hold(_lock(device))), number))
    if len(free) < number:
        raise InputError(
            f"--gpus {number}: of this machine's {present} GPUs, other trainings have reserved all but"
            f" {len(free)}; wait for them, or tell Snakemake how many there are (--resources gpu=N)."
        )
    os.environ[_VISIBLE] = ",".join(map(str, free))


def _lock(device: int) -> Path:
    return Path(tempfile.gettempdir()) / f"sr-gpus-{os.getuid()}" / f"{device}.lock"
