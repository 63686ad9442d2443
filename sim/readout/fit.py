"""The entry point."""

from collections.abc import Sequence

import numpy as np

from theory.problem import ProblemError
from theory.problem.scalars import integer

from ..memory import memory
from ..random.streams import seed_sequence
from ..run import Run
from ..threads import Crew, at_most, available_cores, single_threaded_blas
from .coordinates import coordinates
from .options import read_options
from .record import Readout
from .spikes import read_spikes
from .task import Task

SHARED_BYTES = 2**30  # replicas run side by side while together they need less than this


def fit_readout(
    run: Run,
    n: int | str,
    ridge: float | Sequence[float],
    rng: int | np.random.SeedSequence | np.random.Generator = 0,
    *,
    at: int | None = None,
    choose: str = "leave-one-out",
    validation: int | str | None = None,
    preprocess: int | None = None,
    test_samples: int = 2**14,
    route: str = "auto",
    along: str | np.ndarray | None = None,
    spikes: np.ndarray | None = None,
    replicas: int | None = None,
    threads: int | None = None,
    chunk_bytes: int | None = None,
) -> Readout:
    """Fit the second layer of trained networks by ridge regression on an independent batch, and measure its errors.

    Features Phi = sigma(W z + b) / sqrt(p) of n samples z ~ N(0, I_d) that no step has seen, labels y = f*(z) + noise:
    (Phi^T Phi + ridge I) a = Phi^T y, ridge not multiplied by n (arXiv 2305.18270, second layer; convention in
    docs/conventions.md). The run's alpha play no part. Same network in law whatever the route: docs/notes/readout.md.

    run: with rows (any d), or with overlaps and gram (p + k <= d): what "conditioned" records, at a cost free of d.
    n: a number or an expression in d and p, such as "4*p". Normal equations for n >= p, else the kernel form.
    ridge: a number >= 0, where 0 is the limit ridge -> 0 (the shortest of the least squares solutions); or a grid, from
        which `choose` takes one for each replica: "leave-one-out" (exact, from one eigendecomposition; grid above 0)
        or "validation" (mean square on a further batch, of `validation` samples, by default n).
    rng, threads, chunk_bytes: as in ``simulate``; samples are the replica's own, and independent of all of a run with
        the same rng. Steps of one run read out with one rng see the same samples, labels and noise, on route "rows"
        also the same as ``feature_spectrum``; "reduced" turns the coordinates at every step, which pairs less closely.
    at: a step of the run, by default the last. replicas: the first so many, by default all.
    preprocess: None; 0: labels less their mean over the batch; 1: less their linear part mean(y z) too. What is removed
        is not put back: f is the network alone.
    test_samples: fresh samples for the test error and for the fractions learned, at least 4.
    route: "rows", "reduced" (p + k coordinates instead of d; p + k <= d), "auto": the smaller.
    along, spikes: features gain sum_k <z, along>^k spikes[k - 1], k = 1 .. l, before the factor 1 / sqrt(p): an ideal
        design where they are large (the smallest eigenvalues are known to 1e-16 of the largest). spikes (l, p) or
        (the run's replicas, l, p); along (d,), (the run's replicas, d) or "gradient", the direction of norm one in
        which the run's first two recorded steps differ: sum_i alpha_i (w_i' - w_i). On route "rows".
    Raises ProblemError on bad input, where the run lacks what is needed, and where it would not fit in memory.
    """
    options = read_options(run, n, ridge, at, choose, validation, preprocess, test_samples, replicas, chunk_bytes)
    added = read_spikes(run, along, spikes, options.replicas)
    if spikes is not None and route == "auto":
        route = "rows"
    if spikes is not None and route == "reduced":
        raise ProblemError("spikes need the inputs themselves: route='rows'")
    threads = available_cores() if threads is None else at_most(integer(threads, "threads", 1))
    seed = seed_sequence(rng)
    with single_threaded_blas(), np.errstate(all="ignore"):
        rows, taken = coordinates(run, options.position, options.replicas, route)
        task = Task(run, options, rows, seed, added)
        together = 1 < threads <= options.replicas and threads * task.bytes <= SHARED_BYTES
        _check_memory(task.bytes * (threads if together else 1))
        with Crew(threads) as crew, Crew(1) as alone:
            everyone = range(options.replicas)
            side_by_side = crew.stream(lambda replica: task(replica, alone), everyone)
            results = list(side_by_side) if together else [task(replica, crew) for replica in everyone]
    arrays = {name: np.stack([result[name] for result in results]) for name in results[0]}
    energies = None if task.degrees is None else task.degrees.energies
    step, n, ridges = run.at[options.position], options.n, options.ridges
    return Readout(run.setting, step=step, n=n, route=taken, ridges=ridges, energies=energies, **arrays)


def _check_memory(needed: float) -> None:
    if needed > 0.9 * memory():
        raise ProblemError(f"not enough memory: this readout needs about {needed / 2**30:.1f} GiB")
