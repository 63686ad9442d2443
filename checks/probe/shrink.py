"""Simpler settings that may contradict a conjecture, too: fewer monomials, rounder coefficients, fewer directions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import sympy

from theory.problem import ProblemError, Setting, Target


def shrink(setting: Setting, holds: Callable[[Setting], bool]) -> list[Setting]:
    """`setting` and what it was simplified to, step by step, each of which `holds`; the last is the simplest.

    Every step lowers, in this order: monomials, total degree, directions, distance of coefficients from 1, noise.
    So this ends.
    """
    trail = [setting]
    while (found := next(filter(holds, simpler(trail[-1])), None)) is not None:
        trail.append(found)
    return trail


def simpler(setting: Setting) -> Iterator[Setting]:
    """Settings with a simpler target, the boldest step first; no noise, too."""
    target = setting.target
    for other in (*_without_terms(target), *_narrower(target), *_rounder(target), *_lower(target), *_quieter(target)):
        try:
            yield Setting(other, setting.student, setting.regime)
        except ProblemError:  # nothing is left of it
            continue


def _compacted(sources: Iterable[Any], noise: float) -> Iterator[Target]:
    """A target from each expression or table of terms, in the coordinates it uses; what is no target is left out."""
    for source in sources:
        try:
            yield _compact(Target(source, noise=noise))
        except ProblemError:
            continue


def _without_terms(target: Target) -> Iterator[Target]:
    """Each with one summand less; coordinates that are not used any more are given up."""
    if target.terms is None:
        summands = sympy.Add.make_args(target.expr)
        rest: list[Any] = [sympy.Add(*[s for s in summands if s is not gone]) for gone in summands]
    else:
        rest = [{k: v for k, v in target.terms.items() if k != gone} for gone in target.terms]
    return _compacted([source for source in rest if source], target.noise)


def _narrower(target: Target) -> Iterator[Target]:
    """Without the coordinates it does not use."""
    return (other for other in _compacted([target.terms or target.expr], target.noise) if other.k < target.k)


def _rounder(target: Target) -> Iterator[Target]:
    """Each with one coefficient set to 1."""
    terms = dict(target.terms or {})
    return _compacted(({**terms, key: sympy.Integer(1)} for key, value in terms.items() if value != 1), target.noise)


def _lower(target: Target) -> Iterator[Target]:
    """Each with one exponent lowered by one, where no other term has those exponents already."""
    terms = dict(target.terms or {})
    for key, value in terms.items():
        rest = {k: v for k, v in terms.items() if k != key}
        lowered = [(*key[:i], power - 1, *key[i + 1 :]) for i, power in enumerate(key) if power]
        yield from _compacted(({**rest, low: value} for low in lowered if any(low) and low not in rest), target.noise)


def _quieter(target: Target) -> Iterator[Target]:
    if target.noise:
        yield Target(target, noise=0.0)


def _compact(target: Target) -> Target:
    """With the coordinates it uses only, renumbered. Raises ProblemError where it uses none."""
    if target.terms is None:
        used = sorted(target.expr.free_symbols, key=lambda s: int(s.name[1:]))
        return Target(target.expr.xreplace(dict(zip(used, target.symbols, strict=False))), noise=target.noise)
    kept = [i for i in range(target.k) if any(key[i] for key in target.terms)]
    return Target({tuple(key[i] for i in kept): v for key, v in target.terms.items()}, noise=target.noise)
