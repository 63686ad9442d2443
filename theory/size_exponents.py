"""How n and eta grow: their exponents in d."""

import sympy

from .problem import ProblemError, Setting
from .problem.regime import SIZES, size_expression


def sample_exponent(setting: Setting) -> sympy.Expr:
    """kappa with n = Theta(d^kappa) as d grows at fixed p. Raises ProblemError where n is no sum of powers of d."""
    return sympy.Max(*_sample_powers(setting))


def rate_exponent(setting: Setting) -> sympy.Expr:
    """e with eta = Theta(d^e) as d grows at fixed p. Raises ProblemError where eta is no sum of powers of d."""
    return sympy.Max(*_rate_powers(setting))


def meets_limits(setting: Setting) -> bool:
    """Whether n/d^kappa and eta/d^e are within O(1/d) of their limits: no power less than 1 below the highest.

    Raises ProblemError as `sample_exponent` and `rate_exponent` do.
    """
    found = (_sample_powers(setting), _rate_powers(setting))
    return not any(max(powers) - 1 < power < max(powers) for powers in found for power in powers)


def _sample_powers(setting: Setting) -> list[sympy.Expr]:
    return _powers(size_expression(setting.regime.n, "n"), "n")


def _rate_powers(setting: Setting) -> list[sympy.Expr]:
    n = size_expression(setting.regime.n, "n")
    return _powers(size_expression(setting.regime.eta, "eta").subs(SIZES["n"], n), "eta")


def _powers(size: sympy.Expr, name: str) -> list[sympy.Expr]:
    """Of d in a sum of them."""
    size, d = sympy.expand(sympy.powdenest(size, force=True)), SIZES["d"]
    exponents = []
    for term in sympy.Add.make_args(size):
        factor, power = term.as_coeff_exponent(d)
        if factor.has(d):
            raise ProblemError(f"{name} = {size} is no sum of powers of d, so its exponent is not defined")
        exponents.append(power)
    return exponents
