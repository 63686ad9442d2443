"""E h(u) g(w) for Gaussian u, w of correlation alpha + beta rho, as a power series in rho with proven bounds."""

from functools import lru_cache
from itertools import product
from math import comb, factorial, prod

import flint
import sympy

from ..hermite import balls
from ..hermite.closed import closed_coefficients
from ..hermite.coefficients import coefficient_balls
from ..hermite.forms import canonical
from ..hermite.products import X
from ..hermite.terms import Terms, add_to, substitute

Series = list[flint.arb]
Entry = tuple[sympy.Expr, sympy.Expr]
_CLOSED = (32, 128, 256)  # coefficients summed, until what is left is below _SMALL, where they have closed forms
_INTEGRATED = (16, 32, 48)  # and where each is an integral
_SMALL = 1e-11
_HOPELESS = 1e-5  # left after a second try: a third would not do


def multiply(first: Series, second: Series) -> Series:
    """The product of two power series, cut off at their length."""
    return [sum((first[i] * second[n - i] for i in range(n + 1)), flint.arb(0)) for n in range(len(first))]


def mean(function: sympy.Expr) -> flint.arb:
    """E h(g)."""
    return _coefficients(function, 1)[0]


def correlation(h: sympy.Expr, g: sympy.Expr, entry: Entry, degree: int) -> Series:
    """sum_n c_n(h) c_n(g) (alpha + beta rho)^n / n!, up to rho^degree; entry = (alpha, beta), |alpha| + |beta| <= 1.

    alpha = 0 picks one n for each power; alpha = +-1 is one integral; otherwise the sum is cut and the rest bounded
    by what is left of E h^2 and E g^2.
    """
    alpha, beta = entry
    if alpha == 0:
        first, second = _coefficients(h, degree + 1), _coefficients(g, degree + 1)
        slope = balls.constant(beta)
        return [a * b * slope**j / factorial(j) for j, (a, b) in enumerate(zip(first, second, strict=True))]
    if alpha in (1, -1):
        return [_inner(h, g.subs(X, alpha * X)), *[flint.arb(0)] * degree]
    a, b = balls.constant(alpha), balls.constant(beta)
    lengths = _CLOSED if _is_closed(h) and _is_closed(g) else _INTEGRATED
    for length in lengths:
        length = max(length, degree + 2)
        series, rest = _summed(h, g, a, b, degree, length)
        if max(rest) < _SMALL or (length >= lengths[1] and max(rest) > _HOPELESS):
            break
    return [value + flint.arb(0, bound) for value, bound in zip(series, rest, strict=True)]


def _summed(
    h: sympy.Expr, g: sympy.Expr, a: flint.arb, b: flint.arb, degree: int, length: int
) -> tuple[Series, list[float]]:
    """The first `length` terms, and a bound for the others, for every power of rho."""
    first, second = _coefficients(h, length), _coefficients(g, length)
    terms = [x * y / factorial(n) for n, (x, y) in enumerate(zip(first, second, strict=True))]
    left = (_left(h, first) * _left(g, second)).sqrt()
    series, rest = [], []
    for j in range(degree + 1):
        powers = [comb(n, j) * a ** (n - j) * terms[n] for n in range(j, length)]
        series.append(b**j * sum(powers, flint.arb(0)))
        factor = flint.arb(1)  # (|a| + |b|)^n <= 1 bounds every term of its binomial expansion
        if abs(a) * (length + 1) < length + 1 - j:  # they fall from n = length on
            factor = abs(b) ** j * comb(length, j) * abs(a) ** (length - j)
        rest.append(float((left * factor).abs_upper()) * (1 + 2**-50))
    return series, rest


def _left(h: sympy.Expr, coefficients: Series) -> flint.arb:
    """An upper bound for E h^2 - sum c_n^2 / n! over the coefficients given."""
    known = sum((c * c / factorial(n) for n, c in enumerate(coefficients)), flint.arb(0))
    return (_inner(h, h) - known).abs_upper()


def finite_correlation(
    polynomials: list[sympy.Expr],
    others: list[sympy.Expr],
    block: list[list[Entry]],
    degree: int,
) -> Series:
    """E prod_i h_i(u_i) prod_j g_j(w_j); h_i polynomials, E u_i w_j = alpha + beta rho, (alpha, beta) = block[i][j].

    E[h(u) | w] has the generating polynomial F(A s), F that of h (docs/notes/floors.md); s splits into the parts
    that carry no rho (the first variables) and one rho (the last).
    """
    sizes = [int(sympy.degree(h, X)) + 1 for h in polynomials]
    columns = [_coefficients(h, size) for h, size in zip(polynomials, sizes, strict=True)]
    terms: Terms = {}
    for key in product(*map(range, sizes)):
        value = prod((c[n] / factorial(n) for n, c in zip(key, columns, strict=True)), start=flint.arb(1))
        if not value.is_zero():
            terms[key] = value
    width, order = len(others), sum(size - 1 for size in sizes)
    rows = [
        [
            (j + width * part, balls.constant(entry[part]))
            for part in (0, 1)
            for j, entry in enumerate(row)
            if entry[part]
        ]
        for row in block
    ]
    by_power: Terms = {}
    for key, value in substitute(terms, rows).items():
        key = (*key, *[0] * (2 * width - len(key)))
        plain, with_rho = key[:width], key[width:]
        if sum(with_rho) <= degree:
            add_to(by_power, (sum(with_rho), *map(sum, zip(plain, with_rho, strict=True))), value)
    means = [_coefficients(g, order + 1) for g in others]
    series: Series = [flint.arb(0)] * (degree + 1)
    for key, value in by_power.items():
        series[key[0]] += value * prod((c[n] for n, c in zip(key[1:], means, strict=True)), start=flint.arb(1))
    return series


def _is_closed(function: sympy.Expr) -> bool:
    return all(closed_coefficients(term, X, 1) is not None for term in sympy.Add.make_args(canonical(function)))


def _inner(h: sympy.Expr, g: sympy.Expr) -> flint.arb:
    return _coefficients(canonical(h * g), 1)[0]


@lru_cache(maxsize=512)
def _coefficients(function: sympy.Expr, count: int) -> Series:
    with flint.ctx.workprec(balls.PRECISION):
        return coefficient_balls(function, X, count)
