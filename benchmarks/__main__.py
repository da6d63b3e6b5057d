"""Runs every benchmark of this folder, each in a process of its own: `make bench`."""

import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Run the benchmarks one after the other; the first failure is the exit code."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        subprocess.run([sys.executable, "-m", f"benchmarks.{path.stem}"], check=True)


if __name__ == "__main__":
    main()
