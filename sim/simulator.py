"""The one entry point."""

from collections.abc import Callable, Iterable

import numpy as np

from theory.problem import ProblemError, Setting

from .data import Teacher
from .direct import Trajectory
from .layout import Layout
from .network import Buffers
from .record import make_record
from .run import Run
from .streams import Streams, seed_sequence
from .threads import Crew, available_cores, single_threaded_blas

METHODS = ("direct",)
SHARED_BYTES = 2**30  # replicas run side by side while together they need less than this
THREAD_WORK = 2**22  # below about this many multiplications a step, handing work to threads costs more than it saves


def simulate(
    setting: Setting,
    rng: int | np.random.SeedSequence | np.random.Generator = 0,
    replicas: int = 32,
    method: str = "auto",
    record: Iterable[str] = ("overlaps",),
    at: str | Iterable[int] = "all",
    *,
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
    the first k coordinate axes: overlaps are W[:, :k].

    rng: int, SeedSequence or Generator (the latter is advanced). The result depends on it, on the replica's number
        and on the setting, bit for bit; on chunk_bytes up to round-off; on nothing else.
    method: "direct" (explicit data, cost n d p a step), or "auto".
    record: any of "overlaps", "gram", "cosines", "test_error", "train_error", "rows"; overlaps always, gram and
        cosines up to p = 64.
    at: "all" for steps 0 .. T, or increasing steps. See ``Run`` for shapes.
    dtype: "float64" or "float32" (same random numbers, rounded). threads: by default all cores.
    chunk_bytes: memory for the part of a batch held at once; at least one slab of samples is held.
    progress: called now and then with the fraction done, from the calling thread.
    Raises ProblemError on bad input. Divergence is no error: see ``Run.diverged``.
    """
    if not isinstance(setting, Setting):
        raise ProblemError(f"setting is not a Setting but {type(setting).__name__}")
    if method not in ("auto", *METHODS):
        raise ProblemError(f"method = {method!r}; known: auto, {', '.join(METHODS)}")
    if dtype not in ("float64", "float32"):
        raise ProblemError(f"dtype = {dtype!r}; known: float64, float32")
    replicas = _count(replicas, "replicas")
    threads = available_cores() if threads is None else _count(threads, "threads")
    kind = np.dtype(dtype)
    bytes_held = None if chunk_bytes is None else _count(chunk_bytes, "chunk_bytes")
    layout = Layout(setting.n, setting.regime.d, setting.student.p, kind.itemsize, bytes_held)
    trajectory = Trajectory(setting, Teacher(setting.target), make_record(setting, record, at), layout, kind, Buffers())
    seed = seed_sequence(rng)
    everyone = [Streams(seed, replica) for replica in range(replicas)]
    with single_threaded_blas(), np.errstate(all="ignore"):
        results = _run_all(trajectory, everyone, threads, progress or (lambda fraction: None))
    arrays = {name: np.stack([result[name] for result in results]) for name in results[0]}
    why = "asked for" if method == "direct" else "direct: explicit gradient descent works for every setting"
    return Run(setting=setting, method="direct", why=why, at=trajectory.record.at, **arrays)


def _run_all(
    trajectory: Trajectory, everyone: list[Streams], threads: int, progress: Callable[[float], None]
) -> list[dict[str, np.ndarray]]:
    """Replicas side by side where they are small and many, else one after another with all threads inside each."""
    results: list[dict[str, np.ndarray]] = []
    if trajectory.setting.n * trajectory.setting.regime.d * (trajectory.setting.student.p + 32) < THREAD_WORK:
        threads = 1  # (drawing a number costs about 32 multiplications)
    side_by_side = len(everyone) >= threads and threads * trajectory.layout.footprint <= SHARED_BYTES
    total = len(everyone) * trajectory.setting.regime.steps
    with Crew(threads) as crew, Crew(1) as alone:
        if side_by_side and threads > 1:
            for result in crew.stream(lambda streams: trajectory.run(streams, alone, crew.check), everyone):
                results.append(result)
                progress(len(results) / len(everyone))
        else:
            done = 0

            def stepped() -> None:
                nonlocal done
                done += 1
                progress(done / total)

            for streams in everyone:
                results.append(trajectory.run(streams, crew, stepped))
    return results


def _count(value: int, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ProblemError(f"{name} = {value!r}; give a whole number, at least 1")
    return int(value)
