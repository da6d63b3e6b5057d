"""Where and in which precision a run computes."""

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any, Literal

import torch
from torch import nn

from sr.distributed import local_rank, processes

Precision = Literal["float32", "tf32", "bfloat16"]

# What the papers trained in, so that any other is a deviation, which begins with the second name.
PAPERS_PRECISION: Precision = "float32"
PRECISION = "precision"


@dataclass(frozen=True)
class Execution:
    """How a run's arithmetic is done; it decides speed and rounding, and is recorded with the result.

    precision: of the networks' convolutions and products, those inside losses too. Weights, updates and
    comparisons of pixels are float32 in each, and in bfloat16 a network's last layer; tf32 rounds the factors
    of all products to 10 bits on GPUs that can.
    micro_batch: images that a process takes through the networks at a time, or None for all its share.
    recorded: whether a step is launched as one (`sr.recorded`).
    deterministic: whether the same run gives the same bits again, which on a GPU costs speed.
    """

    device: str
    precision: Precision
    processes: int
    micro_batch: int | None
    recorded: bool
    deterministic: bool

    @property
    def layout(self) -> torch.memory_format:
        """Of images and convolution weights. Tensor cores want the channels last: on an H100 ESRGAN's step is
        1.3 times as fast in bfloat16, 1.2 times in TF32, and in float32 0.87 times. So does a CPU: with AVX2
        a generator's step is 1.04 to 1.1 times as fast, and that of VGG's features 1.2 to 1.6 times.
        """
        cuda = torch.device(self.device).type == "cuda"
        return torch.contiguous_format if cuda and self.precision == "float32" else torch.channels_last

    def record(self) -> dict[str, Any]:
        """As plain values, with the settings of torch that bear on rounding."""
        return asdict(self) | {
            "tf32": torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32,
        }


def choose(precision: Precision, micro_batch: int | None, *, deterministic: bool = False) -> Execution:
    """This process' GPU where there is one, else the CPU.

    deterministic: the same bits at every repetition on a GPU, too; on a CPU that is always so.
    Sets torch's own switches: on a GPU the fastest algorithms are searched unless it shall be deterministic,
    and TF32 is off unless it is asked for, so that float32 is float32.
    """
    cuda = torch.cuda.is_available()
    repeatable = deterministic or not cuda
    if cuda and deterministic:
        # cuBLAS reads it when it starts; without, its products may use what another stream left.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    # The same switch as torch.use_deterministic_algorithms, which imports the compiler first: two seconds.
    torch.set_deterministic_debug_mode("error" if repeatable else "default")
    # Else every new tensor is filled before it is written to.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = not repeatable
    _allow_tf32(precision == "tf32")
    return Execution(
        device=f"cuda:{local_rank()}" if cuda else "cpu",
        precision=precision,
        processes=processes(),
        micro_batch=micro_batch,
        recorded=cuda and processes() == 1,
        deterministic=repeatable,
    )


def float32_is_float32() -> None:
    """Images that are scored are not made with TF32, which torch else allows in convolutions."""
    _allow_tf32(False)


class _Exact:
    """How many blocks of all threads are without TF32, and what the switches were before the first."""

    lock = Lock()
    blocks = 0
    before = (False, False)


@contextmanager
def exact_float32() -> Iterator[None]:
    """No TF32 inside the block, or the function that it decorates, whatever a training beside it allows.

    The switches are the process's, so that the last thread to leave such a block turns them back.
    """
    products, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn
    with _Exact.lock:
        if not _Exact.blocks:
            _Exact.before = products.allow_tf32, convolutions.allow_tf32
            _allow_tf32(False)
        _Exact.blocks += 1
    try:
        yield
    finally:
        with _Exact.lock:
            _Exact.blocks -= 1
            if not _Exact.blocks:
                products.allow_tf32, convolutions.allow_tf32 = _Exact.before


def scoring_device() -> torch.device:
    """Where metrics compute what takes long, networks and filters: a GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _allow_tf32(allowed: bool) -> None:
    torch.backends.cuda.matmul.allow_tf32 = allowed
    torch.backends.cudnn.allow_tf32 = allowed


CPU = Execution(
    device="cpu",
    precision="float32",
    processes=1,
    micro_batch=None,
    recorded=False,
    deterministic=True,
)


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
