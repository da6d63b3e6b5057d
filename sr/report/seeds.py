"""How many seeds decide claims and fill tables, and what they cost: what `sr plan` says, for the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sr.config import load_yaml
from sr.planning.cost import RunCost, cost_of_recipes, measured_elsewhere
from sr.planning.plan import Plan
from sr.planning.power import Outlook, outlook
from sr.project import root
from sr.recipes.budget import budgets
from sr.results.measurement import results_of_folder
from sr.results.source import PAPER_BUDGET
from sr.results.trainings import Training, load_trainings


@dataclass(frozen=True)
class Forecast:
    """What the claims and tables of a paper take at a budget.

    rate: operations a second that the hours rest on. origin: whose, in words.
    """

    budget: str
    rate: float
    origin: str
    outlook: Outlook

    @property
    def planned(self) -> int:
        """Of how many claims the seeds are known."""
        return sum(claim.seeds is not None for claim, _ in self.outlook.claims)


def forecasts(papers: Sequence[str], results: Path) -> dict[str, tuple[Forecast, ...]]:
    """Of each paper at the papers' own budget, and at every other that has trainings in the folder."""
    trainings = load_trainings(results / "runs")
    spent = [name for name in budgets() if any(one.record.budget == name for one in trainings)]
    found: dict[str, tuple[Forecast, ...]] = dict.fromkeys(papers, ())
    for budget in dict.fromkeys([PAPER_BUDGET, *spent]):
        own = [one for one in trainings if one.record.budget == budget]
        for paper, forecast in _at(budget, papers, results, own).items():
            found[paper] += (forecast,)
    return found


def _at(
    budget: str, papers: Sequence[str], results: Path, trainings: Sequence[Training]
) -> dict[str, Forecast]:
    configuration = load_yaml(root() / "workflow" / "config.yaml")
    plan = Plan(configuration | {"budget": budget, "papers": list(papers), "seeds": [0]})
    runs = cost_of_recipes(plan, plan.printed_recipes(plan.tables())).runs
    rate, origin = _sustained(runs, trainings) or _elsewhere(plan)
    measured = results_of_folder(results / "scores")
    tables = {paper: [table for table in plan.tables() if table[0] == paper] for paper in papers}
    return {
        paper: Forecast(budget, rate, origin, outlook(plan, own, runs, rate, measured))
        for paper, own in tables.items()
    }


def _sustained(runs: Iterable[RunCost], trainings: Iterable[Training]) -> tuple[float, str] | None:
    """Operations a second of one device over whole trainings of a folder, and in words; None without any."""
    operations = {run.recipe: run.operations for run in runs}
    counted = [one for one in trainings if operations.get(one.record.recipe_name)]
    seconds = sum(one.record.seconds * _devices(one) for one in counted)
    if not seconds:
        return None
    rate = sum(operations[one.record.recipe_name] for one in counted) / seconds
    number = f"{len(counted)} training{'s' * (len(counted) > 1)}"
    return rate, f"what {number} of this folder sustained"


def _devices(training: Training) -> int:
    executions = training.record.provenance.get("executions", [])
    return max((int(one.get("processes") or 1) for one in executions), default=1)


def _elsewhere(plan: Plan) -> tuple[float, str]:
    """The slowest of the measured recipes, as in docs/scaling.md."""
    rate = min(measured_elsewhere(plan.precision(plan.configuration.budget)))
    return rate, "what an H100 sustains with the slowest of the recipes that were measured on it"
