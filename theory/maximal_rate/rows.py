"""The rows' covariance after the step, seen through its resolvent. Derived in docs/notes/maximal_rate.md."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ..problem import ProblemError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray

_STEPS = 400
_PLAIN = 3  # accretive iterations before Newton
_GOOD = 1e-14
_COMPLEX = 1e-40  # a derivative by a step into the complex plane, without cancellation


@dataclass(frozen=True)
class Seen:
    """Of Sigma, at t, (value, derivative in t) each. E = (v, w): the spike's direction and the teacher's remainder.

    trace: lim (1/d) tr Sigma (1 + t Sigma)^-1. forms: of the same matrix, with v taken out of the resolvent:
    (vv, vw, ww) = (M_vv/N, M_vw/N, M_ww + t M_vw^2/N), M = E^T Sigma (1 + t Sigma)^-1 E and N = 1 - t M_vv.
    """

    trace: tuple[float, float]
    forms: "tuple[Array, Array]"


class Rows(Protocol):
    """Rows r v + Sigma^(1/2) g/sqrt(d), g ~ N(0, I_d)."""

    def at(self, t: float) -> Seen: ...


@dataclass(frozen=True)
class Isotropic:
    """Sigma = c I: spiked random features."""

    c: float

    def at(self, t: float) -> Seen:
        import numpy as np

        value, by_t = self.c / (1 + self.c * t), -((self.c / (1 + self.c * t)) ** 2)
        return Seen((value, by_t), (np.array([self.c, 0.0, value]), np.array([0.0, 0.0, by_t])))


class Trained:
    """Sigma = (1 + bend M)^2 + (rest/alpha0) M_2, M_j = (1/n0) sum x x^T y^j over the step's n0 = alpha0 d samples.

    y, z, weights (N,): a rule for the law of a label and of its input along the teacher.
    bend = eta c_2; rest = eta^2 E(sigma' - c_1 - c_2 g)^2.
    """

    def __init__(self, y: "Array", z: "Array", weights: "Array", alpha0: float, bend: float, rest: float) -> None:
        import numpy as np

        self._y, self._z, self._weights, self._share = y, z, weights, 1 / alpha0
        self._p, self._s = rest / alpha0 * y**2, bend * y
        self._linear, self._energy = float(weights @ (z * y)), float(weights @ y**2)
        self._root = np.full(3, self._share)

    def at(self, t: float) -> Seen:
        self._root = self._solve(t)
        step = t + 1j * _COMPLEX  # one Newton step carries the imaginary part exactly
        root = self._root + (self._newton(step, self._root + 0j) if self._share else 0)
        trace, forms = self._read(step, root)
        return Seen((trace.real, trace.imag / _COMPLEX), (forms.real, forms.imag / _COMPLEX))

    def _solve(self, t: float) -> "Array":
        """The root (a, b, d) with positive real part, unique: the plain iteration finds it, Newton is quicker."""
        import numpy as np

        root = self._root
        for step in range(_STEPS):
            plain = self._map(t, root)
            if np.abs(plain - root).max() <= _GOOD * max(np.abs(plain).max(), self._share):
                return plain
            moved = root + self._newton(t, root) if step >= _PLAIN else plain
            better = moved[0] > 0 and moved[2] > 0 and np.isfinite(moved).all()
            if better and step >= _PLAIN:
                before, after = np.abs(plain - root).max(), np.abs(self._map(t, moved) - moved).max()
                better = after < before
            root = moved if better else plain
        raise ProblemError("the rows' covariance has no converged resolvent: the step is too large")

    def _terms(self, t: Any, root: "Array") -> "tuple[Array, Array]":
        """Numerators (p + d s^2, s + t b s^2, a s^2) and 1/Delta, (3, N) and (N,)."""
        import numpy as np

        a, b, d = root
        p, s = self._p, self._s
        inverse = 1 / (1 + t * (a * p + 2 * b * s + (a * d + t * b**2) * s**2))
        return np.array([p + d * s**2, s + t * b * s**2, a * s**2]), inverse

    def _map(self, t: Any, root: "Array") -> "Array":
        above, inverse = self._terms(t, root)
        return self._share * _blocks(t, above @ (self._weights * inverse))[0]

    def _newton(self, t: Any, root: "Array") -> "Array":
        """The Newton step of map(root) = root."""
        import numpy as np

        above, inverse = self._terms(t, root)
        weights = self._weights * inverse
        sums, square = above @ weights, weights @ self._s**2
        mixed = (above * (weights * inverse)) @ above.T * np.array([t, 2 * t, t])
        by_root = np.array([[0, 0, square], [0, t * square, 0], [square, 0, 0]]) - mixed
        values, (big_p, big_q, big_r) = _blocks(t, sums)
        det = big_p * big_r + t * big_q**2
        by_det = np.array([t * big_r, 2 * t * big_q, t * big_p])
        top = np.array([[0, 0, t], [0, 1, 0], [t, 0, 0]])
        jacobian = self._share * (top / det - np.outer(values, by_det) / det) @ by_root
        return np.linalg.solve(np.eye(3) - jacobian, self._share * values - root)

    def _read(self, t: Any, root: "Array") -> "tuple[Any, Array]":
        import numpy as np

        y, z, a, b, d = self._y, self._z, *root
        above, inverse = self._terms(t, root)
        weights = self._weights * inverse
        trace = _trace(t, above @ weights)
        sums = above @ (weights * z**2)
        _, (big_p, big_q, big_r) = _blocks(t, sums)
        det, teacher = big_p * big_r + t * big_q**2, _trace(t, sums)
        bend = a * self._p + 2 * b * self._s + (a * d + t * b**2) * self._s**2
        lost = weights @ (z * y * (bend - b * self._s))
        first, second = self._linear - t * lost, weights @ (z * y * a * self._s)
        mixed = lost + teacher * first + big_q * second / det
        spike = self._share * (weights @ (y**2 * (bend + trace))) + teacher * first**2 + lost * (self._linear + first)
        spike += (2 * big_q * first * second + big_p * second**2) / det
        left = weights @ (y**2 * a) + ((1 - t * teacher) * first**2 - 2 * t * big_q * first * second / det)
        left -= t * big_p * second**2 / det
        size = self._linear**2 + self._energy * self._share
        if not size:
            return trace, np.array([trace, 0 * t, trace])
        along = self._linear / np.sqrt(size)
        rest = np.sqrt(max(0.0, self._energy * self._share / size))
        vv, left, vt = spike / size, left / size, mixed / np.sqrt(size)
        vw = (vt - along * vv) / rest if rest else 0 * t
        ww = (teacher - 2 * along * vt + along**2 * vv) / rest**2 if rest else trace
        return trace, np.array([vv / left, vw / left, ww + t * vw**2 / left])


def _blocks(t: Any, sums: "Array") -> "tuple[Array, tuple[Any, Any, Any]]":
    """alpha0 (a, b, d), and (1 + t P, 1 + Q, 1 + t R), of (P, Q, R)."""
    import numpy as np

    p, q, r = 1 + t * sums[0], 1 + sums[1], 1 + t * sums[2]
    return np.array([r, q, p]) / (p * r + t * q**2), (p, q, r)


def _trace(t: Any, sums: "Array") -> Any:
    _, (p, q, r) = _blocks(t, sums)
    return (sums[0] * r + q**2) / (p * r + t * q**2)
