"""When everything is done: jobs that need one another and can not be split, on N equal machines.

The rule is the list scheduling of Graham (1969): whenever a machine is free, it takes the job that is
ready and has the longest path of work hanging on it. The result is at most twice the shortest (2 - 1/N
times, where every job occupies a machine).
"""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from sr.errors import InputError


@dataclass(frozen=True)
class Job:
    """One job: how long it takes, in any unit, and the names of the jobs that must be finished before.

    machine: whether it occupies a machine; others run beside, any number of them at once.
    """

    name: str
    length: float
    after: tuple[str, ...] = ()
    machine: bool = True


@dataclass(frozen=True)
class Schedule:
    """Jobs on machines. begins: job -> when it starts. length: when the last one ends."""

    begins: Mapping[str, float]
    length: float


def critical_path(jobs: Iterable[Job]) -> tuple[Job, ...]:
    """The longest chain of jobs, in order: no number of machines is faster than their sum."""
    known = _known(jobs)
    hanging = _hanging(known)
    roots = [job for job in known.values() if not job.after]
    path: list[Job] = []
    choice = roots
    while choice:
        path.append(max(choice, key=lambda job: hanging[job.name]))
        choice = [job for job in known.values() if path[-1].name in job.after]
    return tuple(path)


def schedule(jobs: Iterable[Job], machines: int) -> Schedule:
    """Start every job as early as the rule allows. Raises InputError for jobs that wait for one another."""
    known = _known(jobs)
    hanging = _hanging(known)
    followers = _followers(known)
    waiting_for = {name: len(set(job.after)) for name, job in known.items()}
    # What is ready: jobs without a machine first, then by the path that hangs on them.
    ready: list[tuple[bool, float, str]] = []
    running: list[tuple[float, str]] = []
    begins: dict[str, float] = {}
    now, free = 0.0, machines

    def becomes_ready(name: str) -> None:
        heapq.heappush(ready, (known[name].machine, -hanging[name], name))

    for name, count in waiting_for.items():
        if not count:
            becomes_ready(name)
    while ready or running:
        while ready and (free or not ready[0][0]):
            occupies, _, name = heapq.heappop(ready)
            begins[name] = now
            free -= occupies
            heapq.heappush(running, (now + known[name].length, name))
        now = running[0][0]
        while running and running[0][0] == now:
            _, finished = heapq.heappop(running)
            free += known[finished].machine
            for follower in followers[finished]:
                waiting_for[follower] -= 1
                if not waiting_for[follower]:
                    becomes_ready(follower)
    return Schedule(begins, now)


def _known(jobs: Iterable[Job]) -> dict[str, Job]:
    """Jobs by name, each after those it needs."""
    known = {job.name: job for job in jobs}
    for job in known.values():
        for name in job.after:
            if name not in known:
                raise InputError(f"job {job.name} waits for {name}, which is no job.")
    try:
        order = TopologicalSorter({job.name: job.after for job in known.values()}).static_order()
        return {name: known[name] for name in order}
    except CycleError as error:
        raise InputError(f"jobs wait for one another: {', '.join(error.args[1])}.") from None


def _followers(known: Mapping[str, Job]) -> dict[str, list[str]]:
    followers: dict[str, list[str]] = {name: [] for name in known}
    for job in known.values():
        for name in set(job.after):
            followers[name].append(job.name)
    return followers


def _hanging(known: Mapping[str, Job]) -> dict[str, float]:
    """Length of the longest chain that begins with each job."""
    followers = _followers(known)
    hanging: dict[str, float] = {}
    for name in reversed(list(known)):
        hanging[name] = known[name].length + max((hanging[one] for one in followers[name]), default=0.0)
    return hanging
