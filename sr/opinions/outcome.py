"""From collected answers to what a study says: screened, computed, written as tables."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sr.files import write_json, write_text
from sr.opinions import rankings, statistics
from sr.opinions.collect import Collected
from sr.opinions.design import Key
from sr.opinions.screening import screen
from sr.opinions.study import Study
from sr.papers.published import load_published

KEPT, EVERYONE = "kept", "everyone"  # raters and answers after screening, and all that came back whole
SUMMARY = "summary.json"


@dataclass(frozen=True)
class Outcome:
    """What a study says.

    raters: what screening found. ratings: those that count. tables: name -> table, with a column `raters`
    that says KEPT or EVERYONE. deviations: from the described study.
    """

    collected: Collected
    raters: pd.DataFrame
    ratings: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    deviations: tuple[str, ...]
    retest: dict[str, float] | None
    friedman: rankings.Friedman | None

    @property
    def study(self) -> Study:
        """The study that was answered."""
        return self.collected.key.study

    def table(self, name: str, raters: str = KEPT) -> pd.DataFrame:
        """One table for those raters, without the column that says so."""
        chosen = self.tables[name]
        return chosen[chosen["raters"] == raters].drop(columns="raters").reset_index(drop=True)


Compute = Callable[[Study, pd.DataFrame], pd.DataFrame]


def analyse(collected: Collected) -> Outcome:
    """Screen the raters and compute everything for those kept, and beside it for everyone."""
    study = collected.key.study
    raters = screen(collected)
    apart = raters.loc[raters["apart"] != "", "rater"]
    kept = collected.ratings[~collected.ratings["fast"] & ~collected.ratings["rater"].isin(apart)]
    groups = {KEPT: kept, EVERYONE: collected.ratings}
    tables = {
        name: pd.concat(
            [compute(study, rows).assign(raters=who) for who, rows in groups.items()], ignore_index=True
        )
        for name, compute in _computations(study).items()
    }
    if "scores" in tables:
        tables["scores"]["printed"] = [
            printed(collected.key, row["version"], row["benchmark"])
            for row in tables["scores"].to_dict("records")
        ]
        stated = [
            statistics.stated_verdicts(
                study, tests.drop(columns="raters"), groups[str(who)]["rater"].nunique()
            ).assign(raters=who)
            for who, tests in tables["differences"].groupby("raters", sort=False)
        ]
        tables["stated"] = (
            pd.concat(stated, ignore_index=True) if stated else pd.DataFrame(columns=["raters"])
        )
    return Outcome(
        collected,
        raters,
        kept,
        tables,
        _deviations(collected.key, len(raters) - len(apart)),
        statistics.retest(study, kept) if study.scale.kind == "category" else None,
        rankings.friedman(kept) if study.scale.kind == "ranking" else None,
    )


def _computations(study: Study) -> dict[str, Compute]:
    if study.scale.kind == "category":
        return {"scores": statistics.opinion_scores, "differences": statistics.differences}
    return {"places": rankings.places, "strengths": rankings.strengths}


def _deviations(key: Key, raters: int) -> tuple[str, ...]:
    """Those of the pages, and the number of raters that count."""
    found = tuple(text for text in key.deviations if not text.startswith("raters:"))
    fewer = raters < key.study.raters
    return (*found, f"raters: {raters} of the study's {key.study.raters}") if fewer else found


def printed(key: Key, version: str, benchmark: str) -> str:
    """The MOS that the paper prints for a version, or ''."""
    if not key.paper:
        return ""
    places = [place.partition("/")[::2] for place in key.study.versions[version].methods]
    cells = {(c.item, c.method, c.dataset): c for c in load_published(key.paper) if c.metric == "MOS"}
    found = [cells[item, method, benchmark] for item, method in places if (item, method, benchmark) in cells]
    return found[0].printed if found else ""


def summary(outcome: Outcome) -> dict[str, Any]:
    """The numbers of a study at a glance, and everything that is not as described."""
    collected = outcome.collected
    ratings = collected.ratings
    friedman = outcome.friedman
    return {
        "study": collected.key.hash,
        "title": outcome.study.title,
        "paper": collected.key.paper,
        "raters": {"came back": len(outcome.raters), "kept": int((outcome.raters["apart"] == "").sum())},
        "answers": {
            "came back": _answers(ratings),
            "kept": _answers(outcome.ratings),
            "too fast": _answers(ratings[ratings["fast"]]),
        },
        "pinched": float(ratings["zoomed"].mean()) if len(ratings) else 0.0,
        "refused": collected.refused,
        "deviations": outcome.deviations,
        "sources": {name: facts["source"] for name, facts in collected.key.sources.items()},
        "retest": outcome.retest,
        "friedman": vars(friedman) if friedman else None,
    }


def _answers(ratings: pd.DataFrame) -> int:
    """Questions answered; an order of four versions is one."""
    return len(ratings[["rater", "trial"]].drop_duplicates())


def write_tables(outcome: Outcome, folder: Path) -> None:
    """Write summary.json and every table as CSV into `folder`."""
    tables = {**outcome.tables, "raters": outcome.raters, "ratings": outcome.collected.ratings}
    for name, table in tables.items():
        text = table.to_csv(index=False, lineterminator="\n", float_format="%.6g")
        write_text(folder / f"{name}.csv", text)
    write_json(folder / SUMMARY, summary(outcome))
