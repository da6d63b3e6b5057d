"""What a study of opinions says, as a page for people."""

import base64
from pathlib import Path

import pandas as pd

from sr.opinions.outcome import EVERYONE, KEPT, Outcome, summary
from sr.pages.templating import environment

FIGURES = ("distribution.png", "shares.png")


def render(outcome: Outcome, folder: Path) -> str:
    """The page as HTML; `folder` holds the figure, which goes into it."""
    figures = [
        base64.b64encode((folder / f).read_bytes()).decode() for f in FIGURES if (folder / f).is_file()
    ]
    return (
        environment("html")
        .get_template("opinions.html.j2")
        .render(
            study=outcome.study,
            summary=summary(outcome),
            figures=figures,
            raters=outcome.raters.to_dict("records"),
            tables={name: _both(outcome, name) for name in outcome.tables},
            retest=outcome.retest,
            friedman=outcome.friedman,
            interval=f"{1 - outcome.study.level:.0%}",
            missing=pd.isna,
        )
    )


def _both(outcome: Outcome, name: str) -> list[dict[str, object]]:
    """The rows of those kept, each with the same row of everyone under `all`."""
    kept, everyone = (outcome.table(name, who).to_dict("records") for who in (KEPT, EVERYONE))
    keys = ("benchmark", "part", "version", "place", "left", "right", "says")
    others = {tuple(row.get(key) for key in keys): row for row in everyone}
    return [row | {"all": others.get(tuple(row.get(key) for key in keys))} for row in kept]
