"""Replicas carried forward in groups: together where they are small, one after another where they are large."""

import threading
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .costs import cores
from .job import Job
from .random.streams import cut
from .threads import Crew

GROUP_BYTES = 2**27  # what a group may hold; a single replica may need more

Advance = Callable[[float], None]  # called with the part of a step that was done; often, so that a stop is noticed
Group = Callable[[int, int, Crew, Advance], dict[str, np.ndarray]]  # first replica, how many: replica axis first


def group_size(replicas: int, threads: int, bytes_each: float, divisible: bool) -> int:
    """How many replicas go together; arguments as in `run_in_groups`."""
    share = replicas if divisible else -(-replicas // threads)
    return int(max(1, min(share, GROUP_BYTES // max(1.0, bytes_each))))


def bytes_held(replicas: int, threads: int, bytes_each: float, divisible: bool) -> float:
    """By all groups that are under way at one time."""
    size = group_size(replicas, threads, bytes_each, divisible)
    return bytes_each * min(replicas, size if divisible else size * threads)


class Replica(NamedTuple):
    """Seconds a replica takes.

    shared: of work that is cut into `tasks`; alone: of one thread; locked: of one thread, while no other may work.
    """

    shared: float
    alone: float
    locked: float
    tasks: float


def seconds(replicas: int, threads: int, bytes_each: float, divisible: bool, each: Replica, overhead: float) -> float:
    """All replicas; arguments as in `run_in_groups`. overhead: of a group, however many they are."""
    groups = -(-replicas // group_size(replicas, threads, bytes_each, divisible))
    inside = divisible or groups == 1
    work = each.shared / cores(threads, each.tasks) + each.alone if inside else each.shared + each.alone
    return replicas * (work / cores(1 if inside else threads, groups) + each.locked) + groups * overhead


def run_in_groups(job: Job, bytes_each: float, divisible: bool, group: Group) -> dict[str, np.ndarray]:
    """All replicas; bytes_each: what one holds. divisible: a single replica has work for several threads.

    Results must not depend on the grouping; that is up to `group`.
    """
    parts = list(cut(job.replicas, group_size(job.replicas, job.threads, bytes_each, divisible), job.first))
    side_by_side = job.threads > 1 and len(parts) > 1 and not divisible
    done, total, lock = 0.0, len(parts) * job.setting.regime.steps, threading.Lock()

    def report() -> None:
        job.progress(min(1.0, done / total))

    def advance(part: float) -> None:
        nonlocal done
        crew.check()
        with lock:
            done += part
        if not side_by_side:
            report()

    with Crew(job.threads) as crew, Crew(1) as alone:
        if side_by_side:  # only the calling thread may report
            results = []
            for result in crew.stream(lambda part: group(part[0], part[1], alone, advance), parts, report):
                results.append(result)
                report()
        else:
            results = [group(first, count, crew, advance) for first, count in parts]
    job.progress(1.0)
    return {name: np.concatenate([result[name] for result in results]) for name in results[0]}
