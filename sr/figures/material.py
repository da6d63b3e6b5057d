"""What figures are made of: originals, reconstructions, their scores, and what the methods are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sr.images import Pixels, as_rgb, image_files, read_image
from sr.papers.tables import load_layouts
from sr.project import paper_folder
from sr.results.filling import fills
from sr.results.scores import Score, load_scores
from sr.results.source import PAPER_BUDGET, Kind, Source, group_sources, parse_sources
from sr.scoring.pairing import match


class Missing(Exception):  # noqa: N818
    """A figure is not drawn; the message is the reason, for a reader."""


@dataclass(frozen=True)
class Material:
    """One paper's sources and where their images and scores lie.

    sources: in the order of the paper's tables, then of its studies. benchmarks: those at hand.
    obstacles: recipe (paper/recipe) -> why it can not be trained here.
    results: the folder with runs/, reconstructions/, scores/ and figures/. benchmark_folder: the folder of
    prepared benchmarks. images: the folder with images that others have made.
    """

    paper: str
    sources: tuple[str, ...]
    benchmarks: tuple[str, ...]
    obstacles: Mapping[str, str]
    results: Path
    benchmark_folder: Path
    images: Path

    def output(self, name: str) -> Path:
        """Where the PNG of a figure goes."""
        return self.results / "figures" / self.paper / f"{name}.png"

    def names(self, benchmark: str) -> list[str]:
        """The images of a benchmark, without the ends of their files' names."""
        return [path.stem for path in image_files(self.benchmark_folder / benchmark / "HR")]

    def original(self, benchmark: str, image: str) -> Pixels:
        """The ground truth, cropped to a multiple of the scale: height x width x 3."""
        return as_rgb(read_image(self.benchmark_folder / benchmark / "HR" / f"{image}.png"))

    def low_resolution(self, benchmark: str, image: str) -> Pixels:
        """The input, as stored."""
        return read_image(self.benchmark_folder / benchmark / "LR" / f"{image}.png")

    def reconstruction(self, source: str, benchmark: str, image: str) -> Pixels:
        """What a source made of an image: height x width x 3."""
        folder = self._reconstructions(source) / benchmark
        pairs = match({source: folder}, self.benchmark_folder / benchmark / "HR")
        position = [path.stem for path in pairs.hr].index(image)
        return as_rgb(read_image(pairs.sr[source][position]))

    def score(self, source: str, benchmark: str) -> Score | None:
        """A source's scores under the paper's protocol; None where it was not scored."""
        found = load_scores(
            self.results / "scores", self.paper, group_sources([Source.parse(source)])[0], benchmark
        )
        return found[0] if found else None

    def value(self, source: str, benchmark: str, image: str, metric: str) -> float | None:
        """The score of one image; None where there is none."""
        score = self.score(source, benchmark)
        if score is None or metric not in score.per_image:
            return None
        return score.per_image[metric][score.images.index(image)]

    def at_hand(self, source: str, benchmark: str) -> bool:
        """Whether the source's images of a benchmark are there and scored."""
        folder = self._reconstructions(source) / benchmark
        return folder.is_dir() and self.score(source, benchmark) is not None

    def trained(self, recipe: str) -> str:
        """The source of a recipe's first seed. Raises Missing with the reason when it was not trained."""
        full = recipe if "/" in recipe else f"{self.paper}/{recipe}"
        found = [source for source in parse_sources(self.sources) if source.is_training_of(full)]
        if found:
            return str(found[0])
        reason = self.obstacles.get(full)
        if reason:
            raise Missing(f"{full} can not be trained here: {reason}")
        raise Missing(f"{full} was not trained and scored; `snakemake studies` trains a paper's studies")

    def common_benchmark(self, sources: Sequence[str]) -> str:
        """The first benchmark with images of all sources: one that the paper prints, if there is one.

        Raises Missing when there is none.
        """
        for benchmark in sorted(self.benchmarks, key=lambda name: name not in self._printed):
            if all(self.at_hand(source, benchmark) for source in sources):
                return benchmark
        raise Missing(f"no benchmark at hand has images of {' and '.join(sources)}")

    @cached_property
    def title(self) -> str:
        """The method's name as people write it: the heading of the paper's README.md."""
        heading = (paper_folder(self.paper) / "README.md").read_text(encoding="utf-8").partition("\n")[0]
        return heading.removeprefix("# ")

    @cached_property
    def _printed(self) -> set[str]:
        tables = load_layouts(self.paper).tables.values()
        return {table.benchmark(dataset) for table in tables for dataset in table.datasets}

    def _reconstructions(self, source: str) -> Path:
        return Source.parse(source).images_folder(self.results, self.images)

    def run_folder(self, source: str) -> Path:
        """Where a trained source's run lies."""
        return Source.parse(source).run_folder(self.results)


@dataclass(frozen=True)
class Shown:
    """A source under the name that the paper gives it."""

    name: str
    source: str


def methods(material: Material) -> list[Shown]:
    """Bicubic and the sources of all tables of the paper, one seed of each, as the paper names them.

    The names are those of the table with the most methods; others are followed by their table, without
    which they might not be understood. Released weights are named, since several can stand for one method.
    """
    firsts = [group.first for group in group_sources(parse_sources(material.sources))]
    bicubic = Source.baseline("bicubic")
    found = dict.fromkeys((Source.baseline("nearest"), bicubic), "")
    tables = sorted(load_layouts(material.paper).tables.items(), key=lambda item: -len(item[1].methods))
    for item, table in tables:
        suffix = "" if table is tables[0][1] else f" ({place(item)})"
        for key, method in table.methods.items():
            for source in firsts:
                if not found.get(source) and fills(source, material.paper, method):
                    weights = f", {source.name}" if source.kind == Kind.RELEASED else suffix
                    found[source] = f"{key}{weights}"
    found[bicubic] = "Bicubic"
    return [Shown(name, str(source)) for source, name in found.items() if name]


def unfilled(material: Material, shown: Sequence[Shown]) -> list[str]:
    """The printed methods, as the paper names them, of which none of the shown sources is one.

    HR is none: the original is always shown.
    """
    found = [
        key
        for table in load_layouts(material.paper).tables.values()
        for key, method in table.methods.items()
        if key != "HR" and not any(fills(Source.parse(each.source), material.paper, method) for each in shown)
    ]
    return list(dict.fromkeys(found))


def place(item: str) -> str:
    """How one says where an item stands: `table1_supp` is Table 1 (supp), `fig5` is Fig. 5."""
    start, _, rest = item.partition("_")
    letters = start.rstrip("0123456789")
    kind = {"table": "Table", "fig": "Fig."}.get(letters, letters)
    number = start.removeprefix(letters)
    return " ".join(filter(None, [kind, number, f"({rest})" if rest else ""]))


def budgets(sources: Sequence[str]) -> tuple[str, ...]:
    """The budgets of the trained ones, in alphabetic order."""
    return tuple(sorted({group.budget for group in group_sources(parse_sources(sources)) if group.budget}))


def with_budget(title: str, sources: Sequence[str]) -> str:
    """The title, and the budgets of the sources where they are not the paper's."""
    smaller = [budget for budget in budgets(sources) if budget != PAPER_BUDGET]
    return f"{title} (budget: {', '.join(smaller)})" if smaller else title


def warning(sources: Sequence[str]) -> str:
    """A sentence that says what a smaller budget means for a figure; empty for the paper's budget."""
    smaller = [budget for budget in budgets(sources) if budget != PAPER_BUDGET]
    if not smaller:
        return ""
    return (
        f" Trained under the budget {', '.join(smaller)}, far less than the paper's: nothing here speaks"
        " for or against the paper."
    )
