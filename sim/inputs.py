"""Laws of inputs, and where the teacher's directions lie among them.

Everything but Gaussian inputs with the teacher along the axes is `special`: laws that a rotation changes, so that rows
cannot be held in a few coordinates and only explicit data will do.
"""

import numpy as np
from scipy.special import erf, erfc, ndtr

from theory.problem import Setting
from theory.problem.regime import DATA_SETS

from .datasets import whitened
from .random.normals import fill
from .random.streams import TEACHER, Streams

MEAN = np.sqrt(0.75)  # of the mixture's clusters, along (1, ..., 1) / sqrt(d); inside, the variance there is 1/4
SCALES = (0.5, np.sqrt(1.75))  # of elliptical inputs, each for half of the samples: mean square 1, mean 4th power 25/16
POWER = 0.5  # variances of power-law inputs fall as j^-POWER
# Seconds a number, beside drawing a normal one.
COST = {
    "rademacher": 7e-10,
    "uniform": 1.1e-8,
    "laplace": 2.1e-8,
    "mixture": 1.3e-9,
    "elliptical": 1.3e-9,
    "power-law": 2e-9,
    "digits": 9e-10,
    "breast-cancer": 1.7e-9,
    "diabetes": 4.6e-9,
}


def special(setting: Setting) -> str | None:
    """Why a simulator that holds rows in coordinates cannot draw these inputs, or None where it can."""
    regime = setting.regime
    if regime.inputs != "gaussian":
        return f"inputs are {regime.inputs}: it needs Gaussian ones, whose law no rotation changes"
    return (
        "the teacher is dense: for Gaussian inputs teacher='axis' is the same in law"
        if regime.teacher == "dense"
        else None
    )


def drawing(setting: Setting) -> float:
    """Seconds a number of these inputs, beside what a normal one costs."""
    return COST.get(setting.regime.inputs, 0.0)


class Inputs:
    """Inputs of one replica: x (d,) of covariance I (power-law: of trace d).

    Each is a function of d standard normals, and of one more that the coordinates of a sample share where the law has
    such a number: independent coordinates are increasing functions of normals, so that runs with one seed and other
    laws are paired. Real data: ceil(d / r) rows of a data set of r columns, independent and each with the same chance,
    one after another, cut off at d. frame (k, d): the teacher's directions, orthonormal rows, uniform; None along the
    axes.
    """

    def __init__(self, setting: Setting, streams: Streams) -> None:
        regime = setting.regime
        self.special = special(setting) is not None
        self.frame = _frame(setting.target.k, regime.d, streams) if regime.teacher == "dense" else None
        self._law, self._streams, self._k = regime.inputs, streams, setting.target.k
        self._table = whitened(regime.inputs) if regime.inputs in DATA_SETS else None

    def fill(self, purposes: tuple[int, int], batch: int, block: int, array: np.ndarray) -> None:
        """Fill `array` (m, d) with the first samples of a block. purposes: of its normals, and of the shared ones."""
        state = self._streams.open(purposes[0], batch, block)
        if self._law == "gaussian":
            return fill(state, array)
        if self._table is not None:
            return _resampled(state, self._table, array)
        values = array if array.dtype == np.float64 else np.empty(array.shape)
        fill(state, values)
        if self._law in ("mixture", "elliptical"):
            shared = np.empty(len(values))
            fill(self._streams.open(purposes[1], batch, block), shared)
            (_two_clusters if self._law == "mixture" else _two_scales)(values, shared)
        else:
            {"rademacher": _signs, "uniform": _uniform, "laplace": _laplace, "power-law": _decaying}[self._law](values)
        if values is not array:
            array[...] = values
        return None

    def along_teacher(self, inputs: np.ndarray) -> np.ndarray:
        """<w*_r, x> for every row of `inputs` (m, d): (m, k) or more columns."""
        return inputs if self.frame is None else inputs.astype(np.float64, copy=False) @ self.frame.T


def variances(d: int) -> np.ndarray:
    """Of the coordinates of power-law inputs, (d,): proportional to j^-POWER, of mean 1."""
    decay = np.arange(1, d + 1, dtype=float) ** -POWER
    return decay / decay.mean()


def _frame(k: int, d: int, streams: Streams) -> np.ndarray:
    factor, upper = np.linalg.qr(streams.normals(TEACHER, 0, (k, d)).T)
    return np.ascontiguousarray((factor * np.where(np.diag(upper) < 0, -1.0, 1.0)).T)


def _resampled(state: np.ndarray, table: np.ndarray, array: np.ndarray) -> None:
    """Each row of `array` (m, d): rows of `table` (N, r) side by side, number floor(N Phi(g)) for a normal g each."""
    size, columns = table.shape
    picks = np.empty((len(array), -(-array.shape[1] // columns)))
    fill(state, picks)
    rows = np.minimum((ndtr(picks) * size).astype(np.int64), size - 1)
    array[...] = table.take(rows, axis=0).reshape(len(array), -1)[:, : array.shape[1]]


def _signs(values: np.ndarray) -> None:
    np.copysign(1.0, values, out=values)


def _uniform(values: np.ndarray) -> None:
    """sqrt(3) (2 Phi(g) - 1): uniform between -sqrt(3) and sqrt(3)."""
    values *= np.sqrt(0.5)
    erf(values, out=values)
    values *= np.sqrt(3.0)


def _laplace(values: np.ndarray) -> None:
    """Of the sign of g, with P(|x| > t) = exp(-sqrt(2) t): |x| = -log P(|G| > |g|) / sqrt(2)."""
    size = erfc(np.abs(values) * np.sqrt(0.5))
    np.log(size, out=size)
    size *= -np.sqrt(0.5)
    np.copysign(size, values, out=values)


def _decaying(values: np.ndarray) -> None:
    values *= np.sqrt(variances(values.shape[1]))


def _two_clusters(values: np.ndarray, shared: np.ndarray) -> None:
    """x = g + (MEAN sign - <u, g> / 2) u, u = (1, ..., 1) / sqrt(d): along u variance 3/4 + 1/4, beside it 1."""
    d = values.shape[1]
    along = values.sum(axis=1) / np.sqrt(d)
    values += ((np.copysign(MEAN, shared) - 0.5 * along) / np.sqrt(d))[:, None]


def _two_scales(values: np.ndarray, shared: np.ndarray) -> None:
    values *= np.where(shared < 0, *SCALES)[:, None]
