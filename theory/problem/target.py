"""A target f*(z) = g*(<w*_1, z>, ..., <w*_k, z>), written in the teacher coordinates z1..zk."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import sympy

from .errors import ProblemError, show
from .functions import TARGET_FUNCTIONS
from .growth import check_affordable, check_size, growth
from .parse import Grammar, parse
from .scalars import finite, integer, number
from .serial import canonical, fields

MAX_COORDINATES = 64
_VARIABLE = re.compile(r"z([1-9][0-9]{0,3})")
_HINT = f"write coordinates as z1 .. z{MAX_COORDINATES}"

Terms = Mapping[tuple[int, ...], sympy.Expr]


def coordinate(index: int) -> sympy.Symbol:
    """The symbol of teacher coordinate `index`, counted from 1."""
    return sympy.Symbol(f"z{index}", real=True)


def _index(name: str) -> int:
    match = _VARIABLE.fullmatch(name)
    if match is None or int(match[1]) > MAX_COORDINATES:
        raise ProblemError(f"unknown name {name[:20]!r} in the target; {_HINT}")
    return int(match[1])


class Target:
    """What the network has to learn, and the noise on its labels. Immutable and hashable.

    source: text such as "z1 + z1*z2", a sympy expression in z1, z2, ..., a sympy Poly (its generators are
        z1, z2, ... in order), or {exponents: coefficient}.
    k: number of teacher directions; by default the largest index written, even with coefficient 0.
    noise: standard deviation of the label noise; by default 0, or that of a Target given as source.
    Raises ProblemError if the source is malformed, uses another function or name, or E f*^2 may be infinite.
    """

    k: int
    noise: float
    _expr: sympy.Expr | None
    _terms: dict[tuple[int, ...], sympy.Expr] | None

    def __init__(
        self,
        source: "str | sympy.Expr | sympy.Poly | Terms | Target",
        k: int | None = None,
        noise: float | None = None,
    ) -> None:
        if isinstance(source, Target):
            k = source.k if k is None else k
            noise = source.noise if noise is None else noise
            source = source._terms or source.expr
        set_ = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        set_("_expr", None)
        set_("_terms", None)
        set_("noise", finite(0.0 if noise is None else noise, "noise", low=0))
        if isinstance(source, str):
            largest = self._read_expression(*_parse_target(source))
        elif isinstance(source, sympy.Poly):
            _check_generators(source)
            largest = self._read_terms(dict(source.terms()), len(source.gens))
        elif isinstance(source, Mapping):
            largest = self._read_terms(source, 0)
        elif isinstance(source, sympy.Expr):
            largest = self._read_expression(*_adopt(source))
        else:
            raise ProblemError(
                f"a target is text, a sympy expression or {{exponents: coefficient}}, not {show(source)}"
            )
        set_("k", largest if k is None else integer(k, "k", low=1, high=MAX_COORDINATES))
        if self.k < largest:
            raise ProblemError(f"k = {self.k}, but the target is written in z{largest}")
        if self.k == 0:
            raise ProblemError(f"the target depends on no coordinate; {_HINT}, or give k")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Target is immutable: {name} cannot be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return Target.from_json, (self.to_json(),)

    def _read_expression(self, expr: sympy.Expr, largest: int) -> int:
        growth(expr)  # refuses what has no finite second moment
        object.__setattr__(self, "_expr", expr)
        if _is_polynomial(expr):
            check_affordable(expr, max(largest, 1))
            object.__setattr__(self, "_terms", _expand(expr, largest))
        return largest

    def _read_terms(self, terms: Terms, generators: int) -> int:
        if not terms:
            raise ProblemError("a target needs at least one term")
        if odd := [exponents for exponents in terms if not isinstance(exponents, tuple)]:
            raise ProblemError(f"the exponents {show(odd[0])} are no tuple of whole numbers such as (1, 0, 2)")
        length = max([generators, *(len(exponents) for exponents in terms)])
        if length > MAX_COORDINATES:
            raise ProblemError(f"{length} coordinates; at most {MAX_COORDINATES}")
        padded: dict[tuple[int, ...], sympy.Expr] = {}
        for exponents, coefficient in terms.items():
            powers = [integer(e, "an exponent", low=0, high=64) for e in exponents]
            key = (*powers, *[0] * (length - len(powers)))
            padded[key] = padded.get(key, sympy.Integer(0)) + number(coefficient, "a coefficient")
        plain = {key: _plain(value) for key, value in padded.items()}
        kept = {key: value for key, value in plain.items() if value != 0}
        check_size(max((sum(key) for key in kept), default=0), len(kept))
        object.__setattr__(self, "_terms", kept)
        return length

    @property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        """z1, ..., zk as real sympy symbols."""
        return tuple(coordinate(i + 1) for i in range(self.k))

    @cached_property
    def expr(self) -> sympy.Expr:
        """f* as a sympy expression in `symbols`."""
        if self._expr is not None:
            return self._expr
        assert self._terms is not None
        powers = [sympy.Mul(*[z**e for z, e in zip(self.symbols, key, strict=False)]) for key in self._terms]
        return sympy.Add(*[c * m for c, m in zip(self._terms.values(), powers, strict=True)])

    @cached_property
    def terms(self) -> Terms | None:
        """{exponents (length k): coefficient} of a polynomial; None for any other target."""
        if self._terms is None:
            return None
        pad = lambda key: (*key, *[0] * (self.k - len(key)))  # noqa: E731
        return MappingProxyType({pad(key): self._terms[key] for key in sorted(self._terms)})

    @property
    def degree(self) -> int | None:
        """Total degree; None when f* is not a polynomial."""
        return None if self._terms is None else max((sum(key) for key in self._terms), default=0)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` turns back into an equal target."""
        if self.terms is None:
            body: Any = sympy.sstr(self.expr)
        else:
            body = [[list(key), sympy.sstr(value)] for key, value in self.terms.items()]
        return {"f": body, "k": self.k, "noise": self.noise}

    @classmethod
    def from_json(cls, value: Any) -> "Target":
        """The target that `to_json` wrote; a bare text is a target too."""
        if isinstance(value, str):
            return cls(value)
        body = fields(value, "target", {"f", "k", "noise"}, {"f"})
        source = body["f"]
        if isinstance(source, list):
            source = {tuple(pair[0]): pair[1] for pair in _pairs(source)} or {(0,): 0}
        return cls(source, k=body.get("k"), noise=body.get("noise", 0.0))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Target) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @cached_property
    def _key(self) -> str:
        return canonical(self.to_json())

    def __repr__(self) -> str:
        text = sympy.sstr(self.expr) if self._terms is None or len(self._terms) <= 40 else f"{len(self._terms)} terms"
        noise = f", noise={self.noise:g}" if self.noise else ""
        return f"Target({text!r}, k={self.k}{noise})"

    def _repr_latex_(self) -> str:
        """The formula, for notebooks; up to 40 terms."""
        many = self._terms is not None and len(self._terms) > 40
        body = rf"\text{{{len(self._terms or ())} terms of degree {self.degree}}}" if many else sympy.latex(self.expr)
        noise = rf",\quad y = f^*(z) + {self.noise:g}\,\xi" if self.noise else ""
        return rf"$\displaystyle f^*(z) = {body}{noise}$"


def _pairs(source: list[Any]) -> Iterable[tuple[list[int], Any]]:
    for pair in source:
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], list)):
            raise ProblemError(f"a target's term is [exponents, coefficient], not {show(pair)}")
        yield pair[0], pair[1]


def _parse_target(text: str) -> tuple[sympy.Expr, int]:
    """The expression and the largest index written: sympy drops what has coefficient 0, `0*z3` still means k = 3."""
    largest = 0

    def variable(name: str) -> sympy.Symbol | None:
        nonlocal largest
        if name[:1] != "z":
            return None
        index = _index(name)
        largest = max(largest, index)
        return coordinate(index)

    return parse(text, Grammar("target", variable, _HINT, TARGET_FUNCTIONS)), largest


def _check_generators(poly: sympy.Poly) -> None:
    """The generators are z1, z2, ... in order: names that say otherwise would silently be swapped."""
    for i, generator in enumerate(poly.gens, start=1):
        if not generator.is_Symbol or (_VARIABLE.fullmatch(generator.name) and generator.name != f"z{i}"):
            raise ProblemError(f"generator {i} of the Poly is {generator}; its generators are z1, z2, ... in order")


def _adopt(expr: sympy.Expr) -> tuple[sympy.Expr, int]:
    """A user's sympy expression with our real symbols and exact numbers, and its largest index."""
    if expr.has(sympy.I, sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
        raise ProblemError(f"the target {expr} is not a finite real expression")
    index = {symbol: _index(symbol.name) for symbol in expr.free_symbols}
    exact = {value: number(value, "a number") for value in expr.atoms(sympy.Float)}
    renamed = {symbol: coordinate(i) for symbol, i in index.items()}
    return expr.xreplace({**renamed, **exact}), max(index.values(), default=0)


def _is_polynomial(expr: sympy.Expr) -> bool:
    return all(
        isinstance(part, sympy.Add | sympy.Mul | sympy.Pow) or not part.free_symbols or part.is_Symbol
        for part in sympy.preorder_traversal(expr)
    )


def _expand(expr: sympy.Expr, largest: int) -> dict[tuple[int, ...], sympy.Expr]:
    symbols = [coordinate(i + 1) for i in range(max(largest, 1))]
    terms = sympy.Poly(expr, *symbols).terms()
    return {key: value for key, value in ((k, _plain(c)) for k, c in terms) if value != 0}


def _plain(value: sympy.Expr) -> sympy.Expr:
    """One way to write an algebraic constant: expanded, no root in a denominator."""
    return value if value.is_Rational else sympy.expand(sympy.radsimp(sympy.expand(value)))
