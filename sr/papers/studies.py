"""A paper's studies: recipes that are compared with each other outside its tables (`studies.yaml`)."""

from pydantic import Field, RootModel

from sr.config import Strict, load_model, nearest
from sr.errors import InputError
from sr.project import paper_folder


class Study(Strict):
    """Recipes side by side. source: the section or figure; note: what a reader must know."""

    title: str
    source: str
    recipes: tuple[str, ...] = Field(min_length=1)
    note: str

    def full_recipes(self, paper: str) -> list[str]:
        """paper/recipe of each; a bare name means a recipe of `paper`."""
        return [name if "/" in name else f"{paper}/{name}" for name in self.recipes]


class Studies(RootModel[dict[str, Study]]):
    """The whole studies.yaml of one paper."""


def load_studies(paper: str) -> dict[str, Study]:
    """Studies of a paper by name; none where the paper has no studies.yaml."""
    path = paper_folder(paper) / "studies.yaml"
    return load_model(path, Studies).root if path.is_file() else {}


def load_study(paper: str, name: str) -> Study:
    """One study. Raises InputError with the nearest name for an unknown one."""
    studies = load_studies(paper)
    if name not in studies:
        raise InputError(f"'{name}' is not a study of {paper}; {nearest(name, list(studies))}")
    return studies[name]
