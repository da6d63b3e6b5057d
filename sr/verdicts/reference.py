"""Stored results of an earlier run: written on request only, compared with later runs of the same kind."""

import datetime
import json
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sr.errors import InputError
from sr.files import atomic_folder, write_json, write_text
from sr.papers.tables import load_layouts
from sr.papers.tolerances import load_tolerances
from sr.provenance import SCORING_CODE, TABLE_CODE, code_hash, environment
from sr.results.source import Source
from sr.results.trainings import as_csv, load_trainings
from sr.verdicts.rows import Row, paper_rows
from sr.verdicts.summary import table_files

PROVENANCE = "provenance.json"
_CLAIMS = ("claims.csv", "claims_comparisons.csv")


@dataclass(frozen=True)
class Drift:
    """A number that moved further than its band; `fails` says whether that is an error."""

    reference: str
    row: Row
    stored: float
    band: float
    fails: bool


@dataclass
class Comparison:
    """How many numbers were compared with references, which drifted, and what was skipped why, how often."""

    compared: int = 0
    drifts: list[Drift] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def update_reference(
    tables: Path, output: Path, force: bool, runs: Path | None = None, scores: Path | None = None
) -> int:
    """Store the tables of a run as the reference `output`, and its claims if any were judged; returns how
    many tables it holds.

    runs: results/runs, for trainings.csv and curves/. scores: results/scores, stored as they are.
    Raises InputError when `output` exists and `force` is not given, or when a table lacks its provenance.
    """
    if output.exists() and not force:
        raise InputError(f"{output}: exists; a reference is replaced only with --force.")
    files = table_files(tables)
    provenance = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "code": {"scoring": code_hash(SCORING_CODE), "tables": code_hash(TABLE_CODE)},
        "environment": environment(),
        "tables": {path.stem: _provenance(path.with_suffix(".json")) for path in files},
    }
    with atomic_folder(output) as temporary:
        for path in [*files, *(tables / name for name in _CLAIMS if (tables / name).is_file())]:
            (temporary / path.name).write_bytes(path.read_bytes())
        write_json(temporary / PROVENANCE, provenance)
        if runs is not None:
            _store_trainings(runs, temporary)
        if scores is not None:
            shutil.copytree(_existing(scores), temporary / "scores")
    return len(files)


def _store_trainings(runs: Path, folder: Path) -> None:
    """What all trainings began with and reached, and their curves."""
    trainings = load_trainings(_existing(runs))
    write_text(folder / "trainings.csv", as_csv(trainings))
    for one in trainings:
        curve = folder / "curves" / f"{one.folder.relative_to(runs)}.csv"
        curve.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(one.folder / "curve.csv", curve)


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder.")
    return folder


def compare_with_references(tables: Path, references: Path) -> Comparison:
    """Hold the tables of a run against every reference under `references`, or against that one alone.

    A number is compared only with one of the same source, seeds and images; everything else is skipped
    and says why, but for methods of the user's own, which no run has to repeat.

    Raises InputError for a malformed reference.
    """
    comparison = Comparison()
    if not references.is_dir():
        raise InputError(f"{references}: no such folder; name one like results/reference.")
    alone = [references] if (references / PROVENANCE).is_file() else []
    folders = alone or sorted(path.parent for path in references.glob(f"*/{PROVENANCE}"))
    if not folders:
        comparison.skipped[f"{references} holds no reference yet"] += 1
    for folder in folders:
        provenance = _provenance(folder / PROVENANCE)
        for stem, stored in provenance["tables"].items():
            if not (tables / f"{stem}.csv").is_file():
                comparison.skipped[f"{folder.name}: {stem} was not made in this run"] += 1
                continue
            rows = {row.key: row for row in paper_rows(tables / f"{stem}.csv")}
            images = _checksums(_provenance(tables / f"{stem}.json"))
            budgets = {row.budget for row in rows.values() if row.measured is not None}
            for old in paper_rows(folder / f"{stem}.csv"):
                if old.measured is None:
                    continue
                if old.budget and old.budget not in budgets:
                    reason = f"the same table of this run has nothing of the budget '{old.budget}'"
                    comparison.skipped[f"{folder.name}: {reason}"] += 1
                    continue
                _compare(comparison, folder.name, old, rows.get(old.key), (_checksums(stored), images))
    return comparison


Checksums = dict[tuple[str, str], str | None]


def _compare(
    comparison: Comparison, name: str, old: Row, new: Row | None, checksums: tuple[Checksums, Checksums]
) -> None:
    obstacle = _obstacle(old, new, checksums)
    if obstacle or new is None or new.measured is None or old.measured is None:
        comparison.skipped[f"{name}: {obstacle}"] += 1
        return
    comparison.compared += 1
    band, fails = load_tolerances(old.paper).for_drift(Source.parse(old.source).kind, old.metric)
    if new.measured != old.measured and not abs(new.measured - old.measured) <= band.band:
        comparison.drifts.append(Drift(name, new, old.measured, band.band, fails))


def _obstacle(old: Row, new: Row | None, checksums: tuple[Checksums, Checksums]) -> str:
    """Why a stored number can not be compared with the run's; empty when it can."""
    if new is None or new.measured is None:
        return f"{old.source} on {old.dataset} was not measured in this run"
    if new.seeds != old.seeds:
        return f"{old.source} was trained with other seeds"
    layout = load_layouts(old.paper).table(old.paper, old.item)
    if layout.metrics[old.metric].rated:
        return f"{old.metric} is the opinion of those who were asked, of which no drift is expected or judged"
    images = [known.get((old.source, layout.benchmark(old.dataset))) for known in checksums]
    if None in images:
        return f"the scores of {old.source} on {old.dataset} do not tell which images they used"
    if images[0] != images[1]:
        return f"the images of {old.dataset} are others than the reference's"
    return ""


def _checksums(provenance: dict[str, Any]) -> Checksums:
    """(source, benchmark) -> checksum of the benchmark's images, for every score behind a table."""
    return {
        (str(Source.parse(score["source"]).without_seed), score["benchmark"]): score.get("benchmark_checksum")
        for score in provenance["scores"]
    }


def _provenance(path: Path) -> dict[str, Any]:
    try:
        provenance = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; make the table again with `sr table`.") from None
    except ValueError as error:
        raise InputError(f"{path}: not valid JSON ({error}).") from error
    if not isinstance(provenance, dict) or not {"tables", "scores"} & provenance.keys():
        raise InputError(f"{path}: not the provenance of a table; make it again with `sr table`.")
    return provenance
