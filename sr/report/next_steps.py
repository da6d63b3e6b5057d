"""What to do next, and what it costs: fetch what is missing, then train one table in full."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sr.config import load_yaml
from sr.papers.tables import name_in_files
from sr.planning.cost import cost_of_recipes, download_size, downloads, measured_elsewhere
from sr.planning.plan import Plan
from sr.project import root
from sr.report.unavailable import Lack
from sr.results.source import PAPER_BUDGET

_FETCH = "sr assets fetch "


@dataclass(frozen=True)
class Step:
    """A command, what it brings, and what it costs."""

    command: str
    brings: str
    cost: str


def fetching(lacks: Iterable[Lack]) -> list[Step]:
    """One command for everything that can be fetched; none where nothing is missing."""
    wanted = [lack for lack in lacks if lack.command and lack.how.startswith(_FETCH)]
    names = list(dict.fromkeys(name for lack in wanted for name in lack.how.removeprefix(_FETCH).split()))
    if not names:
        return []
    sizes = [download_size(name) for name in names]
    known = sum(size for size in sizes if size)
    parts = [f"{known / 1e6:,.0f} MB to download"] if known else []
    if unknown := sizes.count(None):
        parts.append(f"{unknown} of {len(names)} of a size that nobody publishes")
    numbers = sum(lack.numbers for lack in wanted)
    brings = f"takes an obstacle out of the way of {numbers} printed numbers"
    return [Step(_FETCH + " ".join(names), brings, ", ".join(parts))]


def smallest_training(papers: Sequence[str]) -> list[Step]:
    """The table of some papers that takes the fewest trainings, at the papers' own length."""
    configuration = load_yaml(root() / "workflow" / "config.yaml")
    plan = Plan(configuration | {"budget": PAPER_BUDGET, "papers": list(papers)})
    trained = [table for table in plan.tables() if plan.printed_recipes([table])]
    if not trained:
        return []
    paper, item = min(trained, key=lambda table: len(plan.printed_recipes([table])))
    cost = cost_of_recipes(plan, plan.printed_recipes([(paper, item)]))
    # The command fetches the sets that the budget prefers, also where others would do.
    missing = cost.downloads | downloads(plan.assets, [run.preferred_set for run in cost.runs])
    sizes = [size for size in missing.values() if size]
    # The slowest of the measured recipes, as in docs/scaling.md.
    rate = min(measured_elsewhere(plan.precision(PAPER_BUDGET)))
    hours = cost.operations / rate / 3600
    words = [f"{len(cost.runs)} trainings, {hours:,.0f} hours on an H100 at {rate / 1e12:.0f} teraflop/s"]
    if sizes:
        words.append(f"{sum(sizes) / 1e9:.1f} GB to download")
    table = f"results/tables/{name_in_files(item)}_{paper}.csv"
    command = f"snakemake {table} --config budget={PAPER_BUDGET} download=all"
    return [Step(command, "makes trained numbers comparable with the papers'", ", ".join(words))]
