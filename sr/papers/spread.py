"""How far trainings lie apart by chance, as far as it is known beforehand: replications/spread.yaml."""

from pathlib import Path

from pydantic import Field

from sr.config import Strict, load_model
from sr.project import root
from sr.remembered import remembered


class Spread(Strict):
    """Standard deviations over seeds, of all images together and of a single one, and what they are worth.

    worth: degrees of freedom of the estimate, beside which those of measured seeds count.
    """

    seed: float = Field(gt=0)
    seed_by_image: float = Field(ge=0)
    worth: float = Field(gt=0)

    def variance(self, images: int) -> float:
        """Of a training's mean over so many images."""
        return self.seed**2 + self.seed_by_image**2 / images


class MetricSpread(Strict):
    """The spread of one metric: of a training alone, and of the difference of two that are paired."""

    alone: Spread
    paired: Spread
    reason: str = Field(min_length=1)


class Spreads(Strict):
    """The whole file: how many spreads of a training still count as equal, and metric -> spread."""

    margin: float = Field(gt=0)
    metrics: dict[str, MetricSpread]


def spread_file() -> Path:
    """Where it is stated, for all papers."""
    return root() / "replications" / "spread.yaml"


def spread_of(metric: str) -> MetricSpread | None:
    """What is stated of a metric; None where nothing is. Raises InputError for a malformed file."""
    return _read(spread_file()).metrics.get(metric)


def margin() -> float:
    """How many spreads of a training still count as equal."""
    return _read(spread_file()).margin


@remembered
def _read(path: Path) -> Spreads:
    return load_model(path, Spreads)
