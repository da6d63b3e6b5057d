"""Where things lie: the project folder and the places inside it."""

import re
from pathlib import Path

from sr.errors import InputError

_NAME = re.compile(r"[a-z0-9_]+")


def root() -> Path:
    """The project folder: the nearest parent of the working folder with a Snakefile and replications/.

    Falls back to the folder that holds this package, so that `sr` works from anywhere.
    """
    for folder in (Path.cwd(), *Path.cwd().parents, Path(__file__).parents[1]):
        if (folder / "replications").is_dir() and (folder / "Snakefile").is_file():
            return folder
    raise InputError("replications/ not found; run the command inside a clone of the project.")


def papers() -> list[str]:
    """Names of the replicated papers: the folders under replications/ that hold published numbers.

    Raises InputError for a name that could not stand in paths, patterns and commands.
    """
    folders = (root() / "replications").iterdir()
    found = sorted(folder.name for folder in folders if (folder / "published.csv").is_file())
    for name in found:
        if not _NAME.fullmatch(name):
            raise InputError(
                f"replications/{name}: name a paper's folder with the letters a to z, digits and _."
            )
    return found


def paper_folder(paper: str) -> Path:
    """The folder of one paper. Raises InputError with the nearest name for an unknown one."""
    folder = root() / "replications" / paper
    if folder.name != paper or not (folder / "published.csv").is_file():
        from sr.config import nearest

        raise InputError(f"'{paper}' is not a replicated paper; {nearest(paper, papers())}")
    return folder


def own(name: str) -> Path | None:
    """A file of the user's own in my/, which is laid over what ships; None where there is none."""
    path = root() / "my" / name
    return path if path.is_file() else None


def data_folder() -> Path:
    """Where fetched assets, prepared benchmarks and packed training sets lie."""
    return root() / "data"
