"""Gaussian expectations of error signals, summed over the nodes of a rule."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from .basis import Basis, basis
from .domain import Problem
from .functions import function

if TYPE_CHECKING:
    import numpy as np


class Rule(Protocol):
    """Weighted nodes for E over zeta ~ N(0, I_r)."""

    def views(self, rows: "np.ndarray") -> "list[tuple[slice, Basis]]":
        """Which of the p neurons are integrated in which basis; together all of them."""
        ...

    def nodes(self, at: Basis) -> "Iterator[tuple[np.ndarray, np.ndarray]]":
        """Blocks of nodes (N, r) and weights (N,); all weights together sum to one."""
        ...


@dataclass(frozen=True)
class Labels:
    """The residual less the student's part: gain f*(u) - mean - <linear, u> + sqrt(variance) g, g ~ N(0, 1) apart.

    energy: E y^2 of the labels as drawn, noise included.
    """

    gain: float
    mean: float
    linear: "np.ndarray"
    variance: float
    energy: float


@dataclass(frozen=True)
class Moments:
    """With slope_i = v_i sigma'(h_i + b_i) and rho the residual without g, so that e = slope (rho + sqrt(variance) g):

    fields (p, r): E[slope rho z^T]. gram (p, p): E[e e^T]. labels (p,): E[slope rho f*]. slope (p,): E[slope].
    """

    fields: "np.ndarray"
    gram: "np.ndarray"
    labels: "np.ndarray"
    slope: "np.ndarray"


class Integrands:
    """The functions of a problem, ready to be summed."""

    def __init__(self, problem: Problem) -> None:
        activation = problem.student.activation
        self.problem = problem
        self.sigma = function(activation.expr, [activation.symbol])
        self.slope = function(activation.derivative, [activation.symbol])
        self.target = function(problem.target.expr, problem.target.symbols)

    def labels(self, rule: Rule) -> Labels:
        """What the batch's preprocessing leaves of a label in the limit (docs/notes/fresh_limit.md)."""
        import numpy as np

        k, degree, noise = self.problem.target.k, self.problem.preprocess, self.problem.target.noise
        if degree is None:
            return Labels(1.0, 0.0, np.zeros(k), noise**2, 0.0)
        mean, linear, energy = 0.0, np.zeros(k), noise**2
        for nodes, weights in rule.nodes(basis(np.zeros((0, k)))):
            values = self.target(*nodes.T)
            mean += weights @ values
            linear += (weights * values) @ nodes
            energy += weights @ values**2
        if degree == 0:
            return Labels(1.0, mean, np.zeros(k), noise**2, energy)
        gain = 1 - 1 / self.problem.ratio
        return Labels(gain, mean, linear, energy / self.problem.ratio + (gain * noise) ** 2, energy)

    def moments(self, rows: "np.ndarray", labels: Labels, rule: Rule) -> Moments:
        """E at the given rows (p, r) in coordinates whose first k are the teacher's."""
        import numpy as np

        p, r = rows.shape
        sums = Moments(np.zeros((p, r)), np.zeros((p, p)), np.zeros(p), np.zeros(p))
        for neurons, at in rule.views(rows):
            for zeta, weights in rule.nodes(at):
                self._add(sums, neurons, at, zeta, weights, labels)
        return replace(sums, gram=(sums.gram + sums.gram.T) / 2)

    def _add(
        self, sums: Moments, own: slice, at: Basis, zeta: "np.ndarray", weights: "np.ndarray", labels: Labels
    ) -> None:
        """Add the nodes `zeta` (N, r) to the rows `own` of `sums`."""
        z, h = zeta @ at.axes.T, zeta[:, : at.rank] @ at.along.T + self.problem.bias
        u, slope = z[:, : self.problem.target.k], self.problem.output * self.slope(h)
        values = self.target(*u.T)
        rho = labels.gain * values - labels.mean - u @ labels.linear
        if self.problem.squared:
            rho = rho - self.sigma(h) @ self.problem.output
        weighted = slope[:, own] * weights[:, None]
        sums.fields[own] += (weighted * rho[:, None]).T @ z
        sums.gram[own] += weighted.T @ (slope * (rho**2 + labels.variance)[:, None])
        sums.labels[own] += (rho * values) @ weighted
        sums.slope[own] += weighted.sum(axis=0)
