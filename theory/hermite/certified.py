"""Hermite coefficients by rigorous integration (Arb), for what has no closed form. Error bounds are proven."""

from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

import flint
import sympy

from ..problem import ProblemError
from . import balls
from .closed import affine
from .majorant import majorant

TOLERANCE = 2.0**-90


def ball_coefficients(expr: sympy.Expr, u: sympy.Symbol, count: int) -> list[flint.arb]:
    """c_0 .. c_{count-1} of `expr` as balls, unnormalised: E[h(g) He_k(g)].

    h must be analytic between the roots of what stands inside Abs and sign; those must be affine, or
    polynomials with rational coefficients. The line is cut there, each piece is integrated with a proven
    bound, and the tails are bounded by a majorant. Coefficients that vanish by parity are exactly 0.
    Raises ProblemError where a piece or a bound cannot be found.
    """
    parity = _parity(expr, u)
    with flint.ctx.workprec(balls.PRECISION):
        return [
            flint.arb(0) if parity is not None and k % 2 != parity else _integrate(expr, u, k) for k in range(count)
        ]


def _parity(expr: sympy.Expr, u: sympy.Symbol) -> int | None:
    mirrored = expr.xreplace({u: -u})
    if sympy.expand(mirrored - expr) == 0:
        return 0
    return 1 if sympy.expand(mirrored + expr) == 0 else None


@lru_cache(maxsize=256)
def _pieces(expr: sympy.Expr, u: sympy.Symbol) -> list[tuple[flint.arb | None, flint.arb | None, sympy.Expr]]:
    """[(left, right, the analytic expression there)], None for infinity."""
    arguments = {part.args[0] for part in expr.atoms(sympy.Abs, sympy.sign) if part.has(u)}
    breaks: list[flint.arb] = []
    for root in (root for argument in arguments for root in _roots(argument, u)):
        if not any(root.overlaps(known) for known in breaks):
            breaks.append(root)
    breaks.sort(key=lambda root: float(root.mid()))
    edges: list[flint.arb | None] = [None, *breaks, None]
    return [(a, b, _resolve(expr, arguments, u, a, b)) for a, b in pairwise(edges)]


def _roots(argument: sympy.Expr, u: sympy.Symbol) -> list[flint.arb]:
    line = affine(argument, u)
    if line:
        return [balls.constant(-line[1] / line[0])]
    if not argument.is_polynomial(u) or not sympy.Poly(argument, u).domain.is_Numerical:
        raise ProblemError(f"the kinks of {argument} cannot be located exactly")
    poly = sympy.Poly(argument, u)
    if not all(c.is_Rational for c in poly.all_coeffs()):
        raise ProblemError(f"the kinks of {argument} cannot be located: its coefficients are not rational")
    integral = sympy.Poly(poly.as_expr(), u, domain=sympy.QQ).clear_denoms(convert=True)[1]
    roots = flint.fmpz_poly([int(c) for c in reversed(integral.all_coeffs())]).complex_roots()
    return [root.real for root, _ in roots if root.imag == 0]


def _resolve(
    expr: sympy.Expr, arguments: set[sympy.Expr], u: sympy.Symbol, a: flint.arb | None, b: flint.arb | None
) -> sympy.Expr:
    """`expr` with every Abs and sign replaced by what it is between a and b."""
    left = float(a.mid()) if a is not None else (float(b.mid()) - 2 if b is not None else -1.0)
    right = float(b.mid()) if b is not None else left + 2
    inside = Fraction((left + right) / 2)
    point = sympy.Rational(inside.numerator, inside.denominator)
    signs = {argument: 1 if argument.subs(u, point).is_positive else -1 for argument in arguments}
    expr = expr.replace(sympy.Abs, lambda x: signs[x] * x if x in signs else sympy.Abs(x))
    return expr.replace(sympy.sign, lambda x: sympy.Integer(signs[x]) if x in signs else sympy.sign(x))


@lru_cache(maxsize=4096)  # one activation is asked for by a claim's every setting, and by theory on every side
def _integrate(expr: sympy.Expr, u: sympy.Symbol, order: int) -> flint.arb:
    pieces, weight = _pieces(expr, u), _he(u, order)
    bound = majorant(expr * weight)
    end = 8.0
    while (tail := bound.gaussian_tail(end)) > TOLERANCE:
        end += 1.0
    for a, b, _ in pieces:  # every break lies inside, or its piece would be lost
        end = max([end, *(abs(float(x.mid())) + 1 for x in (a, b) if x is not None)])
    total = flint.arb(0, tail)
    for a, b, piece in pieces:
        integrand = balls.at(piece * weight * sympy.exp(-(u**2) / 2), u)
        left, right = flint.arb(-end) if a is None else a, flint.arb(end) if b is None else b
        total += flint.acb.integral(integrand, flint.acb(left), flint.acb(right), abs_tol=flint.arb(TOLERANCE)).real
    return total / (2 * flint.arb.pi()).sqrt()


def _he(u: sympy.Symbol, order: int) -> sympy.Expr:
    previous, current = sympy.Integer(0), sympy.Integer(1)
    for j in range(order):
        previous, current = current, sympy.expand(u * current - j * previous)
    return current
