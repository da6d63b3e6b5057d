"""Where and in which precision a run computes."""

import resource
import shutil
import sys
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from torch import nn

from sr.distributed import local_rank, processes

Precision = Literal["float32", "tf32", "bfloat16"]

# What the papers trained in, so that any other is a deviation, which begins with the second name.
PAPERS_PRECISION: Precision = "float32"
PRECISION = "precision"

# Compiling takes a minute or two; a run of fewer steps does not win them back.
_STEPS_WORTH_COMPILING = 10_000


@dataclass(frozen=True)
class Execution:
    """How a run's arithmetic is done; it decides speed and rounding, and is recorded with the result.

    precision: of the networks' convolutions and products. In each, a network's last layer, losses, weights
    and updates are float32; tf32 rounds the factors of float32 products to 10 bits on GPUs that can.
    micro_batch: images that a process takes through the networks at a time, or None for all its share.
    """

    device: str
    precision: Precision
    processes: int
    micro_batch: int | None
    compiled: bool

    def record(self) -> dict[str, Any]:
        """As plain values, with the settings of torch that bear on rounding."""
        return asdict(self) | {
            "tf32": torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32,
            "deterministic": torch.are_deterministic_algorithms_enabled(),
        }


def choose(precision: Precision, micro_batch: int | None, steps: int) -> Execution:
    """This process' GPU where there is one, else the CPU.

    Sets torch's own switches: on a CPU the same run gives the same bits; on a GPU the fastest algorithms
    are searched, and TF32 is off unless it is asked for, so that float32 is float32.
    """
    cuda = torch.cuda.is_available()
    # The same switch as torch.use_deterministic_algorithms, which imports the compiler first: two seconds.
    torch.set_deterministic_debug_mode("default" if cuda else "error")
    # Else every new tensor is filled before it is written to.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = cuda
    _allow_tf32(precision == "tf32")
    return Execution(
        device=f"cuda:{local_rank()}" if cuda else "cpu",
        precision=precision,
        processes=processes(),
        micro_batch=micro_batch,
        compiled=cuda and steps >= _STEPS_WORTH_COMPILING and _compiler() is not None,
    )


def float32_is_float32() -> None:
    """Images that are scored are not made with TF32, which torch else allows in convolutions."""
    _allow_tf32(False)


def _allow_tf32(allowed: bool) -> None:
    torch.backends.cuda.matmul.allow_tf32 = allowed
    torch.backends.cudnn.allow_tf32 = allowed


CPU = Execution(device="cpu", precision="float32", processes=1, micro_batch=None, compiled=False)


class Autocast(nn.Module):
    """Runs a network's convolutions and products in bfloat16, but for its last layer (`networks.output`);
    float32 goes in and comes out.

    Around a network and not around a whole step, because the losses are to be computed in float32.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> Any:
        with torch.autocast(images.device.type, torch.bfloat16):
            output = self.network(images)
        return [one.float() for one in output] if isinstance(output, list) else output.float()


def peak_memory(device: torch.device) -> int:
    """Most bytes held so far: of the GPU's memory, or of this process on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    # macOS counts bytes, Linux kibibytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def device_name(device: torch.device) -> str:
    """The GPU's name, or `cpu`."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def _compiler() -> str | None:
    """torch.compile builds small launchers with the machine's C compiler."""
    return next((path for name in ("cc", "gcc", "clang") if (path := shutil.which(name))), None)
