"""The conjectures that are shipped."""

from __future__ import annotations

from functools import cache

from ..conjecture import Conjecture


@cache
def shipped() -> tuple[Conjecture, ...]:
    """One of each."""
    from .planted import AnyStudent, CoordinateStaircase, FirstStep, OnlyEvenIsHard, Reflection
    from .staircase import ReuseStaircase, Staircase

    return (
        Staircase(),
        ReuseStaircase(),
        CoordinateStaircase(),
        AnyStudent(),
        OnlyEvenIsHard(),
        FirstStep(),
        Reflection(),
    )
