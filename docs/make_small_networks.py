"""Writes docs/small_networks.md from results/reference/cpu: `python docs/make_small_networks.py`."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from markdown_table import table

from sr.files import write_text
from sr.project import root
from sr.recipes.budget import Budget, load_budget
from sr.recipes.recipe import load_recipe

REFERENCE = root() / "results" / "reference" / "cpu"
BENCHMARKS = ("Set5", "Set14", "BSD100")

TEXT = """# What small networks learn

This page is written by `python docs/make_small_networks.py`; do not edit it. It shows the budget `cpu`: every
recipe with at most {blocks} blocks of {channels} channels, {psnr_steps} PSNR-oriented and {gan_steps}
perceptual steps on {training_set}. Nothing here is a paper's result, and nothing is compared with
a printed number (`not comparable`): the page says whether each method learns, and which way its effects point
at this size.{since}

{count} trainings took {hours:.1f} hours of one core in all. `results/reference/cpu` holds their scores image
by image, curves, tables and provenance; `trainings.csv` there has the numbers of this page. It was made by

```sh
C="--config budget=cpu mirror=DIR"
snakemake results/tables/{{table1_beby,table2_ldl,table2_gmgan}}.csv $C 'seeds=[0,1,2]'
snakemake results/tables/{{table1_srgan,table2_srgan,rrdb_esrgan,table1_ldl}}.csv $C
snakemake results/tables/{{table2_beby,table1supp_beby,fig8_beby,table1_gmgan,table3_gmgan,fig5_gmgan}}.csv $C
sr evaluate --protocol srgan --benchmark data/benchmarks/Set5 --source trained/cpu/... --output ...
sr evaluate --protocol ldl --benchmark data/benchmarks/Set14 --source trained/cpu/... --output ...
sr claims --output results/tables/claims.csv
sr reference update --tables results/tables --runs results/runs --scores results/scores \\
    --output results/reference/cpu
```

on the embedded photographs, Set5 and Set14 (`benchmarks`), and on BSD100 for all tables but Beby-GAN's:
its features of VGG take minutes of a core there for each training. SRGAN's protocol was run for every
PSNR-oriented stage and benchmark, LDL's for seed 0 of every recipe; DISTS, whose weights were not at hand, is
left out.

## PSNR-oriented stages

PSNR in dB on Y, 4 pixels cut, as SRGAN measures, seed 0. {beaten} of {stages} beat bicubic on every set.

{psnr}

## Adversarial and perceptual stages

From the generator that a stage began with to what it reached, on three validation photographs that no stage
has seen: PSNR in dB on Y, LPIPS (AlexNet, lower is better). Of three seeds the mean and, in brackets, the
range. {improved} of {gans} trainings improve LPIPS.

{gan}

{worse}

PSNR falls most where a VGG loss stands without a pixel loss, in SRGAN's recipes:
[why](../replications/srgan/README.md#small-networks-lose-contrast).

## Two LPIPS

Set14, seed 0: LPIPS of AlexNet, as LDL measures, and of VGG, as Beby-GAN does where its tables ask for it.
AlexNet's improves in {alex}, VGG's in {vgg}: which backbone is meant decides what such small networks seem to
have learned. All that a paper prints as LPIPS has to be read with that in mind.

{backbones}

## The papers' claims at this size

Of {claims} claims, {decided} could be decided on these scores (moderated t over trainings,
95 % interval; a positive difference speaks for the claim). The others name methods, images or networks that
are not at hand, or are undecided: `results/reference/cpu/claims.csv` gives each its reason. At this size a
claim that is contradicted says something about small networks and few steps, and nothing about the paper.

{verdicts}

## Single comparisons

A claim holds of several comparisons, of which some may be measurable and others not. These are all that were
measured, bicubic and nearest left out. Single trainings are judged by the spread that is stated of them
(`replications/spread.yaml`), several also by their own.

{comparisons}
"""


def page() -> str:
    """The page's text."""
    budget = load_budget("cpu")
    trainings = _of_budget(REFERENCE / "trainings.csv")
    psnr_oriented = trainings["recipe"].map(lambda name: load_recipe(name).psnr_oriented)
    starts, stages = trainings[psnr_oriented], trainings[~psnr_oriented]
    made = trainings[trainings["same_training_as"].isna()]
    claims = _of_budget(REFERENCE / "claims.csv")
    decided = claims[claims["verdict"].str.startswith(("confirmed", "contradicted"))]
    rows, beaten = _psnr_rows(starts)
    better = stages["lpips_after"] < stages["lpips_before"]
    backbones, (alex, vgg) = _backbones(stages)
    return TEXT.format(
        backbones=table(("recipe", "AlexNet", "VGG"), backbones),
        alex=alex,
        vgg=vgg,
        blocks=budget.generator.blocks,
        channels=budget.generator.channels,
        psnr_steps=_steps(starts),
        gan_steps=_steps(stages),
        since=_since(budget, starts, stages),
        training_set=", ".join(budget.training_sets),
        count=len(made),
        hours=made["seconds"].sum() / 3600,
        beaten=beaten,
        stages=len(starts),
        psnr=table(("recipe", *BENCHMARKS), rows),
        improved=better.sum(),
        gans=len(stages),
        gan=table(("recipe", "seeds", "PSNR", "LPIPS"), _stage_rows(stages)),
        worse=_worse(stages[~better]),
        claims=len(claims),
        decided=len(decided),
        verdicts=table(("claim", "verdict", "difference", "95 % interval"), _verdict_rows(decided)),
        comparisons=table(
            ("claim", "comparison", "trainings", "verdict", "difference", "95 % interval"), _comparison_rows()
        ),
    )


def _steps(trainings: pd.DataFrame) -> str:
    return " or ".join(str(number) for number in sorted(set(trainings["iterations"])))


def _since(budget: Budget, starts: pd.DataFrame, stages: pd.DataFrame) -> str:
    """What is to be known where the budget is no more the one that these trainings had."""
    now = (budget.psnr_oriented.caps.iterations, budget.perceptual_oriented.caps.iterations)
    then = (starts["iterations"].min(), stages["iterations"].min())
    if now == then:
        return ""
    return (
        f"\n\n**These trainings are older than the budget**, which since takes {now[0]} and {now[1]} steps,\n"
        "and begins as an enlargement of the input where a network learns from scratch\n"
        "(`sr/networks/enlargement.py`)."
    )


def _of_budget(path: Path) -> pd.DataFrame:
    """Lines of the budget `cpu`, and claims that are bound to none."""
    lines = pd.read_csv(path)
    return lines[lines["budget"].isna() | (lines["budget"] == "cpu")]


def _psnr_rows(starts: pd.DataFrame) -> tuple[list[list[str]], int]:
    """Bicubic and every PSNR-oriented stage, and how many of these are above bicubic on all benchmarks."""
    scores = REFERENCE / "scores" / "srgan"
    bicubic = [_psnr(scores / "baseline" / "bicubic" / f"{name}.json") for name in BENCHMARKS]
    rows, beaten = [["bicubic", *(f"{value:.2f}" for value in bicubic)]], 0
    for run in starts.itertuples():
        folder = scores / "trained" / "cpu" / run.training_set / run.recipe / f"seed{run.seed}"
        reached = [_psnr(folder / f"{name}.json") for name in BENCHMARKS]
        beaten += all(mine > theirs for mine, theirs in zip(reached, bicubic, strict=True))
        rows.append([f"`{run.recipe}`", *(f"{value:.2f}" for value in reached)])
    return rows, beaten


def _psnr(path: Path) -> float:
    return float(_values(path)["PSNR"])


def _values(path: Path) -> dict[str, float]:
    """Means over a benchmark; none where it was not scored."""
    return json.loads(path.read_text(encoding="utf-8"))["set_values"] if path.is_file() else {}


def _backbones(stages: pd.DataFrame) -> tuple[list[list[str]], list[str]]:
    """LPIPS before and after every stage by two protocols, and in how many of how many each improves."""
    rows, improved = [], []
    runs = list(stages[(stages["seed"] == 0) & stages["start"].notna()].itertuples())
    columns = [[_lpips(protocol, run) for run in runs] for protocol in ("ldl", "beby")]
    for pairs in columns:
        known = [pair for pair in pairs if pair]
        improved.append(f"{sum(after < before for before, after in known)} of {len(known)}")
    for run, *pairs in zip(runs, *columns, strict=True):
        cells = [f"{pair[0]:.4f} → {pair[1]:.4f}" if pair else "" for pair in pairs]
        if any(cells):
            rows.append([f"`{run.recipe}`", *cells])
    return rows, improved


def _lpips(protocol: str, run: Any) -> tuple[float, float] | None:
    """Set14's LPIPS of the generator that a run began with, and of the run."""
    scores = REFERENCE / "scores" / protocol / "trained" / "cpu" / run.training_set
    found = [
        _values(scores / recipe / "seed0" / "Set14.json").get("LPIPS") for recipe in (run.start, run.recipe)
    ]
    before, after = found
    return None if before is None or after is None else (before, after)


def _stage_rows(stages: pd.DataFrame) -> Iterable[list[str]]:
    for recipe, runs in stages.groupby("recipe", sort=False):
        seeds = ", ".join(str(seed) for seed in sorted(runs["seed"]))
        yield [f"`{recipe}`", seeds, _change(runs, "psnr", 2), _change(runs, "lpips", 4)]


def _change(runs: pd.DataFrame, metric: str, digits: int) -> str:
    before, after = runs[f"{metric}_before"], runs[f"{metric}_after"]
    spread = f" ({after.min():.{digits}f} to {after.max():.{digits}f})" if len(after) > 1 else ""
    return f"{before.mean():.{digits}f} → {after.mean():.{digits}f}{spread}"


def _worse(worse: pd.DataFrame) -> str:
    if worse.empty:
        return "No training left LPIPS where it was, or made it worse."
    named = ", ".join(f"`{run.recipe}` (seed {run.seed})" for run in worse.itertuples())
    return f"LPIPS is not better than at the start in: {named}."


def _verdict_rows(decided: pd.DataFrame) -> Iterable[list[str]]:
    for claim in decided.itertuples():
        statement = f"{claim.claim}: {claim.statement}".replace("|", "\\|")
        yield [statement, claim.verdict, *_interval(claim)]


def _comparison_rows() -> Iterable[list[str]]:
    found = _of_budget(REFERENCE / "claims_comparisons.csv")
    interpolated = found[["left", "right"]].isin(["bicubic", "nearest", "Bicubic", "Nearest"]).any(axis=1)
    for one in found[found["difference"].notna() & ~interpolated].itertuples():
        words = f"{one.metric}, {one.dataset}: {one.left} {one.relation} {one.right}"
        yield [one.claim, words, f"{one.seeds:.0f}", one.verdict, *_interval(one)]


def _interval(evidence: Any) -> list[str]:
    interval = "one image" if pd.isna(evidence.low) else f"{evidence.low:+.4f} to {evidence.high:+.4f}"
    return [f"{evidence.difference:+.4f}", interval]


if __name__ == "__main__":
    write_text(Path(__file__).with_name("small_networks.md"), page())
