"""Which files a rule needs: the results that the plan's sources and groups lead to."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sr.errors import InputError
from sr.files import value_hash
from sr.images import image_files
from sr.papers.spread import spread_file
from sr.papers.tables import name_in_files
from sr.papers.tolerances import tolerance_files
from sr.planning.trainings import weights
from sr.project import root
from sr.recipes.budget import load_budget
from sr.recipes.recipe import load_recipe
from sr.recipes.run_record import RECORD, WEIGHTS, RunRecord, load_record
from sr.results.source import Kind, Source
from sr.seals import read_record

if TYPE_CHECKING:
    from sr.planning.plan import Plan

RESULTS = Path("results")


class Inputs:
    """Paths below the project folder, as the rules name them."""

    def __init__(self, plan: "Plan") -> None:
        self._plan = plan

    def benchmarks(self) -> list[str]:
        """The prepared benchmarks at hand."""
        return [f"data/benchmarks/{name}/index.json" for name in self._plan.benchmarks]

    def not_compared(self, training_set: str) -> list[str]:
        """Those of the benchmarks at hand that a set which is packed already has not been compared with."""
        packed = Path(f"data/packed/{training_set}/index.json")
        if not packed.is_file():
            return []
        compared_with = _checked(packed, "compared_with") or {}
        return [
            path
            for name, path in zip(self._plan.benchmarks, self.benchmarks(), strict=True)
            if name not in compared_with or compared_with[name] != _checked(Path(path), "checksum")
        ]

    def compared(self, training_set: str) -> list[str]:
        """The other benchmarks at hand: all of them for a set that is not packed yet."""
        further = self.not_compared(training_set)
        return [path for path in self.benchmarks() if path not in further]

    def tolerances(self, paper: str) -> list[str]:
        """The tolerances that hold for a paper, and the spread of trainings."""
        return [path.relative_to(root()).as_posix() for path in (*tolerance_files(paper), spread_file())]

    def start(self, *, budget: str, training_set: str, paper: str, recipe: str, seed: str) -> list[str]:
        """The run whose generator a run begins with, of the same budget. A finished run keeps the one that it
        began with, or none if that was a file: other inputs would ask for it again.
        """
        if budget != self._plan.configuration.budget:
            raise InputError(f"runs of the budget {budget} are made with --config budget={budget}")
        run = Source.trained(budget, training_set, f"{paper}/{recipe}", int(seed))
        folder, record = run.run_folder(RESULTS), _record(run)
        if record and (began := record.made_from.start):
            place = os.path.normpath(folder / began.run / WEIGHTS) if began.run else ""
            # One of before that was taken over may name its twin's start, which it was never given.
            if not record.same_training_as or f"/{load_recipe(run.name).start}/" in Path(place).as_posix():
                return [place] if place else []
        start = self._plan.trainings.start(run.name, int(seed))
        return generators([start] if start else [])

    def twin(self, *, budget: str, training_set: str, paper: str, recipe: str, seed: str) -> list[str]:
        """The run of another recipe that is the very same training, which is not made twice. A finished run
        keeps the one that it was made from: other inputs would ask for it again.
        """
        run = Source.trained(budget, training_set, f"{paper}/{recipe}", int(seed))
        record = _record(run)
        twin = record.same_training_as if record else self._plan.trainings.twin(run.name)
        return generators([replace(run, name=twin)] if twin else [])

    def weights(self, *, budget: str, training_set: str, paper: str, recipe: str, seed: str) -> list[str]:
        """Receipts of the perceptual network's weights, and of AlexNet's for LPIPS while validating. A
        finished run keeps those that it was made from.
        """
        record = _record(Source.trained(budget, training_set, f"{paper}/{recipe}", int(seed)))
        # Records of before do not tell.
        if record and "pretrained" in record.provenance:
            looked_with = list(record.made_from.pretrained or {})
        else:
            looked_with = weights(load_budget(budget), f"{paper}/{recipe}")
        names = [*looked_with, "alexnet"]
        return [f"data/fetched/{name}.json" for name in names]

    def runs(self, paper: str, group: str, benchmark: str, part: str) -> list[str]:
        """Weights of the trained sources that are scored together."""
        return generators(self._plan.evaluations.sources(paper, group, benchmark, part))

    def images(self, paper: str, group: str, benchmark: str, part: str) -> list[str]:
        """Supplied images, which lie where their owner put them, or in the mirror."""
        sources = self._plan.evaluations.sources(paper, group, benchmark, part)
        supplied = [one for one in sources if one.kind == Kind.IMAGES]
        return [str(self._plan.supplied(source, benchmark)) for source in supplied]

    def state_of_images(self, paper: str, group: str, benchmark: str, part: str) -> str:
        """Changes with every supplied image: a folder's date does not, where files in it are overwritten."""
        folders = map(Path, self.images(paper, group, benchmark, part))
        try:
            stats = [(path.name, path.stat()) for folder in folders for path in image_files(folder)]
        except InputError as error:
            return str(error)  # which the job itself says
        return value_hash([[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats]) if stats else ""

    def scores(self, paper: str, group: str) -> list[str]:
        """The lists of a group's scores, on those benchmarks for which it has a source at all."""
        return [
            f"results/evaluations/{paper}/{group}/{benchmark}{part}.json"
            for benchmark in self._plan.measured_on(paper, group)
            for part in self._plan.evaluations.parts(paper, group, benchmark)
        ]

    def overlap(self, paper: str, item: str) -> list[str]:
        """Checks of the training sets behind a table's trained sources."""
        return [f"results/overlap/{name}.txt" for name in self._plan.training_sets(paper, item)]

    def tables(self, *papers: str) -> list[str]:
        """All tables of the configured papers, or of those among them that are named."""
        return [
            f"results/tables/{name_in_files(item)}_{paper}.csv"
            for paper, item in self._plan.tables()
            if paper in papers or not papers
        ]

    def causes(self) -> list[str]:
        """What is known to disagree in the papers, and why."""
        return sorted(str(path) for path in Path("replications").rglob("inconsistencies.yaml"))

    def studies(self) -> list[str]:
        """All studies of the configured papers."""
        return [f"results/studies/{study}_{paper}.csv" for paper, study in self._plan.studies()]


def _checked(path: Path, key: str) -> Any:
    """An entry of an index; None where that can not be read, which then is made again."""
    try:
        return read_record(path, "").get(key)
    except InputError:
        return None


def generators(sources: Iterable[Source]) -> list[str]:
    """Weights of the trained ones among some sources."""
    trained = (source for source in sources if source.kind == Kind.TRAINED)
    return [str(source.run_folder(RESULTS) / WEIGHTS) for source in trained]


def _record(run: Source) -> RunRecord | None:
    """What a training left, once it is finished."""
    folder = run.run_folder(RESULTS)
    return load_record(folder) if (folder / RECORD).is_file() else None
