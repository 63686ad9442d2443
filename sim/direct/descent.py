"""Gradient descent on explicit data: the definition the other simulators are checked against."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from theory.problem import Setting

from ..costs import BLAS, DRAW, VALUE, cores, recording, signal
from ..data import Batch
from ..errors import held_out_error
from ..inputs import Inputs, drawing
from ..job import Estimate, Job, Means
from ..random.streams import Streams, block_rows, cut
from ..record import Record, observe
from ..student.initial import State, initial_state, row_norms
from ..student.network import Buffers, Network
from ..threads import Crew
from .gradient import Pass
from .layout import Layout

SHARED_BYTES = 2**30  # replicas run side by side while together they need less than this
# Seconds: an entry of the data in each of a step's two products; what a neuron makes of a sample, beside its signal;
# and, of any size, a slab, a step, a replica.
ENTRY, NEURON, SLAB, STEP, BEGIN = 3.4e-10, 1.2e-9, 1.9e-5, 4.1e-5, 1.2e-4
CONTENDED = 5e-5  # more for a slab where threads wait for each other's interpreter, and not shared by them
THREAD_WORK = 2**22  # below about this many multiplications a step, handing work to threads costs more than it saves


def refusal(setting: Setting, record: Record, dtype: np.dtype) -> str | None:
    """None: explicit data do for every setting."""
    return None


def estimate(setting: Setting, record: Record, means: Means) -> Estimate:
    """Drawing n d numbers, two products n d p, and the activation at n p preactivations, a step."""
    n, d, p = setting.n, setting.regime.d, setting.student.p
    layout = Layout(n, d, p, means.dtype.itemsize, means.chunk_bytes)
    threads = _threads(setting, means.threads)
    looks = setting.regime.steps * (1 + (setting.extragradient > 0))
    half = p // 2 if setting.student.init == "symmetric" else 0  # of the neurons decide the first step, with f = 0
    neurons, activation = looks * p - half, setting.student.activation
    passes = looks + setting.regime.steps * (setting.regime.preprocess is not None) / 2
    slabs = -(-n // layout.slab_rows)
    entries = n * d * (passes * (DRAW + drawing(setting) + 2 * ENTRY) + 2 * neurons * BLAS)
    signals = (neurons - half) * signal(activation) + half * signal(activation, True)
    rest = n * (signals + neurons * NEURON) + passes * slabs * SLAB
    alone = passes * (STEP + p * d * VALUE) + p * d * DRAW + BEGIN + recording(setting, record, d)
    if _side_by_side(layout, means.replicas, threads):
        waiting = passes * slabs * CONTENDED
        seconds = means.replicas * ((entries + rest + alone) / cores(threads, means.replicas) + waiting)
        return Estimate(seconds, layout.footprint * threads)
    waiting = passes * slabs * CONTENDED if threads > 1 and slabs > 1 else 0.0
    seconds = means.replicas * ((entries + rest) / cores(threads, slabs) + alone + waiting)
    return Estimate(seconds, layout.held(threads))


def _threads(setting: Setting, threads: int) -> int:
    """As many as are worth handing work to; drawing a number costs 32 multiplications."""
    work = setting.n * setting.regime.d * (setting.student.p + 32)
    return threads if work >= THREAD_WORK else 1


def _side_by_side(layout: Layout, replicas: int, threads: int) -> bool:
    return 1 < threads <= replicas and threads * layout.footprint <= SHARED_BYTES


def run(job: Job) -> dict[str, np.ndarray]:
    """Replicas side by side where they are small and many, else one after another with all threads inside each."""
    setting, everyone = job.setting, [job.streams(job.first + i) for i in range(job.replicas)]
    trajectory = Trajectory(job)
    threads = _threads(setting, job.threads)
    results: list[dict[str, np.ndarray]] = []
    with Crew(threads) as crew, Crew(1) as alone:
        if _side_by_side(trajectory.layout, job.replicas, threads):
            for result in crew.stream(lambda streams: trajectory.run(streams, alone, crew.check), everyone):
                results.append(result)
                job.progress(len(results) / job.replicas)
        else:
            done = 0

            def stepped() -> None:
                nonlocal done
                done += 1
                job.progress(done / (job.replicas * setting.regime.steps))

            results += [trajectory.run(streams, crew, stepped) for streams in everyone]
    return {name: np.stack([result[name] for result in results]) for name in results[0]}


@dataclass(frozen=True)
class Trajectory:
    """Simulates one replica after another."""

    job: Job
    buffers: Buffers = field(default_factory=Buffers)

    @property
    def setting(self) -> Setting:
        """What is simulated."""
        return self.job.setting

    @property
    def layout(self) -> Layout:
        """How a batch is cut."""
        setting, job = self.setting, self.job
        return Layout(setting.n, setting.regime.d, setting.student.p, job.dtype.itemsize, job.chunk_bytes)

    def run(self, streams: Streams, crew: Crew, stepped: Callable[[], None]) -> dict[str, np.ndarray]:
        """The arrays of one replica: those of ``sim.run.Run`` less the replica axis. `stepped`: called every step."""
        setting, dtype = self.setting, self.job.dtype
        state = initial_state(setting, streams, dtype, crew)
        kept = {name: np.empty(shape, dtype) for name, shape in self.job.record.shapes(setting).items()}
        batch = None
        for step, batch_id in enumerate(setting.batch_ids):
            if batch is None or batch.id != batch_id:
                batch = Batch(setting, self.job.teacher, streams, batch_id, dtype, crew)
            self._observe(kept, step, state, streams, crew)
            self._step(kept, step, state, batch, crew)
            stepped()
        assert batch is not None  # a regime has at least one step
        self._observe(kept, setting.regime.steps, state, streams, crew)
        if self._wants("train_error", setting.regime.steps):
            _, squares = self._pass(state, batch, None, want_error=True).run(crew)
            kept["train_error"][-1] = squares / setting.n
        finite = np.isfinite(state.rows).all()
        return {**kept, "alpha": state.alpha, "bias": state.bias, "diverged": np.array(not finite)}

    def _wants(self, kind: str, step: int) -> bool:
        return kind in self.job.record.kinds and step in self.job.record.position

    def _observe(self, kept: dict[str, np.ndarray], step: int, state: State, streams: Streams, crew: Crew) -> None:
        if step not in self.job.record.position:
            return
        position = self.job.record.position[step]
        inputs = Inputs(self.setting, streams)
        observe(kept, position, state.rows, self.setting.target.k, inputs.frame)
        if "rows" in kept:
            kept["rows"][position] = state.rows
        if "test_error" in kept:
            activation = self.setting.student.activation
            error = held_out_error(self.job.teacher, activation, state, streams, crew, self.buffers, inputs)
            kept["test_error"][position], kept["test_error_stderr"][position] = error

    def _step(self, kept: dict[str, np.ndarray], step: int, state: State, batch: Batch, crew: Crew) -> None:
        """w_i <- (1 - eta weight_decay) w_i + eta v_i (1/n) sum x sigma'(.) r, then unit rows if wanted."""
        setting, regime = self.setting, self.setting.regime
        wanted = self._wants("train_error", step)
        moving = state.first_half() if state.mirrored else state
        move, squares = self._pass(moving, batch, regime.loss, want_error=wanted, silent=state.mirrored).run(crew)
        if wanted:
            kept["train_error"][self.job.record.position[step]] = squares / setting.n
        if setting.extragradient:
            ahead = State(state.rows.copy(), state.alpha, state.bias, state.output, state.mirrored)
            self._add(ahead, setting.extragradient, move, crew)
            move, _ = self._pass(ahead, batch, regime.loss, want_error=False).run(crew)
            state.mirrored = False
        self._add(state, setting.eta, move, crew, decay=self.job.decay)
        if regime.normalize_rows:
            state.rows /= row_norms(state.rows)

    def _add(self, state: State, rate: float, move: np.ndarray, crew: Crew, decay: float = 1.0) -> None:
        """rows <- decay rows + rate v move / n, where the second half of a mirrored student moves the other way."""
        scale = (rate / self.setting.n * state.output[: len(move)]).astype(self.job.dtype)[:, None]

        def update(part: tuple[int, int]) -> None:
            neurons = slice(part[0], part[0] + part[1])
            move[neurons] *= scale[neurons]
            for rows, sign in ((state.rows, 1.0), (state.rows[::-1], -1.0))[: 1 + state.mirrored]:
                if decay != 1.0:
                    rows[neurons] *= self.job.dtype.type(decay)
                rows[neurons] += move[neurons] if sign > 0 else -move[neurons]

        crew.work(update, cut(len(move), block_rows(self.setting.regime.d)))
        state.mirrored = False

    def _pass(self, state: State, batch: Batch, loss: str | None, *, want_error: bool, silent: bool = False) -> Pass:
        network = Network(self.setting.student.activation, state, self.buffers)
        return Pass(batch, network, self.layout, loss, silent, want_error)
