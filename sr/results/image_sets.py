"""What became of each benchmark (results/benchmarks.json), and where sources' images of it lie."""

import json
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from sr.config import Strict, validate
from sr.data.assets import Assets
from sr.data.catalogue import Unavailable, catalogue
from sr.errors import InputError
from sr.results.source import Kind, Source


class BenchmarkState(Strict):
    """Whether a benchmark's images are ready, and if not, why, in one sentence."""

    status: Literal["ready", "unavailable", "not run"]
    reason: str | None = None

    @model_validator(mode="after")
    def _reason_for_missing(self) -> "BenchmarkState":
        if (self.status == "ready") == bool(self.reason):
            raise ValueError("give a reason exactly when the benchmark is not ready")
        return self


def load_benchmarks(path: Path) -> dict[str, BenchmarkState]:
    """Benchmark -> state. Raises InputError naming file and benchmark for anything malformed."""
    try:
        states = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; give the workflow's list of benchmarks.") from None
    except ValueError as error:
        raise InputError(f"{path}: not valid JSON ({error}).") from error
    if not isinstance(states, dict):
        raise InputError(f"{path}: must map each benchmark to its status.")
    return {name: validate(state, BenchmarkState, f"{path}: {name}") for name, state in states.items()}


def state_of(states: dict[str, BenchmarkState], benchmark: str) -> BenchmarkState:
    """The state of one benchmark; one that the run does not list was not run, or nobody can have it."""
    if benchmark in states:
        return states[benchmark]
    if lost := never_released(benchmark):
        return BenchmarkState(status="unavailable", reason=lost)
    return BenchmarkState(status="not run", reason=f"{benchmark} is not among the benchmarks of this run")


def never_released(benchmark: str) -> str:
    """Why nobody can have the images of a benchmark; empty for one that somebody can."""
    asset = catalogue().assets.get(benchmark)
    lost = [source.reason for source in asset.sources if isinstance(source, Unavailable)] if asset else []
    if asset and lost and len(lost) == len(asset.sources):
        return f"{benchmark} ({asset.title}): {lost[0]}"
    return ""


def folder_of(source: Source, benchmark: str, results: Path, images: Path, assets: Assets) -> Path:
    """Where a source's images of a benchmark lie, or would: reconstructed below `results`, or supplied.

    images: the user's folder of images that others made; a mirror's and the fetched ones come after it.
    """
    if source.kind == Kind.IMAGES:
        return assets.supplied(images, source.name, benchmark)
    return source.images_folder(results, images) / benchmark
