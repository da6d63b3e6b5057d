"""How every figure is written: four files beside each other, with a description, or a reason why not."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from sr.errors import InputError
from sr.figure_facts import Fact
from sr.files import atomic_path, write_json, write_text
from sr.results.source import PAPER_BUDGET, Source

SUFFIXES = (".png", ".svg", ".csv", ".json")

NOT_TRAINED = "none of its recipes was trained."

# Writes a figure's PNG and the files beside it, or raises Missing.
Draw = Callable[[Path], None]


class Missing(Exception):  # noqa: N818
    """A figure is not drawn; the message is the reason, for a reader."""


@dataclass(frozen=True)
class Description:
    """What a reader must know of a figure.

    paper: its name, or empty for figures across papers. place: the figure it stands for, for instance
    `Fig. 4`, or empty. caption: what is shown, from which runs, and what it can not show. budgets: of the
    runs behind it. facts: what it tells as plain numbers, for claims. without: why it tells none.
    """

    title: str
    paper: str
    place: str
    caption: str
    budgets: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    without: str = ""

    def of(self, sources: Iterable[Source]) -> "Description":
        """The same, with what the sources' budgets mean for it: in title, caption and budgets."""
        found = tuple(sorted({source.budget for source in sources} - {""}))
        smaller = ", ".join(budget for budget in found if budget != PAPER_BUDGET)
        if not smaller:
            return replace(self, budgets=found)
        return replace(
            self,
            title=f"{self.title} (budget: {smaller})",
            caption=f"{self.caption} Trained under the budget {smaller}, far less than the paper's: nothing"
            " here speaks for or against the paper.",
            budgets=found,
        )


@contextmanager
def drawing(width: float = 6.4, height: float = 4.2, **subplots: Any) -> Iterator[tuple[Any, Any]]:
    """A matplotlib figure and its axes, without a display, closed at the end.

    Raises InputError when matplotlib is missing.
    """
    try:
        import matplotlib
    except ImportError:
        raise InputError(
            "figures need matplotlib; get it with `pip install 'sr-replications[workflow]'`."
        ) from None
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    style: Any = {
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "svg.hashsalt": "sr",  # the same figure gives the same file
        "figure.constrained_layout.use": True,
    }
    with plt.rc_context(style):
        figure, axes = plt.subplots(figsize=(width, height), **subplots)
        try:
            yield figure, axes
        finally:
            plt.close(figure)


def write_figure(figure: Any, data: pd.DataFrame, description: Description, output: Path) -> None:
    """Write `output` (.png) and beside it .svg, .csv (what is drawn) and .json (the description)."""
    for suffix, date in ((".png", {}), (".svg", {"Date": None})):
        with atomic_path(output.with_suffix(suffix)) as temporary:
            figure.savefig(temporary, format=suffix[1:], dpi=150, metadata=date)
    write_text(output.with_suffix(".csv"), data.to_csv(index=False, lineterminator="\n"))
    write_text(output.with_suffix(".json"), json.dumps(asdict(description), indent=2) + "\n")


def draw_figures(
    figures: Mapping[str, Draw], output: Path, report: Callable[[str], None] = lambda _text: None
) -> dict[str, str | None]:
    """Draw what can be drawn beside `output`, a JSON that lists what was made and what not.

    Returns name -> None where the figure was made, or the reason why it is missing.
    """
    outcome: dict[str, str | None] = {}
    for name, draw in figures.items():
        image = output.with_name(f"{name}.png")
        try:
            draw(image)
            outcome[name] = None
        except Missing as reason:
            outcome[name] = str(reason)
            remove_figure(image)
        report(f"{name}: {outcome[name] or 'made'}")
    made = [name for name, reason in outcome.items() if reason is None]
    missing = {name: reason for name, reason in outcome.items() if reason is not None}
    write_json(output, {"made": made, "missing": missing})
    return outcome


def remove_figure(image: Path) -> None:
    """Remove what an earlier run drew under this name."""
    for suffix in SUFFIXES:
        image.with_suffix(suffix).unlink(missing_ok=True)
