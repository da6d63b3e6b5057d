"""Where each setting of a recipe comes from: the comment on its line, or on that of a recipe it extends."""

from typing import Any

from sr.comments import line_comments
from sr.config import load_yaml
from sr.project import own, paper_folder
from sr.recipes.recipe import Recipe, load_recipe

_WORDS = ("assumptions", "title", "stand_ins")


def settings(recipe: Recipe) -> dict[str, Any]:
    """A recipe's settings by dotted key, without those that are absent and without words.

    A list and the layers of a perceptual loss are one setting.
    """
    return dict(_leaves("", recipe.model_dump(mode="json", exclude=set(_WORDS))))


def sources(name: str) -> dict[str, str]:
    """The comment of each setting of a recipe (`paper/recipe`); an empty text where none is written."""
    paper = name.partition("/")[0]
    comments = line_comments(paper_folder(paper) / "recipes.yaml")
    if (mine := own("recipes.yaml")) is not None:
        added = line_comments(mine).items()
        comments |= {
            key.removeprefix(f"{paper}."): text for key, text in added if key.startswith(f"{paper}.")
        }
    chain = [f"{recipe}." for recipe in _extended(name)]
    return {key: _comment(key, chain, comments) for key in settings(load_recipe(name))}


def parent(name: str) -> str | None:
    """The recipe that a recipe extends, by its full name."""
    paper, _, recipe = name.partition("/")
    written, mine = load_yaml(paper_folder(paper) / "recipes.yaml"), own("recipes.yaml")
    if recipe not in written and mine is not None:
        written = load_yaml(mine)[paper]
    below = written[recipe].get("extends")
    return f"{paper}/{below}" if below else None


def _extended(name: str) -> list[str]:
    """A recipe and those it extends, without the paper."""
    below = parent(name)
    return [name.partition("/")[2], *(_extended(below) if below else [])]


def _comment(key: str, chain: list[str], comments: dict[str, str]) -> str:
    """Of the nearest recipe that says something of `key`, or of a mapping that it lies in."""
    parts = key.split(".")
    ways = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    found = (comments.get(start + way) for start in chain for way in ways)
    return next((comment for comment in found if comment), "")


def _leaves(key: str, value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, dict) or key.endswith("layers"):
        return [] if value is None else [(key, value)]
    return [leaf for name, inner in value.items() for leaf in _leaves(f"{key}.{name}".lstrip("."), inner)]
