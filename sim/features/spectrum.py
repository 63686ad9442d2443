"""The entry point."""

from collections.abc import Iterable

import numpy as np

from theory.problem import ProblemError
from theory.problem.scalars import integer

from ..memory import memory
from ..random.streams import seed_sequence
from ..readout.coordinates import coordinates
from ..readout.options import check_run, read_position, read_replicas, read_samples
from ..readout.spikes import directions_of, read_spikes
from ..run import Run
from ..threads import Crew, at_most, available_cores, single_threaded_blas
from .measure import Measure
from .record import FeatureSpectrum

SHARED_BYTES = 2**30  # replicas are measured side by side while together they need less than this


def feature_spectrum(
    run: Run,
    n: int | str,
    rng: int | np.random.SeedSequence | np.random.Generator = 0,
    *,
    top: int | None = None,
    at: int | Iterable[int] | None = None,
    along: str | np.ndarray | None = None,
    spikes: np.ndarray | None = None,
    matrices: bool = False,
    replicas: int | None = None,
    threads: int | None = None,
) -> FeatureSpectrum:
    """Singular values of F = sigma(Z W^T + b), (n, p), of rows before and after steps, on samples no step has seen.

    F of arXiv 2310.07891 (Z is its independent half X). sigma is the student's and is not centred: an activation such
    as "relu(u) - 1/sqrt(2*pi)" is. All steps share Z, labels and noise, and so does ``fit_readout`` of the same run
    and rng on route "rows": with ridge = lambda n / p there (gamma) it is the paper's fit with penalty lambda n.

    run: with rows recorded (record="rows", at=(0, 1)). n: a number or an expression in d and p.
    top: None for all singular values, from the Gram matrix of the smaller side: s is known to 1e-16 s_1^2 / s. A number
        for as many of the largest, to 1e-10 s (or 1e-14 s_1^2 / s), with singular vectors; 0 for none.
    at: steps of the run, by default all.
    along, spikes: as in ``fit_readout``; F gains sum_k <z, along>^k spikes[k - 1]. Projections on `along` are returned.
    matrices: whether F itself is.
    rng, replicas, threads: as in ``fit_readout``.
    Raises ProblemError on bad input, where the run holds no rows, and where it would not fit in memory.
    """
    check_run(run)
    n, replicas = read_samples(run, n, "n"), read_replicas(run, replicas)
    steps = run.at if at is None else tuple(at) if isinstance(at, Iterable) and not isinstance(at, str) else (at,)
    positions = [read_position(run, step) for step in steps]
    if not positions:
        raise ProblemError(f"at = (); the run holds the steps {', '.join(map(str, run.at))}")
    p, smaller = run.setting.student.p, min(n, run.setting.student.p)
    top = None if top is None else integer(top, "top", 0, smaller)
    threads = available_cores() if threads is None else at_most(integer(threads, "threads", 1))
    added = read_spikes(run, along, spikes, replicas)
    directions = None if along is None else directions_of(run, along, replicas)
    seed = seed_sequence(rng)
    rows = [coordinates(run, position, replicas, "rows")[0] for position in positions]
    measure = Measure(run, n, top, matrices, rows, directions, added, seed)
    together = 1 < threads <= replicas and threads * measure.bytes <= SHARED_BYTES
    _check_memory(measure.bytes * (threads if together else 1) + replicas * measure.returned, n, p)
    with single_threaded_blas(), np.errstate(all="ignore"), Crew(threads) as crew, Crew(1) as alone:
        everyone = range(replicas)
        side_by_side = crew.stream(lambda replica: measure(replica, alone), everyone)
        results = list(side_by_side) if together else [measure(replica, crew) for replica in everyone]
    arrays = {name: np.stack([result[name] for result in results]) for name in results[0]}
    return FeatureSpectrum(run.setting, tuple(run.at[i] for i in positions), n, along=directions, **arrays)


def _check_memory(needed: float, n: int, p: int) -> None:
    if needed > 0.9 * memory():
        raise ProblemError(
            f"not enough memory: features of {n} samples and {p} neurons need about {needed / 2**30:.1f} GiB; "
            "take fewer samples or replicas, ask for the top few, or for no matrices"
        )
