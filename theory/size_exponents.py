"""How n and eta grow: their exponents in d."""

import sympy

from .problem import ProblemError, Setting
from .problem.regime import SIZES, size_expression


def sample_exponent(setting: Setting) -> sympy.Expr:
    """kappa with n = Theta(d^kappa) as d grows at fixed p. Raises ProblemError where n is no sum of powers of d."""
    return _exponent(size_expression(setting.regime.n, "n"), "n")


def rate_exponent(setting: Setting) -> sympy.Expr:
    """e with eta = Theta(d^e) as d grows at fixed p. Raises ProblemError where eta is no sum of powers of d."""
    n = size_expression(setting.regime.n, "n")
    return _exponent(size_expression(setting.regime.eta, "eta").subs(SIZES["n"], n), "eta")


def _exponent(size: sympy.Expr, name: str) -> sympy.Expr:
    size, d = sympy.expand(sympy.powdenest(size, force=True)), SIZES["d"]
    exponents = []
    for term in sympy.Add.make_args(size):
        factor, power = term.as_coeff_exponent(d)
        if factor.has(d):
            raise ProblemError(f"{name} = {size} is no sum of powers of d, so its exponent is not defined")
        exponents.append(power)
    return sympy.Max(*exponents)
