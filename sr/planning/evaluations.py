"""How evaluations are spread over jobs, and what one of them needs of a machine."""

from importlib.util import find_spec
from math import ceil
from typing import TYPE_CHECKING

from sr.data.catalogue import catalogue
from sr.gpus import visible
from sr.planning.megapixels import LARGEST, MEGAPIXELS
from sr.results.source import Source
from sr.scoring.protocol import fixed_megabytes, load_protocol, metric_assets, peak_megabytes

if TYPE_CHECKING:
    from sr.planning.plan import Plan

# HR megapixels of all sources that one job reconstructs and scores: a few hours, of which Ma's score takes
# most. More sources go to several jobs.
_MEGAPIXELS_A_JOB = 250.0
# The process itself, a network and its reconstruction.
_MEGABYTES = 2500
# A job that needs more memory gets more threads, so that jobs on all cores fit into a usual machine.
_MEGABYTES_A_THREAD = 3000
# Of metrics that are computed by them.
_PACKAGES = ("lpips", "piq", "pyiqa")
# An image of which nothing is known is as large as DIV2K's.
_LARGEST = max(LARGEST.values())


class Evaluations:
    """The jobs that score a group of sources on a benchmark.

    part: of a job that has some of the sources: `-1of3`; empty where one job has all.
    """

    def __init__(self, plan: "Plan") -> None:
        self._plan = plan

    def parts(self, paper: str, group: str, benchmark: str) -> list[str]:
        """The jobs' parts; none where nothing is scored."""
        sources = self._plan.scored(paper, group, benchmark)
        jobs = jobs_for(len(sources), benchmark)
        return [f"-{number}of{jobs}" for number in range(1, jobs + 1)] if jobs > 1 else [""] * jobs

    def sources(self, paper: str, group: str, benchmark: str, part: str) -> list[Source]:
        """What one job scores."""
        scored = self._plan.scored(paper, group, benchmark)
        if not part:
            return scored
        number, jobs = part.removeprefix("-").split("of")
        return scored[int(number) - 1 :: int(jobs)]

    def megabytes(self, *, paper: str, benchmark: str, **_others: str) -> int:
        """Memory that a job needs at most."""
        growing = round(LARGEST.get(benchmark, _LARGEST) * peak_megabytes(paper))
        return _MEGABYTES + fixed_megabytes(paper) + growing

    def threads(self, *, paper: str, benchmark: str, **_others: str) -> int:
        """A job's threads."""
        return max(1, round(self.megabytes(paper=paper, benchmark=benchmark) / _MEGABYTES_A_THREAD))

    def at_hand(self, *, paper: str, **_others: str) -> list[str]:
        """What a paper's metrics need and is there: what comes to hand later is scored with then."""
        packages = [name for name in _PACKAGES if find_spec(name)]
        # Where nothing is tried beforehand, weights of losses may arrive while jobs are at work.
        if self._plan.configuration.download == "none":
            return packages
        assets = metric_assets(load_protocol(paper))
        return [*packages, *(name for name in assets if self._plan.at_hand.has(name))]

    def gpus(self) -> int:
        """GPUs that a job waits for: one where this machine shows any, whatever the budget, for it would use
        one; else one where trainings wait for them, too, which is on a cluster.
        """
        return 1 if visible() else min(1, self._plan.gpus(self._plan.configuration.budget))


def jobs_for(sources: int, benchmark: str) -> int:
    """How many jobs so many sources go to."""
    return min(sources, ceil(sources * _megapixels(benchmark) / _MEGAPIXELS_A_JOB))


def _megapixels(benchmark: str) -> float:
    """Of all images of a benchmark."""
    most = (catalogue().get(benchmark).count or 0) * LARGEST.get(benchmark, _LARGEST)
    return MEGAPIXELS.get(benchmark, most)
