"""What a readout returns."""

from dataclasses import dataclass

import numpy as np

from theory.problem import Setting


@dataclass(frozen=True, eq=False)
class Readout:
    """Ridge regression on the features of trained rows, replica axis first.

    f(z) = p^(-1/2) sum_i a_i sigma(<w_i, z> + b_i), coefficients a (replicas, p), minimises over n fresh samples
    sum (y - f)^2 + ridge |a|^2 (ridge is not multiplied by n). ridge (replicas,): the one used. ridges (L,): the grid;
    scores (replicas, L): the mean squares `choose` judged it by, None for a single ridge; NaN, and not chosen, where
    leave-one-out at a tiny ridge would be round-off.
    train_error (replicas,): (1/n) sum (y - f)^2, noise and preprocessing included. train_loss: with its penalty.
    test_error, test_error_stderr (replicas,): Monte Carlo estimate of E (f* - f)^2 on clean labels, its standard error.
    energies (J + 1,): E (P_j f*)^2, P_j f* the part of Hermite degree j of f* and J its degree. learned, learned_stderr
    (replicas, J + 1): R_j = E[f P_j f*] / E (P_j f*)^2 and its standard error; 1 where f holds all of that part, NaN
    where f* has none. All three are None for a target that is no polynomial.
    step: of the run. route: "rows" or "reduced". A replica whose rows are not finite is NaN throughout.
    """

    setting: Setting
    step: int
    n: int
    route: str
    ridges: np.ndarray
    ridge: np.ndarray
    coefficients: np.ndarray
    train_error: np.ndarray
    test_error: np.ndarray
    test_error_stderr: np.ndarray
    scores: np.ndarray | None = None
    energies: np.ndarray | None = None
    learned: np.ndarray | None = None
    learned_stderr: np.ndarray | None = None

    @property
    def train_loss(self) -> np.ndarray:
        """(1/n) (sum (y - f)^2 + ridge |a|^2), (replicas,): what was minimised, over n (L_tr of arXiv 2310.07891)."""
        return self.train_error + self.ridge * np.einsum("ri,ri->r", self.coefficients, self.coefficients) / self.n
