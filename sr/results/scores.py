"""The score files that a run left behind: one JSON and one CSV for each source, benchmark and protocol."""

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from sr.config import validate
from sr.csv_text import from_text
from sr.data.catalogue import size_of
from sr.errors import InputError
from sr.files import bytes_hash
from sr.remembered import remembered
from sr.results.source import Group, Kind, Source
from sr.seals import read_record

_REMEDY = "score again with `sr evaluate`"


class ScoreHeader(BaseModel):
    """The JSON beside a score table; whatever else it holds is provenance and is passed on as it is.

    study: of opinions, in which people gave the scores; they may have seen some of the images only.
    """

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
    assumptions: list[str] = []
    start_seed: int | None = None
    table_sha256: str | None = None
    study: str | None = None


@dataclass(frozen=True)
class Score:
    """The scores of one source on one benchmark: values of the set, and values of each image by metric."""

    source: Source
    header: ScoreHeader
    images: list[str]
    per_image: dict[str, list[float]]


def load_scores(folder: Path, protocol: str, group: Group, benchmark: str) -> list[Score]:
    """Scores of the group's members on one benchmark; a member that was not scored is left out.

    Raises InputError for a file that is malformed, contradicts its path or covers other images than the rest.
    """
    scores = [_load_if_there(folder, protocol, source, benchmark) for source in group.members]
    found = [score for score in scores if score is not None]
    for score in found:
        if score.images != found[0].images:
            raise InputError(
                f"{folder}: {score.source} was scored on other images of {benchmark} than "
                f"{found[0].source}; score both again."
            )
    return found


def pooled_values(scores: list[Score], metric: str) -> np.ndarray | None:
    """Values of one metric as seeds x images; None for a metric of the whole set (FID)."""
    if any(metric not in score.per_image for score in scores):
        return None
    return np.array([score.per_image[metric] for score in scores])


def _load_if_there(folder: Path, protocol: str, source: Source, benchmark: str) -> Score | None:
    path = source.scores_file(folder, protocol, benchmark)
    return _load(path, path.with_suffix(".csv"), protocol, source, benchmark) if path.is_file() else None


# A page of claims asks for the same file hundreds of times.
@remembered
def _load(path: Path, table: Path, protocol: str, source: Source, benchmark: str) -> Score:
    header = validate(read_record(path, _REMEDY), ScoreHeader, path)
    said = (header.protocol, header.source, header.benchmark)
    if said != (protocol, str(source), benchmark):
        raise InputError(f"{path}: says it is {' '.join(said)}, which its place contradicts; score again.")
    expected = (source.budget, source.seed) if source.kind == Kind.TRAINED else (None, None)
    if (header.budget, header.seed) != expected:
        raise InputError(
            f"{path}: budget {header.budget} and seed {header.seed} contradict its place; score again."
        )
    images, per_image = _read_table(table, header.table_sha256)
    if len(images) != header.images:
        raise InputError(f"{path}: says {header.images} images, its table holds {len(images)}; score again.")
    whole = size_of(benchmark)
    if whole is not None and len(images) != whole and header.study is None:
        raise InputError(f"{path}: scores of {len(images)} images, where {benchmark} has {whole}; {_REMEDY}.")
    if any(math.isnan(value) for value in header.set_values.values()):
        raise InputError(f"{path}: a value of the set is not a number; score again.")
    return Score(source, header, images, per_image)


def _read_table(path: Path, sha256: str | None) -> tuple[list[str], dict[str, list[float]]]:
    """Images and values by metric. sha256: the table's, where its header tells it."""
    try:
        content = path.read_bytes()
        if sha256 and bytes_hash(content) != sha256:
            raise InputError(f"{path}: is damaged or was altered, for its sha256 is another; {_REMEDY}.")
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
        images = [from_text(row.pop("image")) for row in rows]
        return images, {name: [float(row[name]) for row in rows] for name in (rows[0] if rows else {})}
    except InputError:
        raise
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not a table of scores ({error!r}); score again.") from error
