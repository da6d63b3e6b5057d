"""What a score file says of its source: budget, seed, deviations, and whether it is stale."""

from pathlib import Path
from typing import Any

from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark
from sr.errors import InputError
from sr.provenance import SCORING_CODE, TRAINING_CODE, code_hash, environment
from sr.recipes.budget import apply, load_budget
from sr.recipes.recipe import load_recipe
from sr.recipes.run_record import RECORD, RunRecord, load_record
from sr.results.source import Kind, Source
from sr.weights.released import facts_of


def source_header(
    source: Source, run: Path | None, benchmark: Benchmark, assets: Assets | None = None
) -> dict[str, Any]:
    """The part of a score's JSON that tells where the images come from.

    run: the folder of a trained source. assets: where released weights lie (the project's unless given).
    Raises InputError when what made the images is missing, or a run unfinished.
    """
    header: dict[str, Any] = {
        "source": str(source),
        "budget": None,
        "seed": None,
        "deviations": [],
        "stale": None,
        "benchmark_checksum": benchmark.index.checksum,
        "provenance": {"code": code_hash(SCORING_CODE), **environment()},
    }
    if source.kind == Kind.RELEASED:
        facts = facts_of(source.name, assets or Assets.from_environment())
        return header | {"deviations": facts.pop("deviations"), "released": facts}
    if source.kind != Kind.TRAINED:
        return header
    if run is None or not (run / RECORD).is_file():
        raise InputError(f"--run {run}: {source} needs the folder of its finished run.")
    record = load_record(run)
    return header | {
        "budget": record.budget,
        "seed": record.seed,
        "deviations": list(record.deviations),
        "stale": stale(record),
        "training": record.provenance,
    }


def stale(record: RunRecord) -> str | None:
    """Why a run is not what today's recipe and code would make, or None."""
    resolved = apply(load_budget(record.budget), load_recipe(record.recipe_name), record.training_set)
    if resolved.recipe.model_dump(mode="json") != record.recipe:
        return "the recipe or the budget has changed since this run; delete its folder to train it again"
    if record.provenance["code"] != [code_hash(TRAINING_CODE)]:
        return "the training code has changed since this run; delete the run's folder to train it again"
    return None
