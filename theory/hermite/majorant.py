"""A bound |h(x)| <= c (1 + |x|)^m exp(a |x|) read off an expression: what the tails of an integral need."""

import math
from dataclasses import dataclass

import sympy

from ..problem import ProblemError

_LARGEST_EXPONENT = 700.0  # math.exp overflows above 709.78


@dataclass(frozen=True)
class Majorant:
    """|h(x)| <= c (1 + |x|)^m exp(a |x|) for all real x."""

    c: float
    m: float = 0.0
    a: float = 0.0

    def gaussian_tail(self, start: float) -> float:
        """A bound for the integral of h(x) exp(-x^2/2) over |x| > start; math.inf where `start` is too small.

        The logarithm of the majorant times exp(-x^2/2) has slope at most a + m/(1 + start) - start beyond
        `start`.
        """
        slope = start - self.a - self.m / (1 + start)
        if slope <= 0:
            return math.inf
        exponent = self.m * math.log1p(start) + self.a * start - start**2 / 2
        return 2 * self.c * math.exp(exponent) / slope if exponent < _LARGEST_EXPONENT else math.inf


def majorant(expr: sympy.Expr) -> Majorant:
    """A majorant of `expr` as a function of its one variable. Raises ProblemError for an unknown function."""
    if not expr.free_symbols:
        return Majorant(abs(float(expr)) * (1 + 1e-12))
    if expr.is_Symbol:
        return Majorant(1, 1)
    if isinstance(expr, sympy.erf | sympy.tanh | sympy.sin | sympy.cos | sympy.sign):
        return Majorant(1)
    parts = [majorant(arg) for arg in expr.args]
    if expr.is_Mul:
        return Majorant(math.prod(p.c for p in parts), sum(p.m for p in parts), sum(p.a for p in parts))
    if expr.is_Add or isinstance(expr, sympy.Abs):
        return Majorant(sum(p.c for p in parts), max(p.m for p in parts), max(p.a for p in parts))
    if expr.is_Pow and expr.exp.is_Integer and expr.exp > 0:
        n, base = int(expr.exp), parts[0]
        return Majorant(base.c**n, n * base.m, n * base.a)
    if isinstance(expr, sympy.exp | sympy.cosh):
        return _exponential(expr, parts[0])
    if isinstance(expr, sympy.log) and isinstance(expr.args[0], sympy.cosh):
        return majorant(expr.args[0].args[0])  # 0 <= log cosh x <= |x|
    raise ProblemError(f"no bound is known for {expr}")


def _exponential(expr: sympy.Expr, inner: Majorant) -> Majorant:
    if inner.a == 0 and inner.m <= 1:
        growth = inner.c if inner.m else 0.0
        if inner.c > _LARGEST_EXPONENT:
            raise ProblemError(f"{expr} is too large to be integrated with a proof")
        return Majorant(math.exp(inner.c), 0, growth)
    (symbol,) = expr.free_symbols
    if isinstance(expr, sympy.exp) and expr.args[0].is_polynomial(symbol):
        a, b, c = (float(expr.args[0].coeff(symbol, j)) for j in (2, 1, 0))
        if a <= 0 and sympy.degree(expr.args[0], symbol) == 2:
            return Majorant(math.exp(c), 0, abs(b))
    raise ProblemError(f"no bound is known for {expr}")
