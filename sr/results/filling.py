"""What may fill the cells of a printed method, and why nothing does where nothing does."""

from collections.abc import Mapping
from dataclasses import dataclass

from sr.data.catalogue import catalogue
from sr.papers.tables import Filling
from sr.results.source import Group
from sr.verdicts.rows import Verdict


@dataclass(frozen=True)
class Origin:
    """One way to fill a method's cells: the sources found for it, or why there is none."""

    name: str
    groups: list[Group]
    missing: Verdict
    reason: str


def origins(
    paper: str, name: str, method: Filling, groups: list[Group], obstacles: Mapping[str, str]
) -> list[Origin]:
    """Every way to fill the cells of the method `name`, with the sources of this run that do.

    Weights that third parties trained are named where they are at hand; that they are missing is worth a
    row only where nothing else can fill the cell.
    obstacles: recipe (paper/recipe) -> why it can not be trained here, and released/NAME -> why those
    weights are missing.
    """
    found = []
    if method.baseline:
        found.append(_origin(f"baseline/{method.baseline}", groups))
    if recipe := method.full_recipe(paper):
        found.append(_trained_origin(recipe, groups, obstacles))
    released = {
        weights: _released_origin(f"released/{weights}", groups, obstacles) for weights in method.released
    }
    found += [origin for weights, origin in released.items() if origin.groups or not _by_third_party(weights)]
    if method.images:
        folder = f"images/{method.images}"
        reason = (
            f"no images of {name} were supplied; put its x4 results into {folder}/<benchmark>/ "
            f"and name {folder} among the sources"
        )
        found.append(Origin(folder, [g for g in groups if g.name == folder], Verdict.UNAVAILABLE, reason))
    return found or list(released.values())


def _origin(source: str, groups: list[Group]) -> Origin:
    reason = f"{source} is not among the sources of this run"
    return Origin(source, [group for group in groups if group.name == source], Verdict.NOT_RUN, reason)


def _released_origin(source: str, groups: list[Group], obstacles: Mapping[str, str]) -> Origin:
    found = _origin(source, groups)
    if source in obstacles and not found.groups:
        return Origin(source, [], Verdict.UNAVAILABLE, obstacles[source])
    return found


def _by_third_party(weights: str) -> bool:
    facts = catalogue().get(weights).released
    return facts is not None and facts.deviation is not None


def _trained_origin(recipe: str, groups: list[Group], obstacles: Mapping[str, str]) -> Origin:
    found = [group for group in groups if group.kind == "trained" and group.name.endswith(f"/{recipe}")]
    if recipe in obstacles:
        return Origin(f"trained/*/{recipe}", found, Verdict.UNAVAILABLE, obstacles[recipe])
    reason = f"{recipe} was not trained in this configuration"
    return Origin(f"trained/*/{recipe}", found, Verdict.NOT_RUN, reason)
