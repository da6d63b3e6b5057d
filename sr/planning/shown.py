"""What figures, the table across methods and the claims show of a run: their sources, scores and reasons.

They ask for the trainings of tables, and of no study: that is shown once `snakemake studies` has made it.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sr.files import file_hash, value_hash
from sr.papers.comparison import COMPARISON
from sr.papers.figures import interpolation_under, load_number_figures
from sr.planning.groups import CALIBRATION, STUDY
from sr.planning.inputs import generators
from sr.remembered import once
from sr.results.complexity import settings_of_source
from sr.results.source import Source, group_sources

if TYPE_CHECKING:
    from sr.planning.plan import Plan

Value = TypeVar("Value")


class Shown:
    """What is shown of each paper, of all of them together, and across methods."""

    def __init__(self, plan: "Plan") -> None:
        self._plan = plan

    def scores(self, paper: str) -> list[str]:
        """Scores of all sources that a paper's figures show."""
        groups = [CALIBRATION, *self._tables(paper), *self._studies_at_hand(paper)]
        return [path for group in groups for path in self._plan.inputs.scores(paper, group)]

    def sources(self, paper: str) -> list[Source]:
        """Sources of a paper's tables and of its studies that are at hand."""
        groups = [*self._tables(paper), *self._studies_at_hand(paper)]
        return _each_once(source for group in groups for source in self._plan.sources(paper, group))

    def obstacles(self, paper: str) -> list[str]:
        """Why recipes of a paper's tables and studies can not be trained here, and weights not be had."""
        groups = [*self._tables(paper), *self._studies(paper)]
        return _each_once(entry for group in groups for entry in self._plan.obstacles(paper, group))

    def of_all(self, of_paper: Callable[[str], list[Value]]) -> list[Value]:
        """What a method of one paper gives for all configured papers together, each once."""
        return _each_once(found for paper in self._plan.configuration.papers for found in of_paper(paper))

    def all_obstacles(self) -> list[str]:
        """The obstacles of all configured papers: those of all tables, then those of all studies."""
        plan = self._plan
        groups = [*plan.tables(), *((paper, f"{STUDY}{name}") for paper, name in plan.studies())]
        return _each_once(entry for paper, group in groups for entry in plan.obstacles(paper, group))

    def finished_studies(self) -> list[str]:
        """Names and hashes of the studies' tables that are there."""
        tables = sorted(Path("results/studies").glob("*.csv"))
        return [f"{path.name} {file_hash(path)}" for path in tables]

    def settings(self, paper: str) -> list[str]:
        """What a paper's files say of its figures, as far as it has them."""
        names = ("number_figures.yaml", "figures.py", "studies.yaml", "recipes.yaml", "protocol.yaml")
        paths = [Path("replications") / paper / name for name in names]
        return [str(path) for path in paths if path.is_file()]

    def ends(self, paper: str) -> list[Source]:
        """The two sources between which a paper interpolates, the PSNR-oriented one first; none unless this
        configuration trains both.
        """
        settings = load_number_figures(paper).interpolation
        if settings is None:
            return []
        trainings = self._plan.trainings
        wanted = {part for name in self._plan.recipes() for part in trainings.chain(name)}
        recipes = [settings.psnr, settings.gan]
        sources = [source for recipe in recipes for source in self._plan.trained(recipe)[:1]]
        return sources if wanted.issuperset(recipes) and len(sources) == len(recipes) else []

    def runs_between(self, paper: str) -> list[str]:
        """Weights of the two ends."""
        return generators(self.ends(paper))

    def scored_by(self, paper: str) -> tuple[str, ...]:
        """The protocols by which a paper's interpolation is scored."""
        settings = load_number_figures(paper).interpolation
        return settings.protocols if settings else ()

    def curves(self, protocol: str) -> list[str]:
        """Scores of the interpolations that figures under a paper's protocol show."""
        found = interpolation_under(protocol)
        if not found or not self.ends(found[0]):
            return []
        paper, settings = found
        shown = [name for name in settings.benchmarks if name in self._plan.benchmarks]
        return [f"results/interpolation/{paper}/{benchmark}.csv" for benchmark in shown]

    def compared(self) -> list[Source]:
        """The sources that are compared across methods."""
        return self._plan.sources(self._plan.comparison.protocol, COMPARISON)

    def compared_scores(self) -> list[str]:
        """Their scores on the benchmarks at hand."""
        return self._plan.inputs.scores(self._plan.comparison.protocol, COMPARISON)

    def compared_obstacles(self) -> list[str]:
        """Why methods are missing there."""
        return self._plan.obstacles(self._plan.comparison.protocol, COMPARISON)

    def compared_networks(self) -> list[Source]:
        """The compared sources with one for all seeds, which have one network."""
        return [group.source for group in group_sources(self.compared())]

    def settings_of_networks(self) -> str:
        """Hash of what decides their costs."""
        return value_hash([str(settings_of_source(source)) for source in self.compared_networks()])

    def _tables(self, paper: str) -> list[str]:
        return [item for owner, item in self._plan.tables() if owner == paper]

    def _studies(self, paper: str) -> list[str]:
        return [f"{STUDY}{name}" for owner, name in self._plan.studies() if owner == paper]

    @once
    def _studies_at_hand(self, paper: str) -> list[str]:
        """The studies that have been trained and scored."""
        return [group for group in self._studies(paper) if self._is_made(paper, group)]

    def _is_made(self, paper: str, group: str) -> bool:
        sources = self._plan.sources(paper, group)
        files = [*generators(sources), *self._plan.inputs.scores(paper, group)]
        return bool(sources) and all(Path(path).is_file() for path in files)


def _each_once(found: Iterable[Value]) -> list[Value]:
    return list(dict.fromkeys(found))
