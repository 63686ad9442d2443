"""Hermite coefficients in closed form: c_k = E[h(g) He_k(g)] is the k-th derivative at 0 of E[h(g + t)]."""

from collections.abc import Callable

import sympy

Coefficients = list[sympy.Expr]


def closed_coefficients(term: sympy.Expr, u: sympy.Symbol, count: int) -> Coefficients | None:
    """c_0 .. c_{count-1} of one product, unnormalised and exact; None where no closed form is known here.

    Known: c u^m h(a u + b) with h one of 1, exp, sin, cos, erf, sign, abs. Derived in docs/notes/hermite.md.
    """
    factor, rest = term.as_independent(u, as_Add=False)
    power, atom = sympy.Integer(0), None
    for part in sympy.Mul.make_args(rest):
        base, exponent = part.as_base_exp()
        if base == u and exponent.is_Integer and exponent > 0:
            power += exponent
        elif part == 1:
            continue
        elif atom is None:
            atom = part
        else:
            return None
    values = _atom(atom, u, count + int(power))
    if values is None:
        return None
    for _ in range(int(power)):  # g He_k = He_{k+1} + k He_{k-1}
        values = [values[k + 1] + (k * values[k - 1] if k else 0) for k in range(len(values) - 1)]
    return [sympy.expand(factor * value) for value in values]


def affine(expr: sympy.Expr, u: sympy.Symbol) -> tuple[sympy.Expr, sympy.Expr] | None:
    """(a, b) with expr = a u + b and a != 0, else None."""
    if not expr.is_polynomial(u):
        return None
    expr = sympy.expand(expr)
    a, b = expr.coeff(u, 1), expr.coeff(u, 0)
    return (a, b) if a != 0 and sympy.expand(expr - a * u - b) == 0 else None


def _atom(atom: sympy.Expr | None, u: sympy.Symbol, count: int) -> Coefficients | None:
    if atom is None:
        return [sympy.Integer(1), *[sympy.Integer(0)] * (count - 1)]
    formula = _FORMULAS.get(atom.func)
    line = affine(atom.args[0], u) if formula else None
    return formula(*line, count) if formula and line else None


def _he_values(x: sympy.Expr, count: int) -> Coefficients:
    values = [sympy.Integer(1), x]
    for j in range(1, count):
        values.append(sympy.expand(x * values[j] - j * values[j - 1]))
    return values[:count]


def _exp(a: sympy.Expr, b: sympy.Expr, count: int) -> Coefficients:
    return [a**k * sympy.exp(b + a**2 / 2) for k in range(count)]


def _sin(a: sympy.Expr, b: sympy.Expr, count: int) -> Coefficients:
    return [a**k * sympy.exp(-(a**2) / 2) * sympy.sin(b + k * sympy.pi / 2) for k in range(count)]


def _cos(a: sympy.Expr, b: sympy.Expr, count: int) -> Coefficients:
    return _sin(a, b + sympy.pi / 2, count)


def _density_derivatives(x: sympy.Expr, count: int) -> Coefficients:
    """phi(x), phi'(x), ...: the j-th is (-1)^j He_j(x) phi(x)."""
    density = sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)
    return [(-1) ** j * value * density for j, value in enumerate(_he_values(x, count))]


def _erf(a: sympy.Expr, b: sympy.Expr, count: int) -> Coefficients:
    """E erf(a(g + t) + b) = erf((a t + b)/s), s^2 = 1 + 2 a^2; erf(x) = 2 Phi(sqrt2 x) - 1."""
    scale = sympy.sqrt(2) / sympy.sqrt(1 + 2 * a**2)
    derivatives = _density_derivatives(b * scale, max(count - 1, 1))
    higher = [2 * (a * scale) ** (j + 1) * value for j, value in enumerate(derivatives)]
    return [sympy.erf(b * scale / sympy.sqrt(2)), *higher][:count]


def _sign(a: sympy.Expr, b: sympy.Expr, count: int) -> Coefficients:
    """sign(a u + b) = sign(a) sign(u + b/a)."""
    shift = b / a
    higher = [2 * value for value in _density_derivatives(shift, max(count - 1, 1))]
    return [sympy.sign(a) * value for value in [sympy.erf(shift / sympy.sqrt(2)), *higher]][:count]


def _abs(a: sympy.Expr, b: sympy.Expr, count: int) -> Coefficients:
    """|a u + b|' = a sign(a u + b), and differentiating shifts the coefficients by one."""
    shift = b / a
    density = _density_derivatives(shift, 1)[0]
    mean = sympy.Abs(a) * (2 * density + shift * sympy.erf(shift / sympy.sqrt(2)))
    return [mean, *[a * value for value in _sign(a, b, max(count - 1, 1))]][:count]


_FORMULAS: dict[type, Callable[[sympy.Expr, sympy.Expr, int], Coefficients]] = {
    sympy.exp: _exp,
    sympy.sin: _sin,
    sympy.cos: _cos,
    sympy.erf: _erf,
    sympy.sign: _sign,
    sympy.Abs: _abs,
}
