"""Plain text cut into words, names, numbers and signs, and a cursor that `formula` reads them with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

T = TypeVar("T")
DEEPEST = 12  # brackets inside one another
_GREEK = "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi psi omega"
GREEK = {*_GREEK.split(), *["Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega"]}
_FUNCTIONS = "relu erf sigmoid softplus gelu silu cosh abs sign exp Max Min max min mean rank median"
FUNCTIONS = set(_FUNCTIONS.split())  # where an argument in brackets follows
PREFIXES = {
    "log",
    "sqrt",
    "sum",
    "Var",
    "E",
    "span",
    "grad",
    "tanh",
    "sin",
    "cos",
}  # apply to what follows, in brackets or not
ARTICLES = {"a", "A", "I"}  # letters that are English words as well

_TOKEN = re.compile(
    r"""
    (?P<text> (?: docs | giant-step | exactness | readout | reuse | spikes )/[\w./*-]*\w   # a path or an id
            | (?: theory | sim | checks | verdict )\.\w+ | \w+="\w*" | `[^`]*` | arXiv\ \d{4}\.\d{4,5}
            | [A-Za-z]+'s\b | [A-Za-z]+ (?: -[A-Za-z]{2,} )+ )                        # code, genitives, hyphens
  | (?P<number> (?: \d+(?:\.\d+)? | \.\d+ ) (?: e-?\d+\b )? )
  | (?P<name> [A-Za-z]+ )
  | (?P<sign> <-(?=\ ) | -> | <= | >= | != | \*\* | \.\. | \|\| | [-+*/=<>~^_'!|,;(){}\[\]] )
  | (?P<other> \S )
    """,
    re.VERBOSE,
)


class NotAFormula(Exception):
    """What comes next is no part of a formula."""


class Token(NamedTuple):
    """kind: text, number, name, sign, other or end; start, end: where it stands."""

    kind: str
    value: str
    start: int
    end: int

    @property
    def mathematical(self) -> bool:
        """A name that may be part of a formula: a letter, a Greek one, a function, an operator."""
        value = self.value
        known = len(value) == 1 or value in GREEK or value in FUNCTIONS or value in PREFIXES or value == "He"
        return self.kind == "name" and known


def tokenize(text: str) -> list[Token]:
    """All tokens, and one of kind "end"."""
    found = [Token(str(m.lastgroup), m.group(), *m.span()) for m in _TOKEN.finditer(text)]
    return [*found, Token("end", "", len(text), len(text))]


class Cursor:
    """A place among tokens, and how many brackets are open there."""

    def __init__(self, tokens: list[Token], at: int) -> None:
        self.tokens, self.at, self.first, self.depth = tokens, at, at, 0

    @property
    def next(self) -> Token:
        """The token to be read."""
        return self.tokens[self.at]

    def peek(self, ahead: int) -> Token:
        """The token so many places further, or back."""
        return self.tokens[min(max(self.at + ahead, 0), len(self.tokens) - 1)]

    def spaced(self, ahead: int = 0) -> bool:
        """Whether a space comes before that token."""
        return self.at + ahead == 0 or self.peek(ahead).start > self.peek(ahead - 1).end

    def take(self) -> Token:
        """Read one."""
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, sign: str) -> None:
        """Read this one; anything else is no formula."""
        if self.next.value != sign:
            raise NotAFormula
        self.at += 1

    @contextmanager
    def inside(self) -> Iterator[None]:
        """One bracket deeper."""
        if self.depth == DEEPEST:
            raise NotAFormula
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    def attempt(self, read: Callable[[], T], skip: int = 0) -> T | None:
        """What `read` makes of what follows the next `skip` tokens; None, and nothing is read, if it is no formula."""
        start = self.at
        self.at = min(self.at + skip, len(self.tokens) - 1)
        try:
            return read()
        except NotAFormula:
            self.at = start
            return None
