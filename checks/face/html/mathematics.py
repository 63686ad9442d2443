"""Prose with formulas in plain text becomes HTML with MathML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from markupsafe import Markup, escape

from .formula import read
from .tokens import ARTICLES, FUNCTIONS, PREFIXES, Token, tokenize

_CAPITAL = re.compile(r"<mi>(&#x0039[0-9A-F];|&#x003A[0-9];)</mi>")  # Greek capitals stand upright
TOGETHER = 36  # characters of LaTeX that a line is not broken between
_SPELT = re.compile(r'(?:<mi mathvariant="normal">[A-Za-z]</mi>){2,}')  # a name letter by letter, as nobody reads it
_TAG = re.compile(r"<[^>]*>")
_PUNCTUATED = re.compile(r"(<math(?:(?!</math>).)*</math>[.,;:)!?]+)")  # a line must not begin with these
WIDE = 90  # characters of LaTeX from which on a formula is set smaller on a phone
LONGEST = 5000  # characters that are searched for formulas: longer text is no claim's


def mathematics(text: str) -> Markup:
    """`text`, escaped, with every formula in it as MathML. What cannot be read for sure stays as it is written."""
    shown = Markup()
    for latex, source in segments(text):
        shown += Markup(" ").join(_mathml(line) for line in lines(latex)) if latex else escape(source)
    return Markup(_PUNCTUATED.sub(r'<span class="whole">\1</span>', str(shown)))


def lines(pieces: list[str]) -> list[str]:
    """LaTeX that a line is not broken in: short pieces stay together."""
    found = [pieces[0]]
    for piece in pieces[1:]:
        if len(found[-1]) + len(piece) <= TOGETHER:
            found[-1] += piece
        else:
            found.append(piece)
    return found


def segments(text: str) -> Iterator[tuple[list[str], str]]:
    """(LaTeX in pieces, source) of each formula and ([], source) of what lies between; the sources join to `text`."""
    tokens = tokenize(text[:LONGEST])
    at = done = 0
    while tokens[at].kind != "end":
        found = read(tokens, at) if _may_begin(tokens, at) else None
        if found is None or not _worth(tokens[at : found[1]]):
            at = at + 1 if found is None else found[1]
            continue
        start, end = tokens[at].start, tokens[found[1] - 1].end
        if start > done:
            yield [], text[done:start]
        yield found[0], text[start:end]
        done, at = end, found[1]
    if done < len(text):
        yield [], text[done:]


def _may_begin(tokens: list[Token], at: int) -> bool:
    """Not in the middle of what is no formula: after a letter with an accent, an underscore, a dash within a word."""
    return at == 0 or tokens[at].start > tokens[at - 1].end or tokens[at - 1].kind == "sign"


def _worth(formula: list[Token]) -> bool:
    """Whether it is more than a number or a word: "100" and "(2)" are left alone, 10^5, -1/2 and n are not."""
    names = [t for t in formula if t.kind == "name" and t.value not in ARTICLES]
    signs = {t.value for t in formula if t.kind == "sign"} - {"(", ")", "[", "]", ",", "-"}
    lonely = len(formula) == 1 and formula[0].value in FUNCTIONS | PREFIXES
    return bool(names or signs or formula[0].value == "-" or "e" in formula[0].value) and not lonely


@cache
def _mathml(latex: str) -> Markup:
    """One <math> of a piece; the names and signs that `formula` lets through cannot hold markup."""
    from latex2mathml.converter import convert

    wide = ' class="wide-formula"' if len(latex) > WIDE else ""
    found = convert(latex).replace(' xmlns="http://www.w3.org/1998/Math/MathML"', wide)
    found = _SPELT.sub(lambda match: f"<mi>{_TAG.sub('', match.group())}</mi>", found)
    return Markup(_CAPITAL.sub(r'<mi mathvariant="normal">\1</mi>', found))
