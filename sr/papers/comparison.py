"""The table across methods as data: replications/comparison.yaml says what is measured, and how."""

from functools import cached_property
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from sr.config import Strict, load_merged, load_model, nearest
from sr.data.catalogue import catalogue
from sr.papers.published import HIGHER_IS_BETTER, LOWER_IS_BETTER
from sr.papers.tables import Fillers
from sr.project import own, root
from sr.scoring.protocol import Protocol, load_protocol

# The group of sources that are scored together for this table.
COMPARISON = "comparison"


class Compared(Fillers):
    """One method of the table; `recipe` is written paper/recipe."""

    @model_validator(mode="after")
    def _names_a_source(self) -> "Compared":
        if not self.filled:
            raise ValueError("name baseline, recipe, released or images")
        if self.recipe and self.recipe.count("/") != 1:
            raise ValueError(f"write paper/recipe, not '{self.recipe}'")
        return self


class Measure(Strict):
    """How a metric is shown."""

    label: str | None = None
    decimals: int = Field(ge=0, le=10)


class ComparisonLayout(Strict):
    """The whole comparison.yaml. protocol: the paper whose way to measure is used for every method."""

    title: str
    protocol: str
    metrics: dict[str, Measure] = Field(min_length=1)
    benchmarks: tuple[str, ...] = Field(min_length=1)
    methods: dict[str, Compared] = Field(min_length=1)

    @field_validator("benchmarks")
    @classmethod
    def _are_images(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        known = [name for name, asset in catalogue().assets.items() if asset.kind == "images"]
        for name in names:
            if name not in known:
                raise ValueError(f"'{name}' is no set of images; {nearest(name, known)}")
        return names

    @model_validator(mode="after")
    def _metrics_are_measured(self) -> "ComparisonLayout":
        ranked = HIGHER_IS_BETTER | LOWER_IS_BETTER
        known: list[str] = [name for name in self.way.metrics if name in ranked]
        for name in self.metrics:
            if name not in known:
                raise ValueError(
                    f"metrics: '{name}' is none that the protocol of {self.protocol} measures; "
                    f"{nearest(name, known)}"
                )
        return self

    @cached_property
    def way(self) -> Protocol:
        """The protocol itself."""
        return load_protocol(self.protocol)


def comparison_path() -> Path:
    """Where the table across methods is described."""
    return root() / "replications" / "comparison.yaml"


def load_comparison_layout() -> ComparisonLayout:
    """The table across methods, with the user's own. Raises InputError naming file and key of a fault."""
    mine = own("comparison.yaml")
    if mine is None:
        return load_model(comparison_path(), ComparisonLayout)
    return load_merged(comparison_path(), mine, ComparisonLayout)


def comparison_files() -> list[Path]:
    """Where it is described: as it ships, and in the user's own file where there is one."""
    mine = own("comparison.yaml")
    return [comparison_path(), *([mine] if mine else [])]
