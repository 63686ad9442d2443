"""The conjectures that are shipped."""

from __future__ import annotations

from functools import cache

from ..conjecture import Conjecture


@cache
def shipped() -> tuple[Conjecture, ...]:
    """One of each."""
    from .inputs import AxisInputs, EllipticalInputs, Inputs
    from .links import Links
    from .planted import AnyStudent, CoordinateStaircase, FirstStep, OnlyEvenIsHard, Reflection
    from .staircase import ReuseStaircase, Staircase

    return (
        Staircase(),
        ReuseStaircase(),
        Links(),
        Inputs(),
        CoordinateStaircase(),
        AnyStudent(),
        OnlyEvenIsHard(),
        AxisInputs(),
        EllipticalInputs(),
        FirstStep(),
        Reflection(),
    )
