"""Score folders of reconstructions against the originals, image by image.

Each original's share of every metric is computed once, however many sources there are. Only the images in
work are in memory: one a thread. Each value is noted as soon as it is there.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from sr.csv_text import as_text
from sr.data.assets import Assets
from sr.device import scoring_device
from sr.errors import InputError, Unavailable
from sr.files import bytes_hash, write_bytes
from sr.images import Pixels, as_rgb, crop_to_multiple, read_image
from sr.journal import Notes, Values
from sr.metrics.known import BY_NAME, metric
from sr.metrics.threads import workers
from sr.metrics.views import rgb2gray
from sr.scoring.pairing import Pairs, match
from sr.scoring.protocol import Protocol
from sr.seals import write_record

SCALE = 4
# What a spread can be taken of.
_LEAST_SET = 2
# Images that light metrics have on a GPU at a time: its memory does not grow with the processor's threads.
_ON_A_GPU = 4


class Measured(NamedTuple):
    """Values of one image of one source. place: of the image in the originals' order."""

    place: int
    source: str
    values: Values


@dataclass
class Scores:
    """What one source reaches on one benchmark.

    per_image: a row an image, column `image` and one column for each metric of single images.
    set_values: metric -> value of the set: the mean, RMSE's root of the mean MSE, FID.
    unavailable: metric -> why there is no value.
    """

    per_image: pd.DataFrame
    set_values: dict[str, float]
    unavailable: dict[str, str]

    def write(self, path: Path, extra: Mapping[str, Any]) -> None:
        """Write the table to `path` (.csv), and its hash and all else beside it (.json), each atomically.

        extra: protocol, source, benchmark and whatever else tells where the scores come from; its
        `deviations`, by default none, are what sets these scores apart from the paper's way.
        """
        named = self.per_image.assign(image=self.per_image["image"].map(as_text))
        table = named.to_csv(index=False).encode("utf-8")
        write_bytes(path, table)
        summary = {
            "table_sha256": bytes_hash(table),
            "images": len(self.per_image),
            "set_values": {name: _for_json(value) for name, value in self.set_values.items()},
            "unavailable": self.unavailable,
        }
        write_record(path.with_suffix(".json"), {"deviations": [], **extra, **summary})


def score_folders(
    sources: Mapping[str, Path],
    hr: Path,
    protocol: Protocol,
    assets: Assets,
    metrics: Sequence[str] | None = None,
    report: Callable[[int], None] = lambda _done: None,
    notes: Mapping[str, Notes] | None = None,
) -> dict[str, Scores]:
    """Score every source's folder against the HR folder as the protocol says.

    sources: name -> folder of images, matched by file name (an `x4` at the end is accepted).
    metrics: printed names; by default those that the protocol's paper reports.
    report: told how many steps are made, of `count_steps` in all less those whose values are noted.
    notes: for each source, where its values go as they are made; what they hold is not measured again.
    A metric of sets is unavailable where there is a single image.
    Raises InputError for an unknown metric, a missing or mis-sized image, or one too small to measure.
    """
    names = check_metrics(metrics if metrics is not None else protocol.metrics)
    pairs = match(sources, hr)
    built, unavailable = _build(names, protocol, assets)
    if len(pairs.hr) < _LEAST_SET:
        for name in [name for name in built if BY_NAME[name].kind == "of sets"]:
            del built[name]
            unavailable[name] = f"{name} compares sets of images, and this is a single one."
    notes = notes or {source: Notes() for source in sources}
    finished = 0
    for group in _groups(built):
        for one in _each_image(pairs, group, protocol.grey, notes):
            notes[one.source].add(pairs.hr[one.place].stem, one.values)
            finished += 1
            report(finished)
    originals = {
        name: [one.features(path) for path in pairs.hr]
        for name, one in built.items()
        if BY_NAME[name].kind == "of sets"
    }
    order = [name for name in names if name in built]
    return {
        source: _collect(
            [(path.stem, notes[source].of(path.stem)) for path in pairs.hr],
            order,
            built,
            originals,
            unavailable,
        )
        for source in sources
    }


def score_image(
    sr: Pixels, hr: Pixels, protocol: Protocol, assets: Assets, metrics: Sequence[str]
) -> dict[str, float]:
    """Values of one pair of images by metric. Raises InputError for other sizes or a missing metric."""
    hr = crop_to_multiple(hr, SCALE)
    built, unavailable = _build(check_metrics(metrics), protocol, assets)
    of_sets = [name for name in built if BY_NAME[name].kind == "of sets"]
    if unavailable or of_sets:
        reasons = [*unavailable.values(), *(f"{name} needs a set of images." for name in of_sets)]
        raise InputError(reasons[0])
    if sr.shape[:2] != hr.shape[:2]:
        raise InputError(
            f"the reconstruction is {sr.shape[1]}x{sr.shape[0]}, but the original cropped to a multiple of"
            f" {SCALE} is {hr.shape[1]}x{hr.shape[0]}."
        )
    stored = _stored_like(hr, sr, protocol.grey)
    return {
        name: one.score(stored, one.reference(hr))
        if BY_NAME[name].kind == "full reference"
        else one.score(stored)
        for name, one in built.items()
    }


def count_steps(protocol: Protocol, images: int, metrics: Sequence[str] | None = None) -> int:
    """An upper bound of what `score_folders` reports: each kind of metric passes over all sources' images."""
    names = metrics if metrics is not None else protocol.metrics
    return images * len({_pass_of(name) for name in names})


def check_metrics(names: Sequence[str]) -> list[str]:
    """The names without repetition. Raises InputError with the nearest name for an unknown one."""
    return [metric(name).name for name in dict.fromkeys(names)]


def missing_metrics(protocol: Protocol, assets: Assets) -> dict[str, str]:
    """Metric -> why it can not be computed here, of those that the protocol's paper reports."""
    return _build(check_metrics(protocol.metrics), protocol, assets)[1]


def _build(names: list[str], protocol: Protocol, assets: Assets) -> tuple[dict[str, Any], dict[str, str]]:
    built, unavailable = {}, {}
    for name in names:
        try:
            built[name] = metric(name).build(protocol, assets)
        except Unavailable as reason:
            unavailable[name] = str(reason)
    return built, unavailable


def _pass_of(name: str) -> str:
    """Light metrics go together, then heavy ones, then those of sets: they use the threads differently."""
    if BY_NAME[name].kind == "of sets":
        return "of sets"
    return "light" if BY_NAME[name].light else "heavy"


def _groups(built: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for wanted in ("light", "heavy", "of sets"):
        if group := {name: one for name, one in built.items() if _pass_of(name) == wanted}:
            yield group


def _each_image(
    pairs: Pairs, metrics: dict[str, Any], grey: str, notes: Mapping[str, Notes]
) -> Iterator[Measured]:
    """Values of every image that lacks them; light metrics score one a thread, few on a GPU."""
    missing = [
        (index, [source for source in pairs.sr if not metrics.keys() <= notes[source].of(path.stem).keys()])
        for index, path in enumerate(pairs.hr)
    ]
    missing = [(index, sources) for index, sources in missing if sources]
    kinds = {_pass_of(name) for name in metrics}
    if kinds == {"light"}:
        with workers(_ON_A_GPU if scoring_device().type == "cuda" else None) as each:
            for found in each(lambda one: list(_score_image(pairs, one[0], one[1], metrics, grey)), missing):
                yield from found
        return
    score = _features if kinds == {"of sets"} else _score_image
    for index, sources in missing:
        yield from score(pairs, index, sources, metrics, grey)


def _score_image(
    pairs: Pairs, index: int, sources: list[str], metrics: dict[str, Any], grey: str
) -> Iterator[Measured]:
    """Values of one image as each source has it, each as soon as it is there."""
    hr_path = pairs.hr[index]
    hr = crop_to_multiple(read_image(hr_path), SCALE)
    full = {name: one for name, one in metrics.items() if BY_NAME[name].kind == "full reference"}
    with _naming(hr_path):
        references = {name: one.reference(hr) for name, one in full.items()}
    for source in sources:
        path = pairs.sr[source][index]
        sr = read_image(path)
        _check_size(sr, path, hr, hr_path)
        sr = _stored_like(hr, sr, grey)
        with _naming(path):
            values = {
                name: one.score(sr, references[name]) if name in full else one.score(sr)
                for name, one in metrics.items()
            }
        yield Measured(index, source, values)


def _features(
    pairs: Pairs, index: int, sources: list[str], metrics: dict[str, Any], _grey: str
) -> Iterator[Measured]:
    """What metrics of sets take from one image of each source."""
    for source in sources:
        path = pairs.sr[source][index]
        yield Measured(index, source, {name: one.features(path) for name, one in metrics.items()})


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _stored_like(hr: Pixels, sr: Pixels, grey: str) -> Pixels:
    """Bring a reconstruction to the original's kind of storage: networks write grey images as RGB.

    Where the protocol takes grey as stored, both must be grey, or both RGB, to mean the same luminance.
    """
    if hr.ndim == 3:
        return as_rgb(sr)
    return rgb2gray(sr) if grey == "as_stored" else sr


def _check_size(sr: Pixels, sr_path: Path, hr: Pixels, hr_path: Path) -> None:
    if sr.shape[:2] != hr.shape[:2]:
        raise InputError(
            f"{sr_path}: is {sr.shape[1]}x{sr.shape[0]}, but {hr_path.name} cropped to a multiple of {SCALE} "
            f"is {hr.shape[1]}x{hr.shape[0]}; reconstruct it at that size."
        )


def _collect(
    images: list[tuple[str, Values]],
    names: list[str],
    built: dict[str, Any],
    originals: dict[str, list[Any]],
    unavailable: dict[str, str],
) -> Scores:
    """The scores of one source. originals: of each metric of sets, what it takes from the originals."""
    single = [name for name in names if name not in originals]
    rows = [{"image": stem, **{name: values[name] for name in single}} for stem, values in images]
    table = pd.DataFrame(rows, columns=["image", *single])
    set_values, missing = {}, dict(unavailable)
    for name in names:
        if name in originals:
            value = built[name].score([values[name] for _, values in images], originals[name])
        else:
            value = _pooled(name, table)
        if math.isnan(value):
            missing[name] = f"{name} is undefined for {_undefined_images(name, table)}."
        else:
            set_values[name] = value
    return Scores(table, set_values, missing)


def _pooled(name: str, table: pd.DataFrame) -> float:
    return metric(name).pool([float(value) for value in table[name]])


def _undefined_images(name: str, table: pd.DataFrame) -> str:
    if name not in table:
        return "these images"
    return ", ".join(table["image"][table[name].isna()])


def _for_json(value: float) -> float | str:
    """JSON knows no infinity (PSNR of identical images); `float` reads this text back."""
    return value if math.isfinite(value) else str(value)
