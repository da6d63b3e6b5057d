"""The rules that results are judged by, as hashes, and whether they are those that were frozen.

Rules that change after the numbers are known can make any number fit. replications/frozen.json holds what was
fixed, when and why; every table and the claims carry what they were judged by.
"""

import datetime
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import Field

from sr.config import Strict, load_yaml, validate
from sr.errors import InputError
from sr.files import value_hash, write_json
from sr.papers.claims import load_claims
from sr.papers.tables import layouts_path, load_layouts
from sr.papers.tolerances import tolerance_files
from sr.project import papers, root
from sr.recipes.recipe import shipped_recipes
from sr.scoring.protocol import load_protocol

FIELD = "rules"  # of the JSON that carries them
_SPREADS = "spread*.yaml"  # of trainings, which margins come from


class Freeze(Strict):
    """One time that the rules were fixed. rules: kind -> hash."""

    date: datetime.date
    reason: str = Field(min_length=1)
    rules: dict[str, str]


class Frozen(Strict):
    """The whole frozen.json: every freeze, the one that counts last."""

    freezes: list[Freeze] = Field(min_length=1)


def rules() -> dict[str, str]:
    """A hash for each kind of rule of today: what the files say, not how they are written or commented."""
    found = papers()
    tolerances = {path for paper in found for path in tolerance_files(paper)}
    tolerances |= set((root() / "replications").glob(_SPREADS))
    layouts = {paper: load_layouts(paper) for paper in found if layouts_path(paper).is_file()}
    bands = {
        f"{paper} {item}": [figure.model_dump(mode="json") for figure in elsewhere.figures]
        for paper, layout in layouts.items()
        for item, elsewhere in layout.elsewhere.items()
    }
    files = {str(path.relative_to(root())): load_yaml(path) for path in sorted(tolerances)}
    contents: dict[str, Any] = {
        "tolerances": files | bands,
        "claims": {paper: load_claims(paper).model_dump(mode="json") for paper in found},
        "assumptions": {paper: _assumptions(paper) for paper in found},
        "known findings": {
            f"{paper} {item}": [finding.model_dump() for finding in table.known_findings]
            for paper, layout in layouts.items()
            for item, table in layout.tables.items()
        },
    }
    return {kind: value_hash(content) for kind, content in contents.items()}


def _assumptions(paper: str) -> dict[str, Any]:
    # As they ship: what a user lays over them is no rule.
    shipped = shipped_recipes(paper)
    whose = {name: recipe.assumptions for name, recipe in shipped.items()}
    whose["protocol"] = load_protocol(paper).assumptions
    return {
        name: {key: one.model_dump(mode="json") for key, one in own.items()} for name, own in whose.items()
    }


def frozen_file() -> Path:
    """Where the frozen rules stand."""
    return root() / "replications" / "frozen.json"


def frozen() -> Freeze | None:
    """The freeze that counts; None before the first. Raises InputError for a malformed file."""
    path = frozen_file()
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not valid JSON ({error}); restore it from git.") from error
    return validate(content, Frozen, path).freezes[-1]


def freeze(reason: str) -> list[str]:
    """Fix today's rules, with today's date; returns which kinds changed since the last time."""
    if not reason.strip():
        raise InputError("--reason: say why the rules are fixed anew.")
    path, last, now = frozen_file(), frozen(), rules()
    earlier = json.loads(path.read_text(encoding="utf-8"))["freezes"] if last else []
    one = Freeze(date=datetime.datetime.now(datetime.UTC).date(), reason=reason.strip(), rules=now)
    write_json(path, {"freezes": [*earlier, one.model_dump(mode="json")]})
    return differing(now, last.rules) if last else list(now)


def differing(some: dict[str, str], others: dict[str, str]) -> list[str]:
    """The kinds of rules that are not the same in both."""
    return [kind for kind in sorted({*some, *others}) if some.get(kind) != others.get(kind)]


def judged_otherwise(files: Iterable[Path]) -> list[str]:
    """What speaks against the frozen rules, in sentences that say what to do; none where nothing does.

    files: JSON beside tables and claims, which tell what these were judged by. What a user lays over the
    recipes, in my/, is no rule.
    """
    fixed = frozen()
    if fixed is None:
        return ["no rules were frozen; fix them with `sr freeze --reason WHY`"]
    found: dict[str, list[str]] = {}
    for path in files:
        known = _said_rules(path)
        if known is None:
            text = "judged before results told by which rules"
        elif kinds := differing(known, fixed.rules):
            text = f"judged by other {', '.join(kinds)} than those frozen on {fixed.date}"
        else:
            continue
        found.setdefault(text, []).append(path.stem)
    sentences = []
    if kinds := differing(rules(), fixed.rules):
        sentences.append(
            f"today's {', '.join(kinds)} are not those frozen on {fixed.date}; restore replications/, or"
            " accept them with `sr freeze --reason WHY` and judge anew"
        )
    return sentences + [
        f"{', '.join(names)}: {text}; judge anew (`snakemake all`)" for text, names in found.items()
    ]


def _said_rules(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8")).get(FIELD)
    except (ValueError, AttributeError) as error:
        raise InputError(f"{path}: not a table's JSON ({error}); make the table again.") from error
