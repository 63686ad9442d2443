"""Is E f*(z)^2 finite, and is expanding a polynomial affordable? Decided on the tree, before any work."""

import math

import sympy

from .errors import ProblemError

MAX_DEGREE = 64
MAX_TERMS = 20_000
_BOUNDED = (sympy.sign, sympy.erf, sympy.tanh, sympy.sin, sympy.cos)
_ALGEBRAIC = (sympy.Add, sympy.Mul, sympy.Pow, sympy.Max, sympy.Min, sympy.Abs)
_KNOWN = (*_BOUNDED, *_ALGEBRAIC, sympy.exp, sympy.cosh)


def growth(expr: sympy.Expr) -> float:
    """g such that |expr| = O(|z|^g); math.inf for growth like exp(c |z|), still square integrable.

    Raises ProblemError where E expr^2 under a standard Gaussian may be infinite, or the function is unknown.
    """
    if not expr.free_symbols:
        return 0
    if expr.is_Symbol:
        return 1
    if not isinstance(expr, _KNOWN):
        raise ProblemError(f"{expr.func.__name__} is not a function a target may use")
    inner = [growth(arg) for arg in expr.args]
    if isinstance(expr, sympy.Add | sympy.Max | sympy.Min | sympy.Abs):
        return max(inner)
    if isinstance(expr, sympy.Mul):
        return sum(inner)
    if isinstance(expr, sympy.exp | sympy.cosh):
        return _exponential_growth(expr, inner[0])
    if isinstance(expr, sympy.Pow) and expr.exp.is_Integer and expr.exp > 0:
        return inner[0] * int(expr.exp)
    if isinstance(expr, _BOUNDED):
        return 0
    raise ProblemError(f"{expr} is no polynomial: an exponent must be a natural number")


def _exponential_growth(expr: sympy.Expr, inner: float) -> float:
    if inner <= 1:
        return math.inf
    if inner == 2 and isinstance(expr, sympy.exp) and expr.args[0].is_polynomial():
        hessian = sympy.hessian(expr.args[0], sorted(expr.free_symbols, key=str))
        if all(value <= 0 for value in hessian.eigenvals()):
            return math.inf
    raise ProblemError(f"{expr} grows so fast that E f*^2 may be infinite; the argument may grow linearly")


def term_bound(expr: sympy.Expr) -> float:
    """An upper bound for the number of monomials of a polynomial expression once expanded."""
    if not expr.free_symbols:
        return 1
    if expr.is_Add:
        return sum(term_bound(arg) for arg in expr.args)
    if expr.is_Mul:
        return math.prod(term_bound(arg) for arg in expr.args)
    if expr.is_Pow:
        terms, power = term_bound(expr.base), int(expr.exp)
        return math.comb(int(min(terms, 10**6)) + power - 1, power)
    return 1


def check_affordable(expr: sympy.Expr, variables: int) -> None:
    """Refuse a polynomial whose expansion would have degree above MAX_DEGREE or more than MAX_TERMS terms."""
    degree = growth(expr)
    check_size(degree, 0)
    check_size(degree, min(term_bound(expr), math.comb(variables + int(degree), int(degree))))


def check_size(degree: float, terms: float) -> None:
    """Refuse a polynomial of degree above MAX_DEGREE or with more than MAX_TERMS terms."""
    if degree > MAX_DEGREE:
        raise ProblemError(f"the target has degree {degree:g}; at most {MAX_DEGREE}")
    if terms > MAX_TERMS:
        raise ProblemError(f"the target may have {terms:.3g} terms once expanded; at most {MAX_TERMS}")
