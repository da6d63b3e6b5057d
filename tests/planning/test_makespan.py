"""List scheduling against the best of all schedules on tiny graphs, and against what no schedule can beat."""

from dataclasses import replace
from itertools import pairwise, permutations
from random import Random

import pytest

from sr.errors import InputError
from sr.planning.makespan import Job, critical_path, schedule


def random_jobs(random: Random, count: int) -> list[Job]:
    """A graph whose arrows go from earlier to later jobs."""
    return [
        Job(
            f"job{number}",
            random.choice([0.5, 1.0, 2.0, 3.0, 7.0]),
            tuple(f"job{before}" for before in range(number) if random.random() < 0.35),
        )
        for number in range(count)
    ]


def shortest(jobs: list[Job], machines: int) -> float:
    """Every order in which jobs can be started, each as early as that order allows, in turn."""
    best = float("inf")
    for order in permutations(jobs):
        free, ends, began = [0.0] * machines, {}, 0.0
        for job in order:
            if not all(name in ends for name in job.after):
                break
            began = max(began, min(free), *(ends[name] for name in job.after))
            free[free.index(min(free))] = ends[job.name] = began + job.length
        else:
            best = min(best, max(ends.values()))
    return best


def longest_chain(jobs: list[Job]) -> float:
    """By following every chain."""
    known = {job.name: job for job in jobs}

    def until(job: Job) -> float:
        return job.length + max((until(known[name]) for name in job.after), default=0.0)

    return max(until(job) for job in jobs)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("machines", [1, 2, 3])
def test_it_is_near_the_best_of_all_schedules(seed: int, machines: int) -> None:
    jobs = random_jobs(Random(seed), 6)
    best, found = shortest(jobs, machines), schedule(jobs, machines).length
    assert best <= found + 1e-9
    assert found <= (2 - 1 / machines) * best + 1e-9  # Graham's bound


@pytest.mark.parametrize("seed", range(20))
def test_no_job_begins_early_no_machine_does_two_things_and_no_bound_is_beaten(seed: int) -> None:
    jobs = random_jobs(Random(100 + seed), 40)
    lengths = {job.name: job.length for job in jobs}
    for machines in (1, 3, 8, 40):
        found = schedule(jobs, machines)
        assert set(found.begins) == set(lengths)
        for job in jobs:
            for name in job.after:
                assert found.begins[job.name] >= found.begins[name] + lengths[name] - 1e-9
        for moment in found.begins.values():
            running = [
                name for name, begin in found.begins.items() if begin <= moment < begin + lengths[name] - 1e-9
            ]
            assert len(running) <= machines
        assert found.length == max(begin + lengths[name] for name, begin in found.begins.items())
        assert found.length >= max(longest_chain(jobs), sum(lengths.values()) / machines) - 1e-9


@pytest.mark.parametrize("seed", range(10))
def test_one_machine_takes_the_sum_and_enough_take_the_critical_path(seed: int) -> None:
    jobs = random_jobs(Random(200 + seed), 15)
    path = critical_path(jobs)
    assert schedule(jobs, 1).length == pytest.approx(sum(job.length for job in jobs))
    assert schedule(jobs, len(jobs)).length == pytest.approx(longest_chain(jobs))
    assert sum(job.length for job in path) == pytest.approx(longest_chain(jobs))
    for before, after in pairwise(path):
        assert before.name in after.after


def test_the_longest_chain_goes_first() -> None:
    """Two machines: with the short jobs first the chain would end at 5."""
    jobs = [Job("a", 1.0), Job("b", 1.0), Job("start", 1.0), Job("rest", 3.0, ("start",))]
    found = schedule(jobs, 2)
    assert found.begins["start"] == 0.0
    assert found.length == 4.0


@pytest.mark.parametrize("seed", range(10))
def test_jobs_without_a_machine_hold_none(seed: int) -> None:
    """Without any job that needs one, one machine is as good as many; each then begins when it can."""
    jobs = [replace(job, machine=False) for job in random_jobs(Random(300 + seed), 15)]
    assert schedule(jobs, 1).length == pytest.approx(longest_chain(jobs))
    mixed = [Job("long", 5.0), Job("beside", 4.0, machine=False), Job("last", 1.0, ("beside",))]
    assert schedule(mixed, 1).begins == {"long": 0.0, "beside": 0.0, "last": 5.0}


def test_jobs_that_can_not_be_ordered_are_refused() -> None:
    with pytest.raises(InputError, match="wait for one another"):
        schedule([Job("a", 1.0, ("b",)), Job("b", 1.0, ("a",))], 1)
    with pytest.raises(InputError, match="waits for b, which is no job"):
        schedule([Job("a", 1.0, ("b",))], 1)
