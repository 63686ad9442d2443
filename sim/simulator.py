"""The one entry point."""

from collections.abc import Callable, Iterable

import numpy as np

from theory.problem import ProblemError, Setting

from .choose import SIMULATORS, Option, cheapest_first, choose, options
from .data import Teacher
from .job import Job, Means
from .random.streams import seed_sequence
from .record import make_record
from .run import Run
from .threads import at_most, available_cores, single_threaded_blas


def simulate(
    setting: Setting,
    rng: int | np.random.SeedSequence | np.random.Generator = 0,
    replicas: int = 32,
    method: str = "auto",
    record: Iterable[str] = ("overlaps",),
    at: str | Iterable[int] = "all",
    *,
    first: int = 0,
    dtype: str = "float64",
    threads: int | None = None,
    chunk_bytes: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Run:
    """Train `replicas` independent networks (each with its own data and initialisation) and record trajectories.

    f(x) = sum_i v_i sigma(<w_i, x> + b_i), v_i = alpha_i / p ("mean-field") or alpha_i / sqrt(p) ("ntk"); a step is
        w_i <- (1 - eta weight_decay) w_i + eta v_i (1/n) sum x sigma'(<w_i, x> + b_i) r
    on n samples, with r = y - f (squared loss) or y (correlation loss): arXiv 2305.18270. Inputs are
    isotropic and the rows start uniform on the sphere, so a rotation changes no law, and the teacher directions are
    the first k coordinate axes: overlaps are W[:, :k]. Other inputs, and a dense teacher, see ``Regime``, are for
    "direct" alone.

    rng: int, SeedSequence or Generator (the latter is advanced). The result depends on it, on the replica's number,
        on the setting and on the method, bit for bit; on chunk_bytes up to round-off; on nothing else.
    method: all draw from one law. "direct": explicit data, cost n d p a step, for every setting. "conditioned": fresh
        batches at cost n p (p + k), whatever d. "dice": reused batches at cost n (T p + k)^2 in all. "chain": one
        sample a step at cost (p + k)^2. "auto": the cheapest of those that can; ``estimate`` compares them.
    record: any of "overlaps", "gram", "cosines", "test_error", "train_error", "rows"; overlaps always, gram and
        cosines up to p = 64.
    at: "all" for steps 0 .. T, or increasing steps. See ``Run`` for shapes.
    first: number of the first replica. A long run can be had in parts: first=8, replicas=8 are the last half of 16.
    dtype: "float64", or "float32" (direct only; same random numbers, rounded). threads: by default all cores.
    chunk_bytes: direct's memory for the part of a batch held at once; at least one slab of samples is held.
    progress: called now and then with the fraction done, from the calling thread.
    Range: all methods but "direct" square error signals sigma'(.) r, and lengths: what is below 1e-154 is lost, what is
        above 1e154 makes rows diverge. With f*, noise and second layer scaled by c and eta by 1 / c^2 rows move alike.
    Raises ProblemError on bad input, where `method` cannot simulate the setting, and where the run would not fit in
    memory. Divergence is no error: see ``Run.diverged``.
    """
    _check(setting, dtype)
    kept = make_record(setting, record, at)
    replicas = _count(replicas, "replicas")
    threads = available_cores() if threads is None else at_most(_count(threads, "threads"))
    bytes_held = None if chunk_bytes is None else _count(chunk_bytes, "chunk_bytes")
    seed, first = seed_sequence(rng), _count(first, "first", least=0)
    if progress is not None and not callable(progress):
        raise ProblemError(f"progress = {progress!r}; give a function of the fraction done")
    chosen, why = choose(method, setting, kept, Means(replicas, threads, np.dtype(dtype), bytes_held))
    job = Job(
        setting, Teacher(setting.target), kept, seed, first, replicas, threads,
        np.dtype(dtype), bytes_held, progress or (lambda fraction: None),
    )  # fmt: skip
    with single_threaded_blas(), np.errstate(all="ignore"):
        arrays = SIMULATORS[chosen].run(job)
    return Run(setting=setting, method=chosen, why=why, at=kept.at, first=first, **arrays)


def estimate(
    setting: Setting,
    replicas: int = 32,
    record: Iterable[str] = ("overlaps",),
    at: str | Iterable[int] = "all",
    *,
    dtype: str = "float64",
    threads: int | None = None,
    chunk_bytes: int | None = None,
) -> dict[str, Option]:
    """Before a long run: for every method its seconds and bytes, or why it cannot simulate `setting`.

    Under "auto" stands the Option that would be taken. Arguments and errors as in ``simulate``. Seconds come from a
    model measured on one machine: their ratios carry over to others better than their size.
    """
    _check(setting, dtype)
    cores = available_cores() if threads is None else _count(threads, "threads")
    kept, kind = make_record(setting, record, at), np.dtype(dtype)
    bytes_held = None if chunk_bytes is None else _count(chunk_bytes, "chunk_bytes")
    found = options(setting, kept, Means(_count(replicas, "replicas"), cores, kind, bytes_held))
    return {**found, "auto": found[cheapest_first(setting, kept, kind)[0].method]}


def _check(setting: Setting, dtype: str) -> None:
    if not isinstance(setting, Setting):
        raise ProblemError(f"setting is not a Setting but {type(setting).__name__}")
    if dtype not in ("float64", "float32"):
        raise ProblemError(f"dtype = {dtype!r}; known: float64, float32")


def _count(value: int, name: str, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ProblemError(f"{name} = {value!r}; give a whole number, at least {least}")
    return int(value)
