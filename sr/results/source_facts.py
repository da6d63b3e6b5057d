"""What a score file says of its source: budget, seed, deviations, and whether it is stale."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from sr.assumption import Assumption, sentences
from sr.config import load_yaml
from sr.data.adding import NO_HASH
from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark
from sr.errors import InputError
from sr.files import file_hash
from sr.project import data_folder
from sr.provenance import SCORING_CODE, TRAINING_CODE, code_hash, environment
from sr.recipes.budget import apply, load_budget
from sr.recipes.recipe import decided, load_recipe
from sr.recipes.run_record import RECORD, WEIGHTS, RunRecord, load_record
from sr.remembered import remembered
from sr.results.source import Kind, Source
from sr.scoring.protocol import load_protocol
from sr.weights.pretrained import load_pretrained, tensors_hash
from sr.weights.released import facts_of

# What no program can show, as the assumption that a score then rests on.
_UNPROVEN_WEIGHTS = Assumption(
    chosen="the file at hand is the one that its authors gave away",
    because="it loads and has the catalogue's shapes; they published no hash",
    otherwise="other weights of the same network",
).sentence("origin")
_UNPROVEN_IMAGES = Assumption(
    chosen="whoever supplied these images made them as the method's authors do",
    because="nothing beside them says how they were made",
    otherwise="another version of the method, or other low-resolution images",
).sentence("origin")


def source_header(
    source: Source,
    run: Path | None,
    benchmark: Benchmark,
    assets: Assets | None = None,
    protocol: str | None = None,
) -> dict[str, Any]:
    """The part of a score's JSON that tells where the images come from, and under which assumptions.

    run: the folder of a trained source. assets: where released weights lie (the project's unless given).
    protocol: the way the images are measured, whose assumptions count as well.
    Raises InputError when what made the images is missing, or a run unfinished.
    """
    header: dict[str, Any] = {
        "source": str(source),
        "budget": None,
        "seed": None,
        "deviations": [],
        "stale": None,
        "assumptions": assumptions_of(None, protocol),
        "benchmark_checksum": benchmark.index.checksum,
        "provenance": {"code": code_hash(SCORING_CODE), **environment()},
    }
    if source.kind == Kind.RELEASED:
        facts = facts_of(source.name, assets or Assets.from_environment())
        unproven = [_UNPROVEN_WEIGHTS] if facts["verified"] == NO_HASH else []
        header["assumptions"] = [*(f"{source}: {line}" for line in unproven), *header["assumptions"]]
        return header | {"deviations": facts.pop("deviations"), "released": facts}
    if source.kind == Kind.IMAGES:
        header["assumptions"] = [f"{source}: {_UNPROVEN_IMAGES}", *header["assumptions"]]
    if source.kind != Kind.TRAINED:
        return header
    if run is None or not (run / RECORD).is_file():
        raise InputError(f"--run {run}: {source} needs the folder of its finished run.")
    record = load_record(run)
    return header | {
        "budget": record.budget,
        "seed": record.seed,
        "deviations": list(record.deviations),
        "stale": stale(record, run, assets or Assets.from_environment()),
        "assumptions": assumptions_of(record.recipe_name, protocol),
        "start_seed": _start_seed(record),
        "training": record.provenance,
    }


def _start_seed(record: RunRecord) -> int | None:
    """The seed of the run that a run began with; None where it began from scratch or with a file, or with a
    run whose folder does not tell.
    """
    start = record.made_from.start
    known = re.fullmatch(r"seed(\d+)", Path(start.run).name) if start and start.run else None
    return int(known[1]) if known else None


def assumptions_of(recipe: str | None, protocol: str | None) -> list[str]:
    """In a line each, what a recipe, those it begins with and a protocol leave open, and how it was read."""
    found = []
    while recipe:
        own = load_recipe(recipe)
        found += [f"{recipe}: {line}" for line in sentences(own.assumptions)]
        recipe = own.start
    if protocol:
        found += [f"{protocol}'s protocol: {line}" for line in sentences(load_protocol(protocol).assumptions)]
    return found


def stale(record: RunRecord, run: Path, assets: Assets) -> str | None:
    """Why the run in a folder is not what today's recipe, code, images and weights would make, or None.

    What is no longer at hand can not differ: a training set may be removed when all is trained.
    """
    resolved = apply(load_budget(record.budget), load_recipe(record.recipe_name), record.training_set)
    if decided(resolved.recipe.model_dump(mode="json")) != decided(record.recipe):
        return "the recipe or the budget has changed since this run; delete its folder to train it again"
    if record.provenance["code"] != [code_hash(TRAINING_CODE)]:
        return "the training code has changed since this run; delete the run's folder to train it again"
    changed = _other_images(record) or _other_start(record, run) or _other_weights(record, assets)
    return f"{changed}; delete the run's folder to train it again" if changed else None


def _other_images(record: RunRecord) -> str | None:
    index = data_folder() / "packed" / record.training_set / "index.json"
    known = record.made_from.training_set_checksum
    if known is None or not index.is_file() or _checksum(index) == known:
        return None
    return f"the training set {record.training_set} holds other images than those this run saw"


@remembered
def _checksum(index: Path) -> str:
    """Of a packed training set, without opening its images."""
    return str(load_yaml(index).get("checksum"))


def _other_start(record: RunRecord, run: Path) -> str | None:
    start = record.made_from.start
    if start is None:
        return None
    weights = run / (start.file or f"{start.run}/{WEIGHTS}")
    if not weights.is_file() or file_hash(weights) == start.weights:
        return None
    if start.file:
        return f"{weights.name} holds other weights than those this run began with"
    return f"{record.start} has been trained again since this run began with it"


def _other_weights(record: RunRecord, assets: Assets) -> str | None:
    for name, known in (record.made_from.pretrained or {}).items():
        path = assets.find(name)
        if path and _hash_of_weights(assets, name, path.stat().st_mtime_ns) != known:
            return f"{path} holds other weights of {name} than this run's losses looked with"
    return None


@cache
def _hash_of_weights(assets: Assets, name: str, _changed: int) -> str:
    """Of the weights themselves: the same ones come in files of several kinds."""
    return tensors_hash(load_pretrained(assets, name))
