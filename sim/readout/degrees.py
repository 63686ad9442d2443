"""The parts of a polynomial target by Hermite degree: f* = sum_j P_j f*, orthogonal under N(0, I_k)."""

import math
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from itertools import product

import numpy as np
import sympy

from theory.problem import Target

from ..expressions.lower import lower

Polynomial = Mapping[tuple[int, ...], sympy.Expr]


class Degrees:
    """P_0 f*, ..., P_J f* of a polynomial target of degree J, and their energies E (P_j f*)^2, shape (J + 1,)."""

    def __init__(self, target: Target) -> None:
        assert target.terms is not None
        assert target.degree is not None
        self._k, degree = target.k, target.degree
        parts: list[dict[tuple[int, ...], sympy.Expr]] = [{} for _ in range(degree + 1)]
        for powers, coefficient in hermite_series(target.terms).items():
            parts[sum(powers)][powers] = coefficient
        self.energies = np.array([float(sympy.N(energy(part), 30)) for part in parts])
        expressions = tuple(_expression(monomials(part), target.symbols) for part in parts)
        self._program = lower(expressions, target.symbols)

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """P_j f* (J + 1, m) of every row of `inputs` (m, >= k)."""
        coordinates = np.ascontiguousarray(inputs[:, : self._k].T)
        values = np.empty((len(self.energies), len(inputs)))
        self._program(coordinates, values)
        return values


@lru_cache(maxsize=64)
def degrees(target: Target) -> Degrees | None:
    """The parts of `target`, or None where it is no polynomial; kept, as finding them takes longer than a small fit."""
    return None if target.terms is None else Degrees(target)


def hermite_series(terms: Polynomial) -> dict[tuple[int, ...], sympy.Expr]:
    """{orders: h} with sum_a h_a He_a1(z1) He_a2(z2) ... the polynomial {powers: coefficient}. Exact.

    z^m = sum_i m! / (2^i i! (m - 2i)!) He_{m-2i}(z), probabilists' Hermite polynomials.
    """
    return _change_basis(terms, 1)


def monomials(series: Polynomial) -> dict[tuple[int, ...], sympy.Expr]:
    """The inverse of ``hermite_series``: He_m(z) = sum_i (-1)^i m! / (2^i i! (m - 2i)!) z^{m-2i}."""
    return _change_basis(series, -1)


def energy(series: Polynomial) -> sympy.Expr:
    """sum_a h_a^2 a!: E He_m^2 = m!."""
    squares = [h**2 * math.prod(math.factorial(order) for order in orders) for orders, h in series.items()]
    return sympy.Add(*squares)


def _change_basis(terms: Polynomial, sign: int) -> dict[tuple[int, ...], sympy.Expr]:
    found: dict[tuple[int, ...], sympy.Expr] = defaultdict(lambda: sympy.Integer(0))
    for powers, coefficient in terms.items():
        for halves in product(*(range(m // 2 + 1) for m in powers)):
            count = math.prod(_pairings(m, i) for m, i in zip(powers, halves, strict=True))
            key = tuple(m - 2 * i for m, i in zip(powers, halves, strict=True))
            found[key] += sign ** sum(halves) * count * coefficient
    return {key: value for key, value in ((key, sympy.expand(value)) for key, value in found.items()) if value != 0}


def _pairings(m: int, i: int) -> int:
    """Ways to choose i disjoint pairs among m things."""
    return math.factorial(m) // (2**i * math.factorial(i) * math.factorial(m - 2 * i))


def _expression(terms: Polynomial, symbols: tuple[sympy.Symbol, ...]) -> sympy.Expr:
    powers = [sympy.Mul(*(z**m for z, m in zip(symbols, key, strict=True))) for key in terms]
    return sympy.Add(*(c * power for c, power in zip(terms.values(), powers, strict=True)))
