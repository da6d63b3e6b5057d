"""What may fill the cells of a printed method, and why nothing does where nothing does."""

from dataclasses import dataclass

from sr.data.catalogue import catalogue
from sr.papers.tables import Fillers, Method
from sr.results.measurement import Results
from sr.results.source import ORIGINAL, Group, Kind, Source


@dataclass(frozen=True)
class Way:
    """One way to fill a method's cells. name: of the baseline, weights or folder, or PAPER/RECIPE."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        budget_and_training_set = "*/" if self.kind == Kind.TRAINED else ""
        return f"{self.kind}/{budget_and_training_set}{self.name}"

    def is_taken_by(self, source: Source) -> bool:
        """Whether a source, at whatever budget, fills cells this way."""
        return (source.kind, source.name) == (self.kind, self.name)

    @property
    def by_third_party(self) -> bool:
        """Whether these are weights that others than the paper's authors trained."""
        facts = catalogue().get(self.name).released if self.kind == Kind.RELEASED else None
        return facts is not None and facts.deviation is not None


@dataclass(frozen=True)
class Filling:
    """One way to fill a method's cells: the groups of a run that take it, or why there is none.

    unavailable: whether what is missing can not be had here; otherwise it was not run.
    """

    way: Way
    groups: list[Group]
    unavailable: bool
    reason: str


def ways(paper: str, method: Fillers) -> list[Way]:
    """Every way to fill a method: baseline, training, released weights, supplied images."""
    found = [Way(Kind.BASELINE, method.baseline)] if method.baseline else []
    if recipe := method.full_recipe(paper):
        found.append(Way(Kind.TRAINED, recipe))
    found += [Way(Kind.RELEASED, name) for name in method.released]
    return found + ([Way(Kind.IMAGES, method.images)] if method.images else [])


def fills(source: Source, paper: str, method: Fillers) -> bool:
    """Whether a source is one of those that a method of a paper's table names."""
    return any(way.is_taken_by(source) for way in ways(paper, method))


def rated_groups(paper: str, method: Method, rated: Results) -> list[Group]:
    """The groups of `rated`, which people have rated, that stand for a method; also the ground truth."""
    own = [*ways(paper, method), *([Way(Kind.BASELINE, ORIGINAL.name)] if method.original else [])]
    return [group for way in own for group in rated.groups if way.is_taken_by(group.source)]


def fillings(paper: str, name: str, method: Fillers, results: Results) -> list[Filling]:
    """Every way to fill the cells of the method `name`, with the groups of this run that take it.

    Weights that third parties trained are named where they are at hand; that they are missing is worth a
    row only where nothing else can fill the cell.
    """
    found = [_filling(way, name, results) for way in ways(paper, method)]
    worth_a_row = [one for one in found if one.groups or not one.way.by_third_party]
    return worth_a_row or found


def _filling(way: Way, name: str, results: Results) -> Filling:
    groups = [group for group in results.groups if way.is_taken_by(group.source)]
    if way.kind == Kind.IMAGES:
        reason = (
            f"no images of {name} were supplied; put its x4 results into {way}/<benchmark>/ "
            f"and name {way} among the sources"
        )
        return Filling(way, groups, True, reason)
    obstacle = results.obstacles.get(way.name if way.kind == Kind.TRAINED else str(way))
    if obstacle:
        return Filling(way, groups, True, obstacle)
    if way.kind == Kind.TRAINED:
        return Filling(way, groups, False, f"{way.name} was not trained in this configuration")
    return Filling(way, groups, False, f"{way} is not among the sources of this run")
