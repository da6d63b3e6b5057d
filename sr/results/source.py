"""Sources and their scores: what a source's path says, and the score files that a run left behind."""

import csv
import io
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from sr.config import validate
from sr.errors import InputError
from sr.files import bytes_hash
from sr.seals import read_record

PAPER_BUDGET = "paper"
_REMEDY = "score again with `sr evaluate`"
_TRAINED = re.compile(
    r"(?P<group>trained/(?P<budget>[^/]+)/[^/]+/(?P<paper>[^/]+)/(?P<recipe>[^/]+))/seed(?P<seed>\d+)"
)
_OTHER = re.compile(r"(baseline|released|images)/[^/]+")


class ScoreHeader(BaseModel):
    """The JSON beside a score table; whatever else it holds is provenance and is passed on as it is."""

    model_config = ConfigDict(extra="allow", frozen=True)

    protocol: str
    source: str
    benchmark: str
    images: int
    set_values: dict[str, float]
    unavailable: dict[str, str]
    deviations: list[str]
    budget: str | None
    seed: int | None
    stale: str | None
    table_sha256: str | None = None


@dataclass(frozen=True)
class Score:
    """The scores of one source on one benchmark: values of the set, and values of each image by metric."""

    header: ScoreHeader
    images: list[str]
    per_image: dict[str, list[float]]


@dataclass(frozen=True)
class Group:
    """Sources that fill one row together: the seeds of one recipe and budget, or one other source."""

    name: str
    members: tuple[str, ...]

    @property
    def kind(self) -> str:
        """baseline, released, images or trained."""
        return self.name.partition("/")[0]

    @property
    def budget(self) -> str:
        """The budget of a training; empty for sources that were not trained here."""
        return self.name.split("/")[1] if self.kind == "trained" else ""

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the members, ascending; empty for sources without one."""
        found = (_TRAINED.fullmatch(member) for member in self.members)
        return tuple(sorted(int(match["seed"]) for match in found if match))


def group_sources(names: list[str]) -> list[Group]:
    """Pool the seeds of each recipe and budget, in the given order. Raises InputError for a bad path."""
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        trained = _TRAINED.fullmatch(name)
        if not trained and not _OTHER.fullmatch(name):
            raise InputError(
                f"'{name}' is no source; write baseline/NAME, released/NAME, images/NAME or "
                "trained/BUDGET/TRAINING_SET/PAPER/RECIPE/seedN."
            )
        groups.setdefault(trained["group"] if trained else name, []).append(name)
    return [Group(name, tuple(members)) for name, members in groups.items()]


def load_scores(folder: Path, protocol: str, group: Group, benchmark: str) -> list[Score]:
    """Scores of the group's members on one benchmark; a member that was not scored is left out.

    Raises InputError for a file that is malformed, contradicts its path or covers other images than the rest.
    """
    scores = [_load(folder, protocol, source, benchmark) for source in group.members]
    found = [score for score in scores if score is not None]
    for score in found:
        if score.images != found[0].images:
            raise InputError(
                f"{folder}: {score.header.source} was scored on other images of {benchmark} than "
                f"{found[0].header.source}; score both again."
            )
    return found


def pooled_values(scores: list[Score], metric: str) -> np.ndarray | None:
    """Values of one metric as seeds x images; None for a metric of the whole set (FID)."""
    if any(metric not in score.per_image for score in scores):
        return None
    return np.array([score.per_image[metric] for score in scores])


def _load(folder: Path, protocol: str, source: str, benchmark: str) -> Score | None:
    path = folder / protocol / source / f"{benchmark}.json"
    if not path.is_file():
        return None
    header = validate(read_record(path, _REMEDY), ScoreHeader, path)
    said = (header.protocol, header.source, header.benchmark)
    if said != (protocol, source, benchmark):
        raise InputError(f"{path}: says it is {' '.join(said)}, which its place contradicts; score again.")
    trained = _TRAINED.fullmatch(source)
    expected = (trained["budget"], int(trained["seed"])) if trained else (None, None)
    if (header.budget, header.seed) != expected:
        raise InputError(
            f"{path}: budget {header.budget} and seed {header.seed} contradict its place; score again."
        )
    images, per_image = _read_table(path.with_suffix(".csv"), header.table_sha256)
    if len(images) != header.images:
        raise InputError(f"{path}: says {header.images} images, its table holds {len(images)}; score again.")
    if any(math.isnan(value) for value in header.set_values.values()):
        raise InputError(f"{path}: a value of the set is not a number; score again.")
    return Score(header, images, per_image)


def _read_table(path: Path, sha256: str | None) -> tuple[list[str], dict[str, list[float]]]:
    """Images and values by metric. sha256: the table's, where its header tells it."""
    try:
        content = path.read_bytes()
        if sha256 and bytes_hash(content) != sha256:
            raise InputError(f"{path}: is damaged or was altered, for its sha256 is another; {_REMEDY}.")
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
        images = [row.pop("image") for row in rows]
        return images, {name: [float(row[name]) for row in rows] for name in (rows[0] if rows else {})}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not a table of scores ({error!r}); score again.") from error
