"""A batch whose inputs are only known along the directions that were asked for: labels, errors and gradients."""

from functools import partial

import numpy as np

from theory.problem import Setting

from ..expressions.programs import Programs
from ..groups import Advance
from ..student.start import Neurons
from ..threads import Crew
from .ledger import Address, Errors, Ledger, chunking
from .sweeps import label, look, remove_linear


class Samples:
    """One batch of R replicas; the inputs (R^d) are spoken of in the coordinates explored so far.

    coordinates: how many those are, the first k along the teacher's directions. capacity: of how many directions of
    R^d, and of R^n, images will be asked at most.
    """

    def __init__(
        self, setting: Setting, address: Address, coordinates: int, capacity: tuple[int, int], crew: Crew,
        advance: Advance,
    ) -> None:  # fmt: skip
        self._setting, self._programs = setting, Programs.of(setting)
        self._ledger = Ledger(address, setting.n, coordinates, *capacity, crew, advance)
        chunks, width = chunking(setting.n)
        self._errors = np.empty((address.count, chunks, setting.student.p, width))
        self._labels = np.empty((address.count, chunks, width))
        self.explored = coordinates
        self._draw_labels()

    def look(self, neurons: Neurons) -> tuple[Errors, np.ndarray]:
        """The errors e_i = sigma'(h_i) times the residual of every neuron, and sum (y - f)^2, (R,)."""
        count, p = neurons.bias.shape
        query, ledger, setting = self._ledger.ask(neurons.rows), self._ledger, self._setting
        program = self._programs.slope if neurons.silent else self._programs.both
        correlation = setting.regime.loss == "correlation"
        looked = partial(
            look, setting.n, ledger.known, query, program, neurons.bias, neurons.output, correlation, self._labels,
            self._errors,
        )  # fmt: skip
        squares, inner, gram = ledger.sweep(looked, (count,), (count, p, ledger.known.left.shape[2]), (count, p, p))
        return Errors(self._errors, inner, gram), squares

    def gradient(self, errors: Errors) -> np.ndarray:
        """sum e_i x, (R, p, D'), for what `look` returned last; the coordinates found on the way come last."""
        moves = self._ledger.tell(errors, self._setting.regime.d)
        self.explored = moves.shape[2]
        return moves

    def _draw_labels(self) -> None:
        """f* of the teacher's fields and noise, less their mean and linear part if wanted."""
        setting, ledger = self._setting, self._ledger
        count, target, preprocess = len(self._labels), setting.target, setting.regime.preprocess
        key, first, batch = ledger.address.key, ledger.address.first, ledger.address.batch
        ledger.ask(np.tile(np.eye(target.k, self.explored), (count, 1, 1)))
        common = (ledger.known, self._programs.target, target.noise, self._labels)
        (moments,) = ledger.sweep(partial(label, key, first, batch, setting.n, *common), (count, 2))
        if preprocess is None:
            return
        mean, linear = moments[:, 0] / setting.n, np.zeros((count, 1, self.explored))
        if preprocess == 1:
            self._errors[:, :, 0] = self._labels
            square = moments[:, 1:, None].copy()  # contiguous like all others: `step` is compiled once
            raw = Errors(self._errors, np.zeros((count, 1, ledger.known.left.shape[2])), square)
            linear = self.gradient(raw) / setting.n
        query = ledger.ask(linear)
        ledger.sweep(partial(remove_linear, setting.n, ledger.known, query, mean, self._labels))
