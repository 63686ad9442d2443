"""How long looks at a batch take."""

import numpy as np

from ..costs import DRAW, LOOP, VALUE, multiply, signal, turning
from .plan import Plan

MOST_LOOKS = 500  # are added up one by one
# Seconds a look takes beside its passes over the samples: of order p^0, p, p^3, and p^2 times left directions found
FEW, NEURON, CUBE, RANK = 5e-6, 1e-6, 1.6e-10, 6.3e-10


def seconds(plan: Plan, rows: bool) -> tuple[float, float, float]:
    """Of one replica: what threads can share, and the rest; how often its basis of R^d grows. rows: are recorded."""
    totals = np.sum([many * of_batch(plan, uses, first, rows) for uses, first, many in plan.batches], axis=0)
    return float(totals[0]), float(totals[1]), float(totals[2])


def of_batch(plan: Plan, uses: int, first: bool, rows: bool) -> np.ndarray:
    """The same of a batch with so many uses: each draws fields and passes four times over the directions known by then.

    first: it is the first of the run. Where neurons mirror each other half of them decide the first step.
    """
    setting = plan.setting
    n, d, k, p = setting.n, setting.regime.d, setting.target.k, setting.student.p
    looks = uses * (1 + (setting.extragradient > 0))
    number = np.unique(np.linspace(0, looks - 1, min(looks, MOST_LOOKS)).round())
    mirrored = p // 2 if first and setting.student.init == "symmetric" else 0
    asked = plan.linear + p * number - mirrored * (number > 0)
    new = p - mirrored * (number == 0)
    silent = (number == 0) & (mirrored > 0)
    lefts, rights = np.minimum(n, asked), np.minimum(d, k + asked)
    more_lefts, more_rights = np.minimum(new, n - lefts), np.minimum(new, d - rights)
    slope, both = signal(setting.student.activation, True), signal(setting.student.activation)
    values = new * (np.where(silent, slope, both) + 6 * VALUE) + more_rights * DRAW
    product = new * (4 * lefts + rights + 3 * new) + more_rights * (new + 2 * lefts) + more_lefts * (new + rights)
    shared = n * (values + product * multiply(p))
    wide = rights + more_rights
    alone = FEW + NEURON * new + CUBE * new**3 + RANK * new**2 * more_lefts
    alone = alone + 3 * new * more_rights * wide * LOOP + new * wide * (6 * wide + 4 * lefts) * multiply(p)
    old = np.minimum(d - k, p * (number + 1))
    found = np.minimum(p, d - k - old)
    if rows:
        alone = alone + (found > 0) * turning(d, old, found, old + found)
    totals = looks / len(number) * np.array([shared.sum(), alone.sum(), (found > 0).sum()])
    totals[1] += turning(d, int(wide[-1]), 0, p) if rows else 0.0
    return totals
