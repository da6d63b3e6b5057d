"""Where a result comes from: code, library versions, machine."""

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import sr

_PACKAGE = Path(sr.__file__).parent

# What decides the outcome of a training run, and of a score: paths inside the package.
TRAINING_CODE = (
    "training",
    "recipes",
    "device.py",
    "losses",
    "networks",
    "distributed.py",
    "data/crops.py",
    "data/packing.py",
    "degradation.py",
)
PREPARING_CODE = ("data/benchmarks.py", "data/packing.py", "degradation.py", "images.py")
RECONSTRUCTION_CODE = (
    "inference/reconstruction.py",
    "inference/forward.py",
    "inference/dense_body.py",
    "inference/winograd.py",
    "weights/naming.py",
    "weights/weight_files.py",
    "weights/matlab_weights.py",
    "weights/tensorflow_table.py",
    "weights/keras_weights.py",
    "networks",
    "degradation.py",
    "reductions.py",
    "images.py",
)
COMPLEXITY_CODE = (
    "results/complexity.py",
    "inference/forward.py",
    "inference/dense_body.py",
    "inference/winograd.py",
    "allocator.py",
    "networks",
)
SCORING_CODE = ("metrics", "scoring", "images.py", "degradation.py")
TABLE_CODE = ("papers", "results", "verdicts", "claims", "audit", "pages")


@cache
def code_hash(parts: tuple[str, ...]) -> str:
    """Short hash of the source of the named parts of this package (files or folders)."""
    digest = hashlib.sha256()
    for part in parts:
        path = _PACKAGE / part
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if _is_source(p))
        for file in files:
            digest.update(file.relative_to(_PACKAGE).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def environment() -> dict[str, str]:
    """Versions and machine that a number was measured with."""
    found = {"sr": sr.__version__, "python": platform.python_version(), "machine": platform.machine()}
    for package in ("torch", "numpy", "pillow", "scipy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def _is_source(path: Path) -> bool:
    return path.suffix in (".py", ".yaml", ".j2")
