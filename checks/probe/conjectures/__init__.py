"""The conjectures that are shipped."""

from __future__ import annotations

from functools import cache

from ..conjecture import Conjecture


@cache
def shipped() -> tuple[Conjecture, ...]:
    """One of each."""
    from .approximate import ApproximateStaircase
    from .floor_min import FloorMinKappa
    from .inputs import AxisInputs, EllipticalInputs, Inputs
    from .links import Links
    from .multi_step import MultiStepLeap, MultiStepLeapSquared
    from .overlap_law import OverlapLaw
    from .planted import AnyStudent, CoordinateStaircase, FirstStep, OnlyEvenIsHard, Reflection
    from .staircase import ReuseStaircase, Staircase

    return (
        Staircase(),
        ReuseStaircase(),
        Links(),
        Inputs(),
        OverlapLaw(),
        FloorMinKappa(),
        ApproximateStaircase(),
        MultiStepLeap(),
        MultiStepLeapSquared(),
        CoordinateStaircase(),
        AnyStudent(),
        OnlyEvenIsHard(),
        AxisInputs(),
        EllipticalInputs(),
        FirstStep(),
        Reflection(),
    )
