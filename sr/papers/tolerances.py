"""How far a measured number may lie from a printed or a stored one: replications/tolerances.yaml.

A paper that needs others, or prints a metric that no other does, has a tolerances.yaml in its own folder.
"""

from pathlib import Path

from pydantic import Field

from sr.config import Strict, load_model, load_yaml, merge, validate
from sr.errors import InputError
from sr.project import paper_folder, root
from sr.remembered import remembered


class Band(Strict):
    """Half the width of an interval that counts as equal, and why."""

    band: float = Field(ge=0)
    reason: str = Field(min_length=1)


class Drift(Strict):
    """Bands around a stored reference; beyond them the check fails or only reports."""

    fails: bool
    bands: dict[str, Band]


class Tolerances(Strict):
    """The whole file: kind of source -> metric -> band, for verdicts and for drift."""

    verdict: dict[str, dict[str, Band]]
    drift: dict[str, Drift]

    def for_verdict(self, kind: str, metric: str) -> Band:
        """The band of a verdict. Raises InputError when none is stated: nothing stands in for it."""
        return _look_up(self.verdict.get(kind, {}), metric, f"verdict.{kind}")

    def for_drift(self, kind: str, metric: str) -> tuple[Band, bool]:
        """The band around a reference and whether leaving it is an error. Raises InputError as above."""
        drift = self.drift.get(kind)
        return _look_up(drift.bands if drift else {}, metric, f"drift.{kind}.bands"), bool(
            drift and drift.fails
        )


def _look_up(bands: dict[str, Band], metric: str, place: str) -> Band:
    if metric not in bands:
        raise InputError(
            f"replications/tolerances.yaml: '{place}' has no band for {metric}; add one with its reason,"
            " there or in the paper's own tolerances.yaml."
        )
    return bands[metric]


def tolerance_files(paper: str) -> list[Path]:
    """What a paper's tolerances stand in: the common file, and the paper's own where it has one."""
    own = paper_folder(paper) / "tolerances.yaml"
    return [root() / "replications" / "tolerances.yaml", *([own] if own.is_file() else [])]


def load_tolerances(paper: str) -> Tolerances:
    """The tolerances that hold for a paper: the common ones, and over them those of its own folder.

    Raises InputError naming file and key for a malformed one.
    """
    return _read(*tolerance_files(paper))


@remembered
def _read(common: Path, own: Path | None = None) -> Tolerances:
    shared = load_model(common, Tolerances)
    if own is None:
        return shared
    return validate(merge(shared.model_dump(mode="json"), load_yaml(own) or {}), Tolerances, own)
