"""Where a result comes from: code and its commit, library versions, machine."""

import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import sr
from sr.project import paper_folder
from sr.source_code import PACKAGE, SourceCode

# What decides the outcome of a training run, of prepared images, of a reconstruction and so on: the files and
# folders of this package where it begins; what those need is found from their imports.
TRAINING_CODE = ("training/run.py", "losses")
PREPARING_CODE = ("data/benchmarks.py",)
PACKING_CODE = ("data/packer.py", "overlap")
RECONSTRUCTION_CODE = ("results/methods.py",)
COMPLEXITY_CODE = ("results/complexity.py",)
SCORING_CODE = ("scoring",)
TABLE_CODE = ("papers", "results", "verdicts", "claims", "audit", "pages")


@cache
def code_hash(parts: tuple[str, ...]) -> str:
    """Short hash of what the named parts of this package (files or folders) and all that they import do.

    Docstrings and comments do not count. Raises ValueError for a part that does not exist.
    """
    return _source_code().digest(parts)


@cache
def figure_code(paper: str) -> str:
    """Short hash of what draws a paper's figures; its own figures.py counts by what it imports from here."""
    own = paper_folder(paper) / "figures.py"
    imported = _source_code().imported_by(own) if own.is_file() else []
    return code_hash(("figures", *imported))


@cache
def _source_code() -> SourceCode:
    # Beside what Python itself keeps of the same files.
    return SourceCode(PACKAGE, PACKAGE / "__pycache__" / "source_code.json")


def environment() -> dict[str, str]:
    """What a number was measured with: commit (absent outside a checkout), versions and machine."""
    name = commit(PACKAGE.parent)
    return ({"commit": name} if name else {}) | computer()


def computer() -> dict[str, str]:
    """Versions and machine alone: what decides how fast the same code is."""
    found = {
        "sr": sr.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processor": processor(),
    }
    if name := gpu():
        found["gpu"] = name
    for package in ("torch", "numpy", "pillow", "scipy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


@cache
def commit(folder: Path) -> str | None:
    """The commit that is checked out in `folder`, `+changes` added where tracked files differ from it.

    None where `folder` is no checkout of its own, or git is not at hand.
    """
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != folder.resolve():
        return None
    name = _git(folder, "rev-parse", "HEAD")
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return f"{name}+changes" if name and changed else name


@cache
def processor() -> str:
    """The processor's model in words, or its architecture where the system does not say."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def gpu() -> str | None:
    """The GPU's name where torch finds one."""
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
