"""A case solved in closed form: a linear neuron on constant labels takes a random walk in R^d.

With f* = 1, sigma(u) = u, p = 1, alpha = 1 and the correlation loss a step adds eta (1/n) sum x, whatever the row is.
So w_T = w_0 + s g with g ~ N(0, I_d) and s^2 = (eta^2 / n) sum over batches of (number of uses)^2: |w_T|^2 / s^2 is
non-central chi-squared with d degrees around 1 / s^2, and <w_T, e_1>^2 / |w_T|^2 is Beta(1/2, (d - 1)/2), at any d.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from theory import Regime, Setting, Student, Target

from ...verdict import Component, Data, Distance

NAME = "random walk"
NORM, COSINE = f"{NAME}: squared norm", f"{NAME}: squared cosine"


def walk(**regime: Any) -> Setting:
    """The setting; `regime` gives d, n, eta, steps and batches."""
    student = Student("u", 1, second_layer=(1.0,), init="plain")
    return Setting(Target("1", k=1), student, Regime(loss="correlation", **regime))


def components(setting: Setting, margin: float) -> tuple[Component, ...]:
    """Kolmogorov distances of both laws from what they ought to be."""
    norm, cosine = _laws(setting.regime.d, spread(setting, setting.batch_ids))
    return (
        Component(NORM, 0.0, margin, 0.0, Distance(NORM, norm)),
        Component(COSINE, 0.0, margin, 0.0, Distance(COSINE, cosine)),
    )


def measure(run: Any) -> Data:
    """The two numbers at the end of each run."""
    square = run.gram[:, -1, 0, 0]
    with np.errstate(all="ignore"):
        return {NORM: square, COSINE: run.overlaps[:, -1, 0, 0] ** 2 / square}


def foil(setting: Setting, *, d: int | None = None, batches: Sequence[int] | None = None) -> Mapping[str, float]:
    """The two distances if the walk were in R^d, or its batches others: of the wrong laws from the right ones."""
    right = _laws(setting.regime.d, spread(setting, setting.batch_ids))
    wrong = _laws(d or setting.regime.d, spread(setting, batches or setting.batch_ids))
    return {name: _gap(*pair) for name, pair in zip((NORM, COSINE), zip(right, wrong, strict=True), strict=True)}


def spread(setting: Setting, batches: Sequence[int]) -> float:
    """s^2."""
    return setting.eta**2 / setting.n * sum(uses**2 for uses in Counter(batches).values())


def _laws(d: int, s2: float) -> tuple[Any, Any]:
    from scipy.stats import beta, ncx2

    return ncx2(d, 1 / s2, scale=s2).cdf, beta(0.5, (d - 1) / 2).cdf


def _gap(one: Any, two: Any) -> float:
    """Largest difference of two distribution functions, to about 1e-4, on a grid that spans both."""
    grid = np.geomspace(1e-6, 1e6, 2**17)
    return float(np.max(np.abs(one(grid) - two(grid))))
