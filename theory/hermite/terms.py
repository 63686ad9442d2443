"""Polynomials as {exponents: coefficient}, over whatever numbers the coefficients are."""

from collections.abc import Sequence
from typing import Any

Exponents = tuple[int, ...]
Terms = dict[Exponents, Any]


def add_to(terms: Terms, key: Exponents, value: Any) -> None:
    """Add `value` times the monomial `key` to `terms`."""
    known = terms.get(key)
    terms[key] = value if known is None else known + value


def times_linear(terms: Terms, form: Sequence[tuple[int, Any]]) -> Terms:
    """`terms` times the linear form sum_j c_j s_j, given as [(j, c_j)]."""
    result: Terms = {}
    for key, value in terms.items():
        for index, factor in form:
            add_to(result, (*key[:index], key[index] + 1, *key[index + 1 :]), value * factor)
    return result


def replace_variable(terms: Terms, index: int, form: Sequence[tuple[int, Any]]) -> Terms:
    """Put the linear form `form` in place of variable `index` (Horner in that variable); `form` must not hold it."""
    if len(form) <= 1:
        return _rescale_variable(terms, index, *(form or [(index, 0)])[0])
    by_power: dict[int, Terms] = {}
    for key, value in terms.items():
        by_power.setdefault(key[index], {})[(*key[:index], 0, *key[index + 1 :])] = value
    result: Terms = {}
    for power in range(max(by_power, default=0), -1, -1):
        result = times_linear(result, form)
        for key, value in by_power.get(power, {}).items():
            add_to(result, key, value)
    return result


def _rescale_variable(terms: Terms, index: int, target: int, factor: Any) -> Terms:
    """`replace_variable` by a single multiple: monomials move, nothing is expanded."""
    result: Terms = {}
    powers: dict[int, Any] = {}
    for key, value in terms.items():
        power = key[index]
        if power:
            scale = powers.setdefault(power, factor**power)
            if isinstance(factor, int) and factor == 0:
                continue
            moved = list(key)
            moved[index], moved[target] = 0, key[target] + power
            key, value = tuple(moved), value * scale
        add_to(result, key, value)
    return result


def substitute(terms: Terms, rows: Sequence[Sequence[tuple[int, Any]]]) -> Terms:
    """Put the linear form rows[i], in new variables, in place of variable i for every i.

    The new variables are appended while substituting and the old ones dropped at the end.
    """
    old = len(rows)
    new = 1 + max((index for form in rows for index, _ in form), default=-1)
    result = {(*key, *[0] * new): value for key, value in terms.items()}
    for index, form in enumerate(rows):
        result = replace_variable(result, index, [(old + j, value) for j, value in form])
    return {key[old:]: value for key, value in result.items()}


def derivative(terms: Terms, index: int) -> Terms:
    """The partial derivative in variable `index`."""
    return {
        (*key[:index], key[index] - 1, *key[index + 1 :]): value * key[index]
        for key, value in terms.items()
        if key[index]
    }
