"""One paper's results: originals, reconstructions, their scores, and what the methods are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sr.data.assets import Assets
from sr.figures.figure import Description, Missing
from sr.images import Pixels, as_rgb, image_files, read_image
from sr.papers.figures import load_number_figures
from sr.papers.names import place_of, title_of
from sr.papers.studies import load_study
from sr.papers.tables import load_layouts
from sr.results.filling import fills
from sr.results.image_sets import BenchmarkState, folder_of
from sr.results.measurement import Measurement, NotMeasured, Results
from sr.results.source import Kind, Source, group_sources
from sr.scoring.pairing import match


@dataclass(frozen=True)
class PaperResults:
    """One paper's sources and where their images and scores lie.

    sources: in the order of the paper's tables, then of its studies. benchmarks: those at hand.
    obstacles: recipe (paper/recipe) -> why it can not be trained here.
    folder: with runs/, reconstructions/, scores/, tables/ and figures/. benchmark_folder: the folder of
    prepared benchmarks. images: the folder with images that others have made.
    """

    paper: str
    sources: tuple[Source, ...]
    benchmarks: tuple[str, ...]
    obstacles: Mapping[str, str]
    folder: Path
    benchmark_folder: Path = Path("data/benchmarks")
    images: Path = Path("images")

    @property
    def figures(self) -> Path:
        """Where the paper's figures go."""
        return self.folder / "figures" / self.paper

    def names(self, benchmark: str) -> list[str]:
        """The images of a benchmark, without the ends of their files' names."""
        return [path.stem for path in image_files(self.benchmark_folder / benchmark / "HR")]

    def original(self, benchmark: str, image: str) -> Pixels:
        """The ground truth, cropped to a multiple of the scale: height x width x 3."""
        return as_rgb(read_image(self.benchmark_folder / benchmark / "HR" / f"{image}.png"))

    def low_resolution(self, benchmark: str, image: str) -> Pixels:
        """The input, as stored."""
        return read_image(self.benchmark_folder / benchmark / "LR" / f"{image}.png")

    def reconstruction(self, source: Source, benchmark: str, image: str) -> Pixels:
        """What a source made of an image: height x width x 3."""
        folder = self._images_of(source, benchmark)
        pairs = match({str(source): folder}, self.benchmark_folder / benchmark / "HR")
        position = [path.stem for path in pairs.hr].index(image)
        return as_rgb(read_image(pairs.sr[str(source)][position]))

    @cached_property
    def scored(self) -> Results:
        """What was measured on the benchmarks at hand."""
        states = dict.fromkeys(self.benchmarks, BenchmarkState(status="ready"))
        return Results(self.folder / "scores", group_sources(self.sources), states, self.obstacles)

    def value(self, source: Source, benchmark: str, image: str, metric: str) -> float | None:
        """The score of one image under the paper's protocol; None where there is none."""
        found = self.measured(source, benchmark, image, metric)
        return found.mean if isinstance(found, Measurement) else None

    def measured(self, source: Source, benchmark: str, image: str, metric: str) -> Measurement | NotMeasured:
        """The same with all that is known of it, or why there is none."""
        (group,) = group_sources([source])
        return self.scored.measure(self.paper, group, benchmark, metric, image)

    def at_hand(self, source: Source, benchmark: str) -> bool:
        """Whether the source's images of a benchmark are there and scored."""
        (group,) = group_sources([source])
        there = self._images_of(source, benchmark).is_dir()
        return there and bool(self.scored.scored(self.paper, group, benchmark))

    def trained(self, recipe: str) -> Source:
        """The source of a recipe's first seed. Raises Missing with the reason when it was not trained."""
        full = recipe if "/" in recipe else f"{self.paper}/{recipe}"
        found = [source for source in self.sources if source.is_training_of(full)]
        if found:
            return found[0]
        reason = self.obstacles.get(full)
        if reason:
            raise Missing(f"{full} can not be trained here: {reason}")
        raise Missing(f"{full} was not trained and scored; `snakemake studies` trains a paper's studies")

    def seeds_of(self, recipe: str) -> list[Source]:
        """All seeds of the training that `trained` gives the first of. Raises Missing as that does."""
        first = self.trained(recipe)
        return [source for source in self.sources if source.without_seed == first.without_seed]

    @property
    def printed_first(self) -> list[str]:
        """The benchmarks at hand, those that the paper prints before others."""
        return sorted(self.benchmarks, key=lambda name: name not in self._printed)

    def common_benchmark(self, sources: Sequence[Source]) -> str:
        """The first benchmark with images of all sources: one that the paper prints, if there is one.

        Raises Missing when there is none.
        """
        for benchmark in self.printed_first:
            if all(self.at_hand(source, benchmark) for source in sources):
                return benchmark
        raise Missing(f"no benchmark at hand has images of {' and '.join(map(str, sources))}")

    def study(self, name: str) -> tuple[list[Source], Description]:
        """The trained sources of a study that has a figure of numbers, and what is known of that figure.

        Raises Missing when one of the study's recipes could be trained here, and was not.
        """
        figure, study = load_number_figures(self.paper).study(self.paper, name), load_study(self.paper, name)
        recipes = study.full_recipes(self.paper)
        found = [source for recipe in recipes for source in self.sources if source.is_training_of(recipe)]
        absent = [recipe for recipe in recipes if recipe not in {source.name for source in found}]
        known = [f"{recipe}: {self.obstacles[recipe]}." for recipe in absent if recipe in self.obstacles]
        reasons = " ".join(dict.fromkeys(known))
        if on_demand := [recipe for recipe in absent if recipe not in self.obstacles]:
            wanted = ", ".join(on_demand)
            reasons = f"not trained and scored: {wanted}; `snakemake studies` does it on demand. {reasons}"
        if on_demand or not found:
            raise Missing(reasons.strip())
        caption = " ".join([*study.note.split(), *([f"Not trained: {reasons}"] if absent else [])])
        title = f"{self.title}, {figure.place}: {study.title}"
        return found, Description(title, self.paper, figure.place, caption)

    @property
    def title(self) -> str:
        """The method's name as people write it."""
        return title_of(self.paper)

    @cached_property
    def _printed(self) -> set[str]:
        tables = load_layouts(self.paper).tables.values()
        return {table.benchmark(dataset) for table in tables for dataset in table.datasets}

    def _images_of(self, source: Source, benchmark: str) -> Path:
        return folder_of(source, benchmark, self.folder, self.images, Assets.from_environment())

    def run_folder(self, source: Source) -> Path:
        """Where a trained source's run lies."""
        return source.run_folder(self.folder)


@dataclass(frozen=True)
class Shown:
    """A source under the name that the paper gives it."""

    name: str
    source: Source


def methods(results: PaperResults) -> list[Shown]:
    """Bicubic and the sources of all tables of the paper, one seed of each, as the paper names them.

    The names are those of the table with the most methods; others are followed by their table, without
    which they might not be understood. Released weights are named, since several can stand for one method.
    """
    firsts = [group.first for group in group_sources(results.sources)]
    bicubic = Source.baseline("bicubic")
    found = dict.fromkeys((Source.baseline("nearest"), bicubic), "")
    tables = sorted(load_layouts(results.paper).tables.items(), key=lambda item: -len(item[1].methods))
    for item, table in tables:
        suffix = "" if table is tables[0][1] else f" ({place_of(item)})"
        for key, method in table.methods.items():
            for source in firsts:
                if not found.get(source) and fills(source, results.paper, method):
                    weights = f", {source.name}" if source.kind == Kind.RELEASED else suffix
                    found[source] = f"{key}{weights}"
    found[bicubic] = "Bicubic"
    return [Shown(name, source) for source, name in found.items() if name]


def unfilled(results: PaperResults, shown: Sequence[Shown]) -> list[str]:
    """The printed methods, as the paper names them, of which none of the shown sources is one.

    HR is none: the original is always shown.
    """
    found = [
        key
        for table in load_layouts(results.paper).tables.values()
        for key, method in table.methods.items()
        if key != "HR" and not any(fills(each.source, results.paper, method) for each in shown)
    ]
    return list(dict.fromkeys(found))
