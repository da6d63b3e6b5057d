"""Many sources on one benchmark in one process: reconstructed, scored, and nothing done twice.

What a reconstruction or a score was made from is written beside it, so that a later evaluation, perhaps
for another table, takes what is still valid. The originals' share of every metric is computed once. Each
image is written down as it is made (`journal`), so that a killed evaluation loses no more than one.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark
from sr.errors import InputError
from sr.files import atomic_folder, bytes_hash, file_hash, value_hash
from sr.images import image_files, write_png
from sr.journal import Journal
from sr.locks import some_of, waiting_for
from sr.progress import progress
from sr.provenance import RECONSTRUCTION_CODE, SCORING_CODE, code_hash
from sr.recipes.run_record import WEIGHTS, load_record
from sr.results.image_sets import folder_of
from sr.results.methods import fed_with, inputs, reconstruction
from sr.results.source import Kind, Source
from sr.results.source_facts import source_header
from sr.scoring.protocol import load_protocol
from sr.scoring.scoring import Scores, count_steps, missing_metrics, score_folders
from sr.seals import read_record, write_record
from sr.sums import check_recorded, sums_of

Report = Callable[[str], None]

_AGAIN = "it is made again"


@dataclass(frozen=True)
class Evaluation:
    """Sources to score on a benchmark as a paper does.

    results: the folder with runs/, reconstructions/ and scores/. images: the folder with supplied images.
    """

    protocol: str
    benchmark: Benchmark
    results: Path
    images: Path
    assets: Assets
    threads: int

    def run(self, sources: Sequence[Source], report: Report = lambda _text: None) -> dict[str, str]:
        """Score every source and return what each score was made from."""
        torch.set_num_threads(self.threads)
        folders = {source: self._images_of(source, report) for source in sources}
        rules = self._rules()
        made_from = {source: self._score_key(folder, rules) for source, folder in folders.items()}
        locks = {self._beside(self.score_path(source), ".lock"): source for source in sources}
        # Tables of a paper share sources: what another process scores is left to it, and then found scored.
        while locks:
            with some_of(list(locks)) as held:
                mine = [locks.pop(path) for path in held]
                self._score({source: folders[source] for source in mine}, made_from, report)
        return {str(source): made_from[source] for source in sources}

    @staticmethod
    def _beside(path: Path, ending: str) -> Path:
        """A hidden file for a table of scores or a folder of reconstructions."""
        return path.with_name(f".{path.stem}{ending}")

    def score_path(self, source: Source) -> Path:
        """Where a source's table of scores lies."""
        name = self.benchmark.index.benchmark
        return source.scores_file(self.results / "scores", self.protocol, name).with_suffix(".csv")

    def _images_of(self, source: Source, report: Report) -> Path:
        """The folder with a source's images, reconstructed if they are not there or outdated."""
        name = self.benchmark.index.benchmark
        folder = folder_of(source, name, self.results, self.images, self.assets)
        if source.kind == Kind.IMAGES:
            return folder
        record = folder.with_suffix(".json")
        with waiting_for(folder.with_suffix(".lock")):
            made_from = self._reconstruction_key(source)
            if not _is_current(folder, made_from, report):
                report(f"{source} on {name}")
                sums = self._reconstruct(source, folder, made_from, report)
                write_record(record, {"made_from": made_from, "files": sums})
            # Not before: without a record they would be made again.
            shutil.rmtree(self._begun(folder), ignore_errors=True)
        return folder

    def _reconstruct(self, source: Source, folder: Path, made_from: str, report: Report) -> dict[str, Any]:
        """Make a folder of reconstructions, going on where a killed process was."""
        method = reconstruction(self._run_folder(source) or source, self.threads, self.assets)
        begun = self._begun(folder)
        journal = Journal(begun / "journal", made_from)
        if journal.damaged:
            report(journal.damaged)
        total = len(self.benchmark.index.images)
        with progress(f"{source} on {folder.name}", total, journal.found) as shown:
            done = journal.found
            for name, lr in inputs(source, self.benchmark):
                image = begun / name
                if not image.is_file() or journal.of(name).get("sha256") != file_hash(image):
                    write_png(image, method(lr))
                    journal.add(name, {"sha256": file_hash(image)})
                    done += 1
                    shown(done)
        with atomic_folder(folder) as temporary:
            names = [f"{stem}.png" for stem in self.benchmark.index.images]
            for name in names:
                shutil.copy(begun / name, temporary)
            sums = sums_of(temporary, sorted(names))
        return {name: one.model_dump() for name, one in sums.items()}

    def _begun(self, folder: Path) -> Path:
        """Where reconstructions lie until all are made and recorded."""
        return self._beside(folder, ".begun")

    def _run_folder(self, source: Source) -> Path | None:
        """Where a trained source's run lies."""
        return source.run_folder(self.results) if source.kind == Kind.TRAINED else None

    def _reconstruction_key(self, source: Source) -> str:
        if run := self._run_folder(source):
            afterwards = load_record(run).recipe.get("back_projection")
            weights = f"{file_hash(run / WEIGHTS)} {afterwards or ''}".rstrip()
        elif source.kind == Kind.RELEASED:
            weights = file_hash(self.assets.require(source.name))
        else:
            weights = str(source)
        return value_hash(
            [weights, fed_with(source), self.benchmark.index.checksum, code_hash(RECONSTRUCTION_CODE)]
        )

    def _rules(self) -> list[Any]:
        """What decides the scores of given images: originals, protocol, metrics that can be had, code."""
        protocol = load_protocol(self.protocol)
        missing = sorted(missing_metrics(protocol, self.assets))
        code = code_hash(SCORING_CODE)
        return [self.benchmark.index.checksum, protocol.rules(), missing, code]

    @staticmethod
    def _score_key(folder: Path, rules: list[Any]) -> str:
        return value_hash([[[path.name, file_hash(path)] for path in image_files(folder)], rules])

    def _known(self, source: Source, report: Report) -> str | None:
        """What a source's scores were made from; None where there are none, or damaged ones."""
        path = self.score_path(source)
        header = path.with_suffix(".json")
        if not path.is_file() or not header.is_file():
            return None
        try:
            known = read_record(header, _AGAIN)
            if bytes_hash(path.read_bytes()) != known.get("table_sha256"):
                raise InputError(f"{path}: is not the table that its header tells of; {_AGAIN}.")
        except InputError as error:
            report(str(error))
            return None
        return known.get("made_from")

    def _score(self, folders: dict[Source, Path], made_from: dict[Source, str], report: Report) -> None:
        """Score what is not known, and write it; of what is known only the header is made anew. Sources with
        the same images, as twins have, are scored once.
        """
        outdated = {source for source in folders if self._known(source, report) != made_from[source]}
        name = self.benchmark.index.benchmark
        report(f"{name}, {self.protocol}: {len(outdated)} of {len(folders)} sources to score")
        first: dict[str, Source] = {}
        for source in folders:
            if source in outdated:
                first.setdefault(made_from[source], source)
        journals = {
            str(source): Journal(self._beside(self.score_path(source), ".journal"), key)
            for key, source in first.items()
        }
        scores = self._scores({str(source): folders[source] for source in first.values()}, journals, report)
        for source in folders:
            new = scores[str(first[made_from[source]])] if source in outdated else None
            self._write(source, made_from[source], new)
        for journal in journals.values():
            journal.remove()

    def _scores(
        self, folders: dict[str, Path], journals: dict[str, Journal], report: Report
    ) -> dict[str, Scores]:
        if not folders:
            return {}
        for journal in journals.values():
            if journal.damaged:
                report(journal.damaged)
        protocol, hr = load_protocol(self.protocol), self.benchmark.folder / "HR"
        known = sum(journal.found for journal in journals.values())
        total = count_steps(protocol, len(folders) * len(self.benchmark.index.images))
        with progress(f"scores on {self.benchmark.index.benchmark}", total, known) as shown:
            return score_folders(
                folders, hr, protocol, self.assets, None, lambda done: shown(known + done), journals
            )

    def _write(self, source: Source, made_from: str, scores: Scores | None) -> None:
        """Write new scores; of known ones only the header is made anew, since a run can become stale."""
        header: dict[str, Any] = {
            "protocol": self.protocol,
            "benchmark": self.benchmark.index.benchmark,
            "made_from": made_from,
            **source_header(source, self._run_folder(source), self.benchmark, self.assets, self.protocol),
        }
        path = self.score_path(source)
        if scores is not None:
            scores.write(path, header)
        else:
            record = path.with_suffix(".json")
            write_record(record, read_record(record, "score again with `sr evaluate`") | header)


def _is_current(folder: Path, made_from: str, report: Report) -> bool:
    """Whether a folder holds exactly the reconstructions that were made from what would be taken today."""
    record = folder.with_suffix(".json")
    if not folder.is_dir() or not record.is_file():
        return False
    try:
        known = read_record(record, _AGAIN)
        if known.get("made_from") != made_from or "files" not in known:
            return False
        check_recorded(folder, _AGAIN)
    except InputError as error:
        report(str(error))
        return False
    return True
