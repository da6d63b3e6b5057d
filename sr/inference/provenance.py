"""What a score file says of its source: budget, seed, deviations, and whether it is stale."""

from pathlib import Path
from typing import Any

from sr.config import load_yaml
from sr.data.benchmarks import Benchmark
from sr.errors import InputError
from sr.provenance import SCORING_CODE, TRAINING_CODE, code_hash, environment
from sr.training.budget import apply, load_budget
from sr.training.recipe import load_recipe


def source_header(source: str, run: Path | None, benchmark: Benchmark) -> dict[str, Any]:
    """The part of a score's JSON that tells where the images come from.

    run: the folder of a trained source. Raises InputError when it is missing for one, or unfinished.
    """
    header: dict[str, Any] = {
        "source": source,
        "budget": None,
        "seed": None,
        "deviations": [],
        "stale": None,
        "benchmark_checksum": benchmark.index.checksum,
        "provenance": {"code": code_hash(SCORING_CODE), **environment()},
    }
    if not source.startswith("trained/"):
        return header
    if run is None or not (run / "run.json").is_file():
        raise InputError(f"--run {run}: {source} needs the folder of its finished run.")
    record = load_yaml(run / "run.json")
    return header | {
        "budget": record["budget"],
        "seed": record["seed"],
        "deviations": record["deviations"],
        "stale": stale(record),
        "training": record["provenance"],
    }


def stale(record: dict[str, Any]) -> str | None:
    """Why a run is not what today's recipe and code would make, or None."""
    resolved = apply(
        load_budget(record["budget"]), load_recipe(record["recipe_name"]), record["training_set"]
    )
    if resolved.recipe.model_dump(mode="json") != record["recipe"]:
        return "the recipe or the budget has changed since this run; delete its folder to train it again"
    if record["provenance"]["code"] != [code_hash(TRAINING_CODE)]:
        return "the training code has changed since this run; delete the run's folder to train it again"
    return None
