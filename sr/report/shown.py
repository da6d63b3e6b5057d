"""Whose images the viewer shows, how each is called and grouped, and what each image scored."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from sr.data.assets import Assets
from sr.papers.comparison import load_comparison_layout
from sr.papers.names import by_year, title_of
from sr.project import papers
from sr.report.viewer import Shown
from sr.results.image_sets import folder_of
from sr.results.scores import load_scores
from sr.results.source import Group, Kind, Source, parse_sources
from sr.results.trainings import Training
from sr.verdicts.rows import Row

_BASELINES = {"nearest": "the LR image, its pixels repeated (nearest)", "bicubic": "bicubic"}
_GROUPS = {
    Kind.BASELINE: "no training",
    Kind.RELEASED: "released weights",
    Kind.IMAGES: "supplied images",
}
_METRICS = ("PSNR", "SSIM", "LPIPS")  # those that fit under a name, if the protocol measures them


def shown_sources(results: Path, images: Path, rows: Iterable[Row], runs: Iterable[Training]) -> list[Shown]:
    """Baselines, then the sources of the tables, each recipe with its first seed only.

    images: the user's folder of images that others made; the mirror's are found as well.
    """
    labels = {Source.baseline(name): _BASELINES[name] for name in ("bicubic", "nearest")}
    used = parse_sources(row.source for row in rows if row.measured is not None)
    first: dict[Source, Training] = {}
    for run in sorted(runs, key=lambda run: run.record.seed):
        if run.source.without_seed in used:
            first.setdefault(run.source.without_seed, run)
    for run in sorted(first.values(), key=lambda run: str(run.source)):
        labels[run.source] = f"{run.record.title} ({run.record.recipe_name})"
    others = [source for source in used if source.kind in (Kind.RELEASED, Kind.IMAGES)]
    for source in sorted(others, key=str):
        labels[source] = f"{source.name} ({source.kind})"
    assets = Assets.from_environment()

    def place(source: Source, benchmark: str) -> Path:
        return folder_of(source, benchmark, results, images, assets)

    return [
        Shown(
            str(source),
            partial(place, source),
            label,
            source.budget,
            _GROUPS.get(source.kind) or title_of(source.paper),
            partial(_scores, results / "scores", source),
        )
        for source, label in labels.items()
    ]


def _scores(folder: Path, source: Source, benchmark: str) -> Mapping[str, str]:
    """What each image of a benchmark scored, in words, with the protocol: that of the table across methods,
    or of the source's own paper, or of the first that it was scored by.
    """
    protocols = dict.fromkeys((load_comparison_layout().protocol, source.paper, *by_year(papers())))
    for protocol in filter(None, protocols):
        for score in load_scores(folder, protocol, Group(source, (source,)), benchmark):
            metrics = [name for name in _METRICS if name in score.per_image]
            return {
                image: ", ".join(f"{name} {_shown(score.per_image[name][place])}" for name in metrics)
                + f" ({title_of(protocol)}'s protocol)"
                for place, image in enumerate(score.images)
            }
    return {}


def _shown(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 1.5 else f"{value:.2f}"
