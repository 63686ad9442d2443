"""Writes down what is recorded of a group of replicas held in coordinates."""

import numpy as np

from .errors import held_out_error
from .job import Job
from .record import observe
from .student.frame import Frames
from .student.initial import State
from .student.network import Buffers
from .student.start import Start
from .threads import Crew


class Observer:
    """The arrays of replicas `first` .. `first` + R - 1, replica axis first."""

    def __init__(self, job: Job, first: int, begin: Start) -> None:
        self._job, self._first, self._begin = job, first, begin
        count, record = len(begin.alpha), job.record
        self._position = record.position
        self.kept = {name: np.empty((count, *shape)) for name, shape in record.shapes(job.setting).items()}
        self._buffers = Buffers()

    def wants(self, kind: str, step: int) -> bool:
        """Whether this is recorded then."""
        return kind in self._job.record.kinds and step in self._position

    def observe(self, step: int, coordinates: np.ndarray, crew: Crew, frames: Frames | None = None) -> None:
        """Record what follows from the rows' coordinates (R, p, D), if `step` is kept; `frames` for the rows."""
        if step not in self._position:
            return
        observe(self.kept, self._position[step], coordinates, self._job.setting.target.k)
        if "rows" in self.kept and frames is not None:
            self.write("rows", step, frames.rows(coordinates))
        if "test_error" in self.kept:
            self._test_errors(self._position[step], coordinates, crew)

    def write(self, kind: str, step: int, values: np.ndarray) -> None:
        """Record `values` (R, ...) of a kept step."""
        self.kept[kind][:, self._position[step]] = values

    def arrays(self, coordinates: np.ndarray) -> dict[str, np.ndarray]:
        """Everything recorded; `coordinates` are the last ones."""
        diverged = ~np.isfinite(coordinates).all(axis=(1, 2))
        return {**self.kept, "alpha": self._begin.alpha, "bias": self._begin.bias, "diverged": diverged}

    def _test_errors(self, position: int, coordinates: np.ndarray, crew: Crew) -> None:
        begin, activation = self._begin, self._job.setting.student.activation
        for i, rows in enumerate(coordinates):
            state = State(rows, begin.alpha[i], begin.bias[i], begin.output[i], False)
            streams = self._job.streams(self._first + i)
            error = held_out_error(self._job.teacher, activation, state, streams, crew, self._buffers)
            self.kept["test_error"][i, position], self.kept["test_error_stderr"][i, position] = error
