"""A copy of the project that a test may add to, and commands inside it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from sr.data.assets import MIRROR_VARIABLE
from sr.project import root

_PARTS = ("sr", "replications", "workflow", "profiles", "tests", "benchmarks", "docs")
_FILES = ("Snakefile", "pyproject.toml", "environment.yml", "constraints.txt")


def copied_project(folder: Path) -> Path:
    """Everything that commands and tests need, without version control, data and results."""
    copy = folder / "project"
    for part in _PARTS:
        shutil.copytree(root() / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in _FILES:
        shutil.copy2(root() / name, copy / name)
    return copy


def inside(copy: Path, *command: str) -> str:
    """What `python COMMAND...` says in the copy, with the copy's package. Fails with what went wrong."""
    own = {name: value for name, value in os.environ.items() if name != MIRROR_VARIABLE}
    environment = own | {"PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *command], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-6000:]}{done.stderr[-6000:]}"
    return done.stdout


def add_line(path: Path, after: str, line: str) -> None:
    """Put `line` below the one line that begins with `after`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    (place,) = [number for number, text in enumerate(lines) if text.startswith(after)]
    lines.insert(place + 1, line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
