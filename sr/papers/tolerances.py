"""How far a measured number may lie from a printed or a stored one: replications/tolerances.yaml."""

from functools import cache

from pydantic import Field

from sr.config import Strict, load_model
from sr.errors import InputError
from sr.project import root


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
            f"replications/tolerances.yaml: '{place}' has no band for {metric}; add one with its reason."
        )
    return bands[metric]


@cache
def load_tolerances() -> Tolerances:
    """The project's tolerances. Raises InputError naming file and key for a malformed one."""
    return load_model(root() / "replications" / "tolerances.yaml", Tolerances)
