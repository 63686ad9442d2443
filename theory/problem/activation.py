"""An activation sigma(u), by name or as an expression in u."""

from functools import cache, cached_property
from typing import Any

import sympy

from .errors import ProblemError, show
from .functions import ACTIVATION_FUNCTIONS
from .parse import Grammar, parse
from .scalars import number

VARIABLE = sympy.Symbol("u", real=True)
_GRAMMAR = Grammar(
    "activation",
    lambda name: VARIABLE if name == "u" else None,
    "write a name such as relu or tanh, or an expression in u such as relu(u + 1/2)",
    ACTIVATION_FUNCTIONS,
)
_ARGUMENT = sympy.Wild("argument")
_OVERFLOWING = sympy.exp(_ARGUMENT) / (sympy.exp(_ARGUMENT) + 1)  # softplus', inf / inf for large arguments
_NOT_NAMES = {"Max", "Min", "sqrt", "Abs"}


@cache
def _names() -> dict[sympy.Expr, str]:
    """The name of every named activation, by its expression."""
    return {Activation(name).expr: name for name in ACTIVATION_FUNCTIONS if name not in _NOT_NAMES}


def _spell(expr: sympy.Expr) -> str:
    """`expr` as the parser reads it: exact numbers, our symbol, and softplus by its name."""
    exact = {value: number(value, "a number") for value in expr.atoms(sympy.Float)}
    renamed = dict.fromkeys(expr.free_symbols, VARIABLE)
    softplus = sympy.log(sympy.exp(_ARGUMENT) + 1)
    return sympy.sstr(expr.xreplace({**exact, **renamed}).replace(softplus, sympy.Function("softplus")(_ARGUMENT)))


@cache  # settings that differ in d alone are made by the thousand
def _derivative(expr: sympy.Expr) -> sympy.Expr | None:
    """sigma'(u) almost everywhere; None where sigma jumps."""
    derivative = sympy.diff(expr, VARIABLE)
    if derivative.has(sympy.DiracDelta, sympy.Derivative, sympy.Subs) or expr.has(sympy.Heaviside):
        return None
    return derivative.replace(_OVERFLOWING, (1 + sympy.tanh(_ARGUMENT / 2)) / 2)


class Activation:
    """sigma(u), with no normalisation applied. Immutable and hashable.

    source: a name (relu, leaky_relu, erf, tanh, sigmoid, softplus, gelu, silu, sin, cos, abs, sign, exp,
        He0 .. He20), an expression in u, or an Activation.
    Raises ProblemError for any other source.
    """

    symbol = VARIABLE
    name: str
    expr: sympy.Expr

    def __init__(self, source: "str | sympy.Expr | Activation") -> None:
        if isinstance(source, Activation):
            source = source.name
        if isinstance(source, sympy.Expr):
            if {s.name for s in source.free_symbols} - {"u"}:
                raise ProblemError(f"activation {show(source)}: the only variable is u")
            source = _spell(source)
        if not isinstance(source, str):
            raise ProblemError(f"an activation is a name or an expression in u, not {show(source)}")
        name = source.strip()
        named = name in ACTIVATION_FUNCTIONS and name not in _NOT_NAMES
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "expr", parse(f"{name}(u)" if named else name, _GRAMMAR))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an Activation is immutable: {name} cannot be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return Activation, (self.name,)

    @cached_property
    def derivative(self) -> sympy.Expr:
        """sigma'(u) almost everywhere; may hold Heaviside and sign.

        Raises ProblemError where sigma jumps: its derivative then misses a point mass and descent is not
        defined.
        """
        if (found := _derivative(self.expr)) is None:
            raise ProblemError(f"activation {self.name} jumps, so gradient descent through it is not defined")
        return found

    def to_json(self) -> str:
        """One text for equal activations, a name where there is one; `Activation` of it gives this one back."""
        return _names().get(self.expr) or _spell(self.expr)

    @classmethod
    def from_json(cls, value: Any) -> "Activation":
        """The activation that `to_json` wrote."""
        return cls(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Activation) and self.expr == other.expr

    def __hash__(self) -> int:
        return hash(self.expr)

    def __repr__(self) -> str:
        return f"Activation({self.name!r})"
