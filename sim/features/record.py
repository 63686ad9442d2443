"""What ``feature_spectrum`` returns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theory.problem import ProblemError, Setting


@dataclass(frozen=True, eq=False)
class FeatureSpectrum:
    """Feature matrices F (n, p) of trained rows on one batch that no step has seen; replica axis first, then steps.

    F = sigma(Z W^T + b), plus spikes where given: neither centred nor divided by anything. at: the steps (S of them).
    values (replicas, S, K): singular values, largest first; K = min(n, p), or as many as asked for. Of these few
    left (replicas, S, K, n) and right (replicas, S, K, p) are the singular vectors, of norm one; None with all values.
    labels (replicas, n): y, with noise. along (replicas, d): the direction asked for, and projections (replicas, n) =
    <z, along>; None without. matrices (replicas, S, n, p): F, where asked for. Z and y are the same at all steps.
    A step whose rows or features are not finite is NaN.
    """

    setting: Setting
    at: tuple[int, ...]
    n: int
    values: np.ndarray
    labels: np.ndarray
    left: np.ndarray | None = None
    right: np.ndarray | None = None
    along: np.ndarray | None = None
    projections: np.ndarray | None = None
    matrices: np.ndarray | None = None

    def cosines(self, coefficients: Sequence[float]) -> np.ndarray:
        """|cos| between left vectors and sum_k coefficients[k] g^k (k = 0, 1, ..) of g = <z, along> on the samples.

        (replicas, S, K). Powers are raw; that of (-1, 0, 1) is with He_2(g).
        """
        left, g = self._vectors()
        function = np.polynomial.polynomial.polyval(g, np.asarray(coefficients, dtype=float))
        return np.abs(left @ function[:, None, :, None])[..., 0] / np.linalg.norm(function, axis=1)[:, None, None]

    def angles(self, degree: int) -> np.ndarray:
        """Cosines of the principal angles between the first `degree` left vectors and span(g, g^2, .., g^degree).

        (replicas, S, degree), largest first; no constant among the powers.
        """
        left, g = self._vectors()
        if not 1 <= degree <= left.shape[2]:
            raise ProblemError(f"degree = {degree!r}; there are {left.shape[2]} left vectors")
        powers = g[..., None] ** np.arange(1, degree + 1)
        span = np.linalg.qr(powers / np.linalg.norm(powers, axis=1, keepdims=True))[0]
        products = left[:, :, :degree] @ span[:, None]
        known = np.isfinite(products).all(axis=(2, 3), keepdims=True)
        cosines = np.linalg.svd(np.where(known, products, 0.0), compute_uv=False)
        return np.where(known[..., 0], cosines, np.nan)

    def _vectors(self) -> tuple[np.ndarray, np.ndarray]:
        if self.left is None or self.projections is None:
            raise ProblemError("no singular vectors, or no direction, to compare: ask for top= and along=")
        return self.left, self.projections
