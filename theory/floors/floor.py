"""||P_{U,>kappa} f*||^2: exact for polynomials, else with a proven or an estimated error bound."""

import math
from collections.abc import Sequence
from typing import Any

import sympy

from ..frame import Directions, expansion_with, frame, read_subspace, subspace_vectors
from ..hermite.field import coefficient_field
from ..problem import ProblemError, Target
from ..problem.scalars import finite
from .certified import Bounded, certified_floors
from .grid import estimated_floors

MAX_DEGREE = 40  # of a floor of a target that is no polynomial
_GOOD = 1e-9  # a proven error above it gives way to an estimated one


class Floor(float):
    """A floor that is no exact number: |self - true| <= error, proven if `certified`, otherwise estimated."""

    error: float
    certified: bool

    def __new__(cls, value: float, error: float, certified: bool) -> "Floor":
        self = super().__new__(cls, value)
        self.error = error
        self.certified = certified
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Floor, (float(self), self.error, self.certified)

    def __repr__(self) -> str:
        return f"Floor({float(self)!r}, error={self.error:.1e}, certified={self.certified})"

    def __str__(self) -> str:
        """The digits that the error leaves certain; 0 where there are none."""
        if self <= self.error:
            return "0"
        digits = math.log10(self / self.error) if self.error else 15
        return f"{float(self):.{min(max(math.floor(digits), 1), 15)}g}"


def error_floor(target: Target | str, kappa: float = 1, subspace: Directions = None) -> sympy.Expr | Floor:
    """||P_{U,>kappa} f*||^2: the energy of f* above degree kappa in the coordinates outside U (arXiv
    2305.18270).

    kappa: n = d^kappa samples and p = d^kappa neurons fit degrees up to floor(kappa); 0 is bounded width and
    gives E Var(f* | P_U z). subspace: k x m matrix, sequence of vectors, or None for {0}, the floor of random
    features. An exact sympy number for a polynomial; otherwise a `Floor`, a float with `.error` and
    `.certified`: proven for sums of products over orthogonal directions wherever U couples them in pairs or
    couples polynomials; else estimated, by quadrature in at most three coordinates (docs/notes/floors.md).
    Raises ProblemError for a negative or non-finite kappa, vectors that are linearly dependent, and, if f* is
    no polynomial, for kappa > 40 and where neither route is open.
    """
    return error_floors(target, [kappa], subspace)[0]


def error_floors(
    target: Target | str, kappas: Sequence[float], subspace: Directions = None
) -> list[sympy.Expr | Floor]:
    """`error_floor` for several kappa at once, at the cost of the largest."""
    target = target if isinstance(target, Target) else Target(target)
    degrees = [math.floor(finite(kappa, "kappa", low=0)) for kappa in kappas]
    columns = read_subspace(subspace, target.k)
    if target.terms is None:
        return list(_numerical(target, degrees, columns))
    series = expansion_with(target, [value for column in columns for value in column])
    view = frame(series, subspace_vectors(series.field, columns, target.k))
    energies = view.energies()
    zero: Any = series.field.from_sympy(sympy.Integer(0))
    return [
        series.field.to_sympy(sum((energy for order, energy in energies.items() if order > degree), zero))
        for degree in degrees
    ]


def _numerical(target: Target, degrees: list[int], columns: list[list[sympy.Expr]]) -> list[Floor]:
    if max(degrees) > MAX_DEGREE:
        raise ProblemError(
            f"kappa = {float(max(degrees)):g}: floors of a target that is no polynomial go up to {MAX_DEGREE}"
        )
    field = coefficient_field([value for column in columns for value in column])
    vectors = subspace_vectors(field, columns, target.k)
    basis = [[field.to_sympy(value) for value in vector] for vector in vectors]
    if len(basis) == target.k:
        return [Floor(0.0, 0.0, True)] * len(degrees)
    proven, reason = _proven(target, degrees, basis)
    if proven and max(error for _, error in proven) <= _GOOD:
        return [Floor(value, error, True) for value, error in proven]
    try:
        return [Floor(value, error, False) for value, error in estimated_floors(target, degrees, basis)]
    except ProblemError as error:
        if proven:
            return [Floor(value, bound, True) for value, bound in proven]
        raise ProblemError(f"{error}; no proven floor either: {reason}") from None


def _proven(
    target: Target, degrees: list[int], basis: list[list[sympy.Expr]]
) -> tuple[list[Bounded] | None, str | None]:
    """Floors with proven errors, or None and the reason."""
    try:
        return certified_floors(target, degrees, basis), None
    except ProblemError as error:
        return None, str(error)
