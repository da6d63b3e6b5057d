"""What a study's pages show: the sources behind its versions, their pictures, and what had to be left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sr.crop import most_different
from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark
from sr.degradation import downscale
from sr.errors import InputError
from sr.images import Pixels, as_rgb, crop_to_multiple, image_files, read_image
from sr.inference.reconstruction import BASELINES, SCALE
from sr.opinions.design import Stimulus
from sr.opinions.study import Study, version_sources
from sr.results.source import ORIGINAL, Kind, Source, parse_sources
from sr.results.source_facts import source_header
from sr.scoring.pairing import match

# Calibration pictures are cut to what fits a window; the benchmarks of SRGAN's study are no larger.
LARGEST = 512

# What a score file says of its source, and a study's pages keep of it.
FACTS = ("source", "budget", "seed", "deviations", "stale", "assumptions")


@dataclass(frozen=True)
class Changes:
    """What whoever prepares a study changes of it; each becomes a named deviation.

    benchmarks: in place of the study's. count: images of each. raters: how many pages. calibration: another
    image set of the catalogue.
    """

    benchmarks: tuple[str, ...] = ()
    count: int | None = None
    raters: int | None = None
    calibration: str | None = None


@dataclass(frozen=True)
class Material:
    """Where pictures lie. sources: those of the run, or none for all that have reconstructions.

    results: the folder with reconstructions/. benchmarks: the folder of prepared benchmarks. images: the
    folder with images that others have made.
    """

    paper: str
    study: Study
    changes: Changes
    seed: int
    named: tuple[str, ...]
    results: Path
    benchmarks: Path
    images: Path
    assets: Assets

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Version -> source, of the versions that anything shows.

        Of several named sources the first counts; without names, InputError says that there are several.
        """
        return version_sources(self.paper, self.study, self._available, first_counts=bool(self.named))

    @property
    def facts(self) -> dict[str, dict[str, Any]]:
        """Version -> what a score file would say of its source. Raises InputError for an unfinished run."""
        benchmark = Benchmark(self.benchmarks / next(iter(self.shown))[0])
        found = {}
        for name, source in self.sources.items():
            run = source.run_folder(self.results) if source.kind == Kind.TRAINED else None
            header = source_header(source, run, benchmark, self.assets)
            found[name] = {key: header[key] for key in FACTS}
        return found

    @cached_property
    def shown(self) -> dict[tuple[str, str], list[str]]:
        """(benchmark, image) -> names of the versions, in the study's order. Raises InputError for none."""
        shown = {
            (benchmark, image): versions
            for benchmark in self._at_hand
            if len(versions := self._versions(benchmark)) > 1
            for image in self._images(benchmark)
        }
        if not shown:
            raise InputError(
                f"{self.study.title}: no image has two versions; prepare its benchmarks in {self.benchmarks}"
                f" and reconstruct them (`sr evaluate`), or name others with --benchmark."
            )
        return shown

    @property
    def raters(self) -> int:
        """How many pages are made."""
        return self.changes.raters or self.study.raters

    @cached_property
    def deviations(self) -> tuple[str, ...]:
        """How what can be shown differs from what the study says."""
        found = [f"images: {text}" for text in self._other_images()]
        lost = [name for name in self.study.versions if name not in self.sources]
        if lost:
            found.append(f"versions: nothing shows {', '.join(lost)}")
        here = {benchmark for benchmark, _ in self.shown}
        for name in self.sources:
            lacking = [b for b in sorted(here) if name in self.study.on(b) and name not in self._versions(b)]
            found += [f"versions: {name} has no images of {benchmark}" for benchmark in lacking]
        if self.raters != self.study.raters:
            found.append(f"raters: pages for {self.raters} in place of {self.study.raters}")
        if self.changes.calibration and self.study.calibration:
            found.append(
                f"calibration: {self.changes.calibration} in place of {self.study.calibration.images}"
            )
        if self.study.repeats and self.study.repeats.benchmark not in here:
            found.append(f"repeats: none, for {self.study.repeats.benchmark} is not shown")
        return tuple(found)

    @cached_property
    def calibration(self) -> list[Stimulus]:
        """The calibration pictures. Raises InputError when their images are missing."""
        settings = self.study.calibration
        if not settings:
            return []
        names = sorted(self._calibration_files)
        chosen = np.random.default_rng([self.seed, 2]).permutation(names)[: settings.count].tolist()
        return [
            Stimulus(benchmark=self._calibration_set, image=name, version=version, expected=score)
            for name in sorted(chosen)
            for version, score in settings.expected.items()
        ]

    def pixels(self, stimulus: Stimulus) -> Pixels:
        """A picture as it is shown, height x width x 3."""
        if stimulus.expected is not None:
            hr = centre(crop_to_multiple(read_image(self._calibration_files[stimulus.image]), SCALE))
            if stimulus.version == ORIGINAL.name:
                return as_rgb(hr)
            return as_rgb(BASELINES[stimulus.version](downscale(hr, SCALE)))
        whole = self._whole(stimulus.benchmark, stimulus.image, stimulus.version)
        if not self.study.crop:
            return whole
        place = (stimulus.benchmark, stimulus.image)
        versions = [self._whole(*place, name) for name in self.shown[place]]
        return most_different(versions, self.study.crop.side).of(whole)

    @cached_property
    def _available(self) -> list[Source]:
        """The named sources, or all that have a folder of images here."""
        if self.named:
            return parse_sources(self.named)
        made = self.results / "reconstructions"
        kinds = ("baseline/*", "released/*", "trained/*/*/*/*/seed*")
        found = [path.relative_to(made).as_posix() for kind in kinds for path in sorted(made.glob(kind))]
        supplied = [f"images/{path.name}" for path in sorted(self.images.glob("*")) if path.is_dir()]
        return parse_sources([*found, *supplied])

    def _versions(self, benchmark: str) -> list[str]:
        return [
            name
            for name in self.study.on(benchmark)
            if name in self.sources and (self._is_original(name) or self._folder(name, benchmark).is_dir())
        ]

    def _is_original(self, version: str) -> bool:
        return self.sources[version] == ORIGINAL

    @cached_property
    def _at_hand(self) -> list[str]:
        wanted = self.changes.benchmarks or tuple(self.study.images)
        return [name for name in wanted if (self.benchmarks / name / "index.json").is_file()]

    def _images(self, benchmark: str) -> list[str]:
        names = list(Benchmark(self.benchmarks / benchmark).index.images)
        stated = self.study.images.get(benchmark, "all")
        limits = [one for one in (self.changes.count, None if stated == "all" else stated) if one]
        drawn = np.random.default_rng([self.seed, 3]).permutation(names).tolist()
        return sorted(drawn[: min(limits, default=len(names))])

    def _other_images(self) -> list[str]:
        wanted = list(self.study.images)
        here = list(dict.fromkeys(benchmark for benchmark, _ in self.shown))
        texts = []
        if others := [name for name in here if name not in wanted]:
            texts.append(f"{', '.join(others)} in place of {', '.join(wanted)}")
        elif absent := [name for name in wanted if name not in here]:
            texts.append(f"{', '.join(absent)} could not be shown")
        if self.changes.count:
            texts.append(f"{self.changes.count} of each benchmark")
        return texts

    def _folder(self, version: str, benchmark: str) -> Path:
        return self.sources[version].images_folder(self.results, self.images) / benchmark

    def _whole(self, benchmark: str, image: str, version: str) -> Pixels:
        original = as_rgb(read_image(self.benchmarks / benchmark / "HR" / f"{image}.png"))
        if self._is_original(version):
            return original
        path = self._files(version, benchmark)[image]
        made = as_rgb(read_image(path))
        if made.shape != original.shape:
            raise InputError(
                f"{path}: {made.shape[1]}x{made.shape[0]} pixels, but the original has "
                f"{original.shape[1]}x{original.shape[0]}; the sizes would tell the versions apart."
            )
        return made

    def _files(self, version: str, benchmark: str) -> Mapping[str, Path]:
        pairs = match({version: self._folder(version, benchmark)}, self.benchmarks / benchmark / "HR")
        return dict(zip([path.stem for path in pairs.hr], pairs.sr[version], strict=True))

    @property
    def _calibration_set(self) -> str:
        assert self.study.calibration, "asked for only where there is one"
        return self.changes.calibration or self.study.calibration.images

    @cached_property
    def _calibration_files(self) -> dict[str, Path]:
        settings = self.study.calibration
        name = self._calibration_set
        files: Sequence[Path] = self.assets.images(name)
        if settings and settings.folder and not self.changes.calibration:
            files = image_files(self.assets.require(name) / settings.folder)
        return {path.stem: path for path in files}


def centre(pixels: Pixels) -> Pixels:
    """The middle of an image, at most LARGEST pixels a side."""
    top, left = (max(0, (size - LARGEST) // 2) for size in pixels.shape[:2])
    return pixels[top : top + LARGEST, left : left + LARGEST]
