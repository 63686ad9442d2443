"""One way to write a function: products of sums expanded, Max and Min by modulus, softplus by its even part."""

from collections.abc import Callable

import sympy

_ARGUMENT = sympy.Wild("argument")


def canonical(expr: sympy.Expr) -> sympy.Expr:
    """`expr` rewritten so that parity and products over coordinates become visible, and expanded."""
    softplus = sympy.log(sympy.exp(_ARGUMENT) + 1)
    expr = expr.replace(softplus, _ARGUMENT / 2 + sympy.log(2) + sympy.log(sympy.cosh(_ARGUMENT / 2)))
    expr = expr.replace(sympy.Max, lambda *args: _fold(args, 1)).replace(sympy.Min, lambda *args: _fold(args, -1))
    expr = expr.replace(sympy.cosh, _cosh_outside_log(expr))
    return sympy.expand(expr.replace(sympy.Abs, _modulus).replace(sympy.sign, _sign), power_exp=False)


def _fold(args: tuple[sympy.Expr, ...], sign: int) -> sympy.Expr:
    result = args[0]
    for arg in args[1:]:
        result = (result + arg + sign * sympy.Abs(result - arg)) / 2
    return result


def _cosh_outside_log(expr: sympy.Expr) -> Callable[[sympy.Expr], sympy.Expr]:
    """Split cosh into exponentials, but leave the one inside softplus' log, where it is bounded and even."""
    inside = {c for log in expr.atoms(sympy.log) for c in log.atoms(sympy.cosh)}
    return lambda x: sympy.cosh(x) if sympy.cosh(x) in inside else (sympy.exp(x) + sympy.exp(-x)) / 2


def _modulus(x: sympy.Expr) -> sympy.Expr:
    """|x y| = |x| |y|, and |x^2| = x^2, factor by factor."""
    return sympy.Mul(*[sympy.Abs(base) ** power for base, power in _factors(x)])


def _sign(x: sympy.Expr) -> sympy.Expr:
    """sign(x y) = sign(x) sign(y) and sign(-x) = -sign(x); even powers drop out almost everywhere."""
    odd = [base for base, power in _factors(x) if power % 2]
    return sympy.Mul(*[-sympy.sign(-base) if base.could_extract_minus_sign() else sympy.sign(base) for base in odd])


def _factors(x: sympy.Expr) -> list[tuple[sympy.Expr, int]]:
    factored = sympy.factor_terms(sympy.factor(x)) if x.is_polynomial() else x
    pairs = [factor.as_base_exp() for factor in sympy.Mul.make_args(factored)]
    return [(b, int(e)) if e.is_Integer and e > 0 else (b**e, 1) for b, e in pairs]
