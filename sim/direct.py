"""Gradient descent on explicit data: the definition the other simulators are checked against."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from theory.problem import Setting

from .data import Batch, Teacher
from .errors import held_out_error
from .gradient import Pass
from .initial import State, initial_state, row_norms
from .layout import Layout
from .network import Buffers, Network
from .record import Record, observe_rows
from .streams import Streams, block_rows, cut
from .threads import Crew


@dataclass(frozen=True)
class Trajectory:
    """Simulates one replica after another of `setting`."""

    setting: Setting
    teacher: Teacher
    record: Record
    layout: Layout
    dtype: np.dtype
    buffers: Buffers

    def run(self, streams: Streams, crew: Crew, stepped: Callable[[], None]) -> dict[str, np.ndarray]:
        """The arrays of one replica: those of ``sim.run.Run`` less the replica axis. `stepped`: called every step."""
        setting = self.setting
        state = initial_state(setting, streams, self.dtype, crew)
        kept = {name: np.empty(shape, self.dtype) for name, shape in self.record.shapes(setting).items()}
        batch = None
        for step, batch_id in enumerate(setting.batch_ids):
            if batch is None or batch.id != batch_id:
                batch = Batch(setting, self.teacher, streams, batch_id, self.dtype, crew)
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
        return kind in self.record.kinds and step in self.record.at

    def _observe(self, kept: dict[str, np.ndarray], step: int, state: State, streams: Streams, crew: Crew) -> None:
        if step not in self.record.at:
            return
        position = self.record.at.index(step)
        observe_rows(kept, position, state.rows, self.setting.target.k)
        if "test_error" in kept:
            error = held_out_error(self.teacher, self.setting.student.activation, state, streams, crew, self.buffers)
            kept["test_error"][position], kept["test_error_stderr"][position] = error

    def _step(self, kept: dict[str, np.ndarray], step: int, state: State, batch: Batch, crew: Crew) -> None:
        """w_i <- (1 - eta weight_decay) w_i + eta v_i (1/n) sum x sigma'(.) r, then unit rows if wanted."""
        regime = self.setting.regime
        wanted = self._wants("train_error", step)
        moving = state.first_half() if state.mirrored else state
        move, squares = self._pass(moving, batch, regime.loss, want_error=wanted, silent=state.mirrored).run(crew)
        if wanted:
            kept["train_error"][self.record.at.index(step)] = squares / self.setting.n
        scale = (self.setting.eta / self.setting.n * moving.output).astype(self.dtype)[:, None]

        def update(part: tuple[int, int]) -> None:
            neurons = slice(part[0], part[0] + part[1])
            move[neurons] *= scale[neurons]
            self._move(state.rows[neurons], move[neurons])
            if state.mirrored:
                self._move(state.rows[::-1][neurons], -move[neurons])

        crew.work(update, cut(len(move), block_rows(regime.d)))
        state.mirrored = False

    def _move(self, rows: np.ndarray, move: np.ndarray) -> None:
        regime = self.setting.regime
        if regime.weight_decay:
            rows *= self.dtype.type(1.0 - self.setting.eta * regime.weight_decay)
        rows += move
        if regime.normalize_rows:
            rows /= row_norms(rows)

    def _pass(self, state: State, batch: Batch, loss: str | None, *, want_error: bool, silent: bool = False) -> Pass:
        network = Network(self.setting.student.activation, state, self.buffers)
        return Pass(batch, network, self.layout, loss, silent, want_error)
