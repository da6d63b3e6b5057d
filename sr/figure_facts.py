"""What a figure shows as plain numbers, which a claim can be held against: the `facts` in its JSON.

Most claims are about scores; shares of features, grey levels, times and changes in training stand in figures.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_IMAGES, _NUMBERS = "images.json", "numbers.json"


class NoFacts(Exception):  # noqa: N818
    """A figure, or a fact of it, is not there; the message says why."""


@dataclass(frozen=True)
class Fact:
    """One quantity. values: one for each training; a single one where no training decides it.

    trained: whether another training would give another value.
    """

    values: tuple[float, ...]
    trained: bool = False


@dataclass(frozen=True)
class FigureFacts:
    """What one figure tells. budget: of the runs behind it, empty where nothing was trained.

    without: why it tells nothing that a claim is about, though it was drawn.
    """

    facts: Mapping[str, Fact] = field(default_factory=dict)
    budget: str = ""
    without: str = ""

    def __getitem__(self, name: str) -> Fact:
        """One fact. Raises NoFacts with the reason for one that is not there."""
        if name not in self.facts:
            raise NoFacts(self.without or f"the figure tells no '{name}'")
        return self.facts[name]


def load_facts(figures: Path, paper: str, figure: str) -> FigureFacts:
    """What a figure below figures/{paper} tells. Raises NoFacts with the reason that its list gives."""
    path = figures / paper / f"{figure}.json"
    if not path.is_file():
        raise NoFacts(_missing(figures / paper, figure))
    content = json.loads(path.read_text(encoding="utf-8"))
    facts = {
        name: Fact(tuple(one["values"]), one["trained"]) for name, one in content.get("facts", {}).items()
    }
    return FigureFacts(facts, " ".join(content["budgets"]), content.get("without", ""))


def _missing(folder: Path, figure: str) -> str:
    for name in (_IMAGES, _NUMBERS):
        listed: dict[str, Any] = {}
        if (folder / name).is_file():
            listed = json.loads((folder / name).read_text(encoding="utf-8"))
        if reason := listed.get("missing", {}).get(figure):
            return f"the figure {figure} is missing: {str(reason).rstrip('.')}"
    targets = " ".join(f"results/figures/{folder.name}/{name}" for name in (_IMAGES, _NUMBERS))
    return f"the figure {figure} was not drawn in this run (`snakemake {targets}`)"
