"""The order parameters of ridge on spiked features: one root in two unknowns, and linear equations."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..problem import ProblemError
from .rows import Rows

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray

_STEPS = 1000
_PLAIN = 4  # monotone iterations before Newton
GOOD = 1e-12  # relative residual that counts as solved


@dataclass(frozen=True, eq=False)
class Given:
    """All that matters given k = <v, x>, (N,) each, at nodes k of weights `weights`.

    mu_0, mu_1, mu_square: sigma(r k + <u, x>) = mu_0 + mu_1 <u, x> + sqrt(mu_square) zeta. mean, slope, square:
    E[y | k], E[y g | k] and E[y^2 | k], g the part of the teacher's coordinate beyond k.
    """

    k: "Array"
    weights: "Array"
    mu_0: "Array"
    mu_1: "Array"
    mu_square: "Array"
    mean: "Array"
    slope: "Array"
    square: "Array"


@dataclass(frozen=True)
class Order:
    """The order parameters (docs/notes/maximal_rate.md) and E R = test_loss, E R/(1 + V)^2 = train_error."""

    linear_response: float
    response: float
    along_spike: float
    along_teacher: float
    mean: float
    linear_norm: float
    norm: float
    test_loss: float
    train_error: float
    residual: float


@dataclass(frozen=True, eq=False)
class _Sizes:
    """Traces <.> of S = tau + y D and forms J of the two special directions; `by_tau`, `by_y`: minus derivatives."""

    inverse: float
    linear: float
    forms: "Array"
    inverse_by: tuple[float, float]
    linear_by: tuple[float, float]
    forms_by: "tuple[Array, Array]"


def order_parameters(given: Given, rows: Rows, samples: float, ratio: float, ridge: float) -> Order:
    """samples = n/p, ratio = p/d. Raises ProblemError where the root is not found to 1e-12."""
    import numpy as np

    responses, residual = _responses(given, rows, samples, ratio, ridge)
    mean = lambda values: float(given.weights @ values)  # noqa: E731
    one, two = given.mu_1**2, given.mu_square
    inside = 1 / (1 + one * responses[0] + two * responses[1])
    tau, y = ridge + samples * mean(two * inside), samples * mean(one * inside)
    sizes = _sizes(rows, tau, y, ratio, responses[1])
    vv, vw, ww = sizes.forms

    teacher = samples * mean(given.slope * given.mu_1 * inside)
    linear = given.k * given.mu_1
    constant = mean(given.mu_0**2 * inside)
    fit = lambda values: given.mu_0 * (mean(given.mu_0 * values * inside) / constant if constant else 0.0)  # noqa: E731
    target_left, linear_left = given.mean - fit(given.mean), linear - fit(linear)  # a mean costs no penalty
    pull, stiffness = samples * mean(linear * target_left * inside), samples * mean(linear * linear_left * inside)
    theta = (vv * pull + vw * teacher) / (1 + vv * stiffness)
    spike = pull - stiffness * theta
    psi = vw * spike + ww * teacher
    left = target_left - theta * linear_left
    fixed = left**2 + (given.square - given.mean**2) - 2 * given.mu_1 * psi * given.slope

    quadratic = np.array([spike**2, 2 * spike * teacher, teacher**2])
    weights = given.weights * inside**2 * samples
    squares = np.stack([one, two])
    noise = (squares * weights) @ squares.T
    moved = np.array([[sizes.linear_by[1], sizes.linear_by[0]], [sizes.linear_by[0], sizes.inverse_by[0]]])
    start = moved @ (squares @ (weights * fixed)) + np.array([quadratic @ form for form in sizes.forms_by[::-1]])
    q_1, q_2 = np.linalg.solve(np.eye(2) - moved @ noise, start)
    error = fixed + one * q_1 + two * q_2
    m = (mean(given.mu_0 * (given.mean - theta * linear) * inside) / constant) if constant else 0.0
    return Order(
        float(responses[0]),
        float(responses[1]),
        float(theta),
        float(psi),
        m,
        float(q_1),
        float(q_2),
        mean(error),
        mean(error * inside**2),
        residual,
    )


def _responses(given: Given, rows: Rows, samples: float, ratio: float, ridge: float) -> "tuple[Array, float]":
    """(V_1, V_2): monotone iterations from below, then Newton in logarithms as long as it gains."""
    import numpy as np

    squares = np.stack([given.mu_1**2, given.mu_square])
    at = np.array([rows.at(0.0).trace[0], 1.0]) / (ridge + samples * (given.weights @ squares.sum(axis=0)))
    best, found = np.inf, at
    for step in range(_STEPS):
        inside = 1 / (1 + at @ squares)
        y, load = samples * (squares @ (given.weights * inside))
        value, slope = rows.at(ratio * y * at[1]).trace
        moved = np.array([value, 1.0]) / (ridge + load + y * value)
        excess = np.log(moved / at)
        residual = float(np.abs(excess).max())
        if residual < best:
            best, found = residual, at
        if residual < 1e-15 or (best < GOOD and residual > best):
            break
        by_hats = -samples * (squares * (given.weights * inside**2)) @ squares.T  # (y, load) by (V_1, V_2)
        t_by = ratio * (by_hats[0] * at[1] + np.array([0.0, y]))
        denominator = (by_hats[1] + by_hats[0] * value + y * slope * t_by) / (ridge + load + y * value)
        jacobian = np.stack([slope * t_by / value - denominator, -denominator]) * at - np.eye(2)
        newton = -np.linalg.solve(jacobian, excess)
        use = step >= _PLAIN and np.isfinite(newton).all() and np.abs(newton).max() < 2
        at = at * np.exp(newton if use else excess)
    if not best < GOOD:
        raise ProblemError(f"the order parameters do not converge: residual {best:.1e}; a larger ridge helps")
    return found, best


def _sizes(rows: Rows, tau: float, y: float, ratio: float, inverse: float) -> _Sizes:
    """Everything that follows from <1/S> = G: G (tau + y omega(t)) = 1, t = ratio y G."""
    t = ratio * y * inverse
    seen = rows.at(t)
    value, slope = seen.trace
    stiffness = 1 / inverse + ratio * y**2 * inverse * slope
    by_tau, by_y = inverse / stiffness, inverse * (value + t * slope) / stiffness  # minus the derivatives of G
    t_tau, t_y = ratio * y * by_tau, ratio * (y * by_y - inverse)
    forms, forms_slope = seen.forms
    return _Sizes(
        inverse=inverse,
        linear=value * inverse,
        forms=ratio * inverse * forms,
        inverse_by=(by_tau, by_y),
        linear_by=(value * by_tau + inverse * slope * t_tau, value * by_y + inverse * slope * t_y),
        forms_by=(
            ratio * (by_tau * forms + inverse * forms_slope * t_tau),
            ratio * (by_y * forms + inverse * forms_slope * t_y),
        ),
    )
