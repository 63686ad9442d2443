"""Ridge regression of labels on features Phi = sigma(W z + b) / sqrt(p): (Phi^T Phi + lambda I) a = Phi^T y."""

from typing import NamedTuple, Protocol

import numpy as np
import scipy.linalg

from ..threads import Crew
from .design import Design


class Form(Protocol):
    """The normal equations (p unknowns) or the kernel form (n unknowns) of one regression."""

    gram: np.ndarray

    def coefficients(self, ridge: float) -> np.ndarray:
        """a (p,) for one lambda."""
        ...

    def path(self, ridges: np.ndarray) -> np.ndarray:
        """a for every lambda, (p, len(ridges)), from one eigendecomposition."""
        ...

    def leave_one_out(self, ridges: np.ndarray, crew: Crew) -> np.ndarray:
        """(1/n) sum of (y_i - what a fit without sample i says of it)^2, for every lambda > 0."""
        ...

    def train_error(self, coefficients: np.ndarray, crew: Crew) -> float:
        """(1/n) sum (y - Phi a)^2."""
        ...


class Fit(NamedTuple):
    """A fitted second layer. scores: what the grid of lambdas was judged by, or None."""

    coefficients: np.ndarray
    ridge: float
    train_error: float
    scores: np.ndarray | None


def fit(form: Form, ridges: np.ndarray, validation: Design | None, crew: Crew) -> Fit:
    """One lambda as it is; of several the best, by a validation batch if there is one, else leave-one-out."""
    if len(ridges) == 1:
        coefficients = form.coefficients(ridges[0])
        return Fit(coefficients, ridges[0], form.train_error(coefficients, crew), None)
    if validation is None:
        scores = form.leave_one_out(ridges, crew)
        path = None
    else:
        path = form.path(ridges)
        scores = mean_squares(validation, path, crew)
    known = ~np.isnan(scores)
    best = int(np.argmin(np.where(known, scores, np.inf)) if known.any() else np.argmax(ridges))
    coefficients = form.path(ridges[best : best + 1])[:, 0] if path is None else path[:, best]
    return Fit(coefficients, ridges[best], form.train_error(coefficients, crew), scores)


def mean_squares(design: Design, coefficients: np.ndarray, crew: Crew) -> np.ndarray:
    """Mean of (y - Phi a)^2 over a batch, for every column a of `coefficients` (p, L)."""
    total = np.zeros(coefficients.shape[1])
    scaled = coefficients / np.sqrt(design.width)
    for values, labels in design.chunks(crew):
        residual = labels[:, None] - values @ scaled
        total += np.einsum("ij,ij->j", residual, residual)
    return total / design.samples.size


class Spectrum:
    """Eigenvalues s, ascending, and eigenvectors of a Gram matrix; eigenvalues below its round-off are 0."""

    def __init__(self, gram: np.ndarray) -> None:
        values, self.vectors = scipy.linalg.eigh(gram, driver="evd", check_finite=False)
        self.values = np.where(values > len(values) * np.finfo(float).eps * values[-1], values, 0.0)

    def inverse(self, ridges: np.ndarray) -> np.ndarray:
        """1 / (s + lambda), (len(s), len(ridges)), and 0 where s = 0: features have no part there."""
        shifted = np.where(self.values > 0.0, self.values, np.inf)
        return 1.0 / (shifted[:, None] + ridges)

    def full_inverse(self, ridges: np.ndarray) -> np.ndarray:
        """1 / (s + lambda), for lambda > 0."""
        return 1.0 / (self.values[:, None] + ridges)


def solve(gram: np.ndarray, ridge: float, right: np.ndarray) -> np.ndarray | None:
    """(gram + ridge I)^{-1} right by Cholesky, or None where that fails or ridge = 0: rank decides, see Spectrum."""
    if ridge == 0.0:
        return None
    shifted = gram.copy(order="F")
    shifted.flat[:: len(gram) + 1] += ridge
    try:
        factor = scipy.linalg.cho_factor(shifted, lower=True, overwrite_a=True, check_finite=False)
    except np.linalg.LinAlgError:  # the ridge is below round-off
        return None
    return scipy.linalg.cho_solve(factor, right, check_finite=False)
