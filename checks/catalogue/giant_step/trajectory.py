"""Several fresh steps: overlaps and norms follow a deterministic trajectory, up to d^(-1/2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from theory import FreshLimit, Regime, Setting, Student, Target, fresh_limit
from theory.fresh.domain import problem
from theory.size_exponents import meets_limits

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import batch_reused, eta_doubled, loss_swapped
from ...verdict import Component, Data, Exponent, Median, limit
from ..exponents import key, settings_by_case, stretches
from ..limits import changed, points, refusal

EXITS = "(z1 + z2 + z1**2 - z2**2)/2"  # along z1 + z2 first, then along z1 - z2
OPENED = {"exit": (1, -1), "product": (0, 1)}  # what conditioning on the first step opens
PAIR, FOUR = (1.0, -1.0), (1.0, 0.5, -0.5, -1.0)
SMALL, BLOCK = (64, 256), 64  # where the bias is extrapolated from, on means over so many runs
RUNG, FEW = "ladder", "small"


def _setting(target: str, activation: str, alpha: tuple[float, ...], d: int, **options: Any) -> Setting:
    student = {name: options.pop(name) for name in ("bias", "init") if name in options}
    regime = {"n": "8*d", "eta": "p", "steps": 2, **options}
    return Setting(Target(target, noise=1.0), Student(activation, len(alpha), alpha, **student), Regime(d, **regime))


def _settings(d: int) -> dict[str, Setting]:
    """Those whose limit a product rule integrates."""
    return {
        "exit": _setting(EXITS, "relu", PAIR, d),
        "product": _setting("z1 + z1*z2", "relu", PAIR, d),
        "one neuron, tanh": _setting("z1 + He2(z1)/2", "tanh", (1.0,), d, init="plain", bias=0.5, steps=3),
        "unit rows, erf": _setting("z1 + z1*z2", "erf", PAIR, d, bias=0.5, normalize_rows=True, loss="correlation"),
    }


def _more(d: int) -> dict[str, Setting]:
    """Those that take quasi Monte Carlo."""
    return {
        "exit, four neurons": _setting(EXITS, "relu", FOUR, d),
        "unit rows, four neurons": _setting("z1 + z1*z2", "relu", FOUR, d, normalize_rows=True),
        "correlation loss, tanh": _setting("z1 + z1*z2", "tanh", FOUR, d, bias=0.5, loss="correlation"),
        "three directions": _setting("z1 + z1*z2 + z1*z2*z3", "relu", FOUR, d),
    }


def _plan(points: Mapping[str, Setting], ladder: tuple[int, ...]) -> Plan:
    sizes = [(RUNG, d) for d in ladder] + [(FEW, d) for d in SMALL]
    return Plan({**points, **{f"{kind}@{d}": _settings(d)["product"] for kind, d in sizes}})


PLANS = {
    "quick": _plan(_settings(2**15), (64, 16384)),
    "deep": _plan({**_settings(10**5), **_more(10**5)}, (64, 8192, 2**20)),
}


@cache
def _limit(setting: Setting) -> FreshLimit:
    return fresh_limit(setting)


def _theory(setting: Setting) -> FreshLimit:
    """The limit, one for all dimensions."""
    return _limit(changed(setting, d=SMALL[0]))


def _numbers(setting: Setting, overlaps: np.ndarray, gram: np.ndarray) -> dict[str, np.ndarray]:
    """What is compared after the last step: the first neuron's overlaps and norm; of (..., p, k) and (..., p, p)."""
    found = {f"overlap with z{r + 1}": overlaps[..., 0, r] for r in range(setting.target.k)}
    return found if setting.regime.normalize_rows else found | {"norm": np.sqrt(gram[..., 0, 0])}


def _predicted(plan: Plan, theory: Callable[[Setting], FreshLimit]) -> dict[str, float]:
    """The numbers of every point."""
    found: dict[str, float] = {}
    for name, setting in points(plan).items():
        state = theory(setting)
        numbers = _numbers(setting, state.overlaps[-1], state.gram[-1])
        found |= {f"{name}: {what}": float(value) for what, value in numbers.items()}
    return found


def _opened(setting: Setting, name: str, overlaps: np.ndarray) -> np.ndarray:
    """Mean over neurons of the overlap with the direction opened by the first step, over its limit; (..., p, k)."""
    v = np.array(OPENED[name])
    return np.mean(overlaps @ v, axis=-1) / np.mean(_theory(setting).overlaps[-1] @ v)


def components(plan: Plan) -> tuple[Component, ...]:
    """Numbers within 0.01, what the second step opens within a part of itself, and how deviations fall with d.

    Means are off by kappa/d, |kappa| below 20 (docs/notes/fresh_limit.md), medians as much: 20/d and the limit's own
    error are allowed. The slope -1/2 is allowed corrections of a fifth at d = 64. The mean extrapolated from d = 64 and
    256 through kappa/d is off by the next order, 100/(64 * 256).
    """
    settings = points(plan)
    d = next(iter(settings.values())).regime.d
    part = 0.05 if d < 10**5 else 0.02
    found = []
    for name, value in _predicted(plan, _theory).items():
        allowed = 20 / d + float(_theory(settings[name.partition(":")[0]]).error.max())
        found.append(Component(name, value, 0.01, allowed, Median(name, spread=2.5 / d**0.5)))
    for name in OPENED:
        found.append(Component(_new(name), 1.0, part, 100 / d, Median(_new(name), spread=14 / d**0.5)))
    for name, ladder in stretches(plan, RUNG, "deviation"):
        found.append(Component(name, -0.5, 0.12, 0.05, Exponent(ladder, spread=0.45)))
    mean = limit({low: key("mean", low) for low in SMALL}, 1.0, 0.025)
    value = float(_theory(plan.settings[f"{FEW}@{SMALL[0]}"]).overlaps[-1, 0, 1])
    return (*found, Component(EXTRAPOLATED, value, 0.03, 100 / (SMALL[0] * SMALL[1]), mean))


EXTRAPOLATED = "product: overlap with z2, extrapolated from d = 64, 256"


def _new(name: str) -> str:
    return f"{name}: direction opened by step one, over theory"


def measure(plan: Plan, draw: Draw) -> Data:
    """All of these by replica; every mean of EXTRAPOLATED is over BLOCK runs of its own."""
    data: dict[str, np.ndarray] = {}
    for name, setting in points(plan).items():
        run = draw(name, setting, record=("overlaps", "gram"), at=(setting.regime.steps,))
        numbers = _numbers(setting, run.overlaps[:, 0], run.gram[:, 0])
        data |= {f"{name}: {what}": values for what, values in numbers.items()}
        if name in OPENED:
            data[_new(name)] = _opened(setting, name, run.overlaps[:, 0])
    many = draw.times(BLOCK)
    for setting in settings_by_case(plan)[FEW]:
        name = key(FEW, setting.regime.d)
        overlaps = many(name, setting, record=("overlaps",), at=(setting.regime.steps,)).overlaps
        data[key("mean", setting.regime.d)] = overlaps[:, 0, 0, 1].reshape(-1, BLOCK).mean(axis=1)
    for setting in settings_by_case(plan)[RUNG]:
        run = draw(key(RUNG, setting.regime.d), setting, record=("overlaps",), at=(setting.regime.steps,))
        off = run.overlaps[:, 0] - _theory(setting).overlaps[-1]
        data[key("deviation", setting.regime.d)] = np.sqrt(np.mean(off**2, axis=(1, 2)))
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong recursions, and wrong orders of what is left at finite d."""
    other = {"squared": "correlation", "correlation": "squared"}
    slopes = [name for name, _ in stretches(plan, RUNG, "deviation")]
    silent = lambda s: Setting(Target(s.target, noise=0.0), s.student, s.regime)  # noqa: E731
    return {
        "no fluctuations outside the span of rows and teacher": _predicted(
            plan, lambda s: _theory(changed(s, d=SMALL[0], n="10**6*d"))
        ),
        "the other loss": _predicted(plan, lambda s: _theory(changed(s, loss=other[s.regime.loss]))),
        "label noise forgotten": _predicted(plan, lambda s: _theory(silent(s))),
        "one step fewer": _predicted(plan, lambda s: _theory(changed(s, steps=s.regime.steps - 1))),
        "nothing opened by the first step": {_new(name): 0.0 for name in OPENED} | {EXTRAPOLATED: 0.0},
        "deviations of order 1/d": dict.fromkeys(slopes, -1.0),
    }


def domain(setting: Setting) -> str | None:
    """What theory.fresh_limit covers, labels as they are, and n/d and eta within O(1/d) of their limits."""
    if setting.regime.preprocess is not None:
        return "labels are preprocessed"
    if reason := refusal(lambda stated: problem(stated, None, None), setting):
        return reason
    return None if meets_limits(setting) else "n/d or eta tends to its limit slower than 1/d"


CLAIM = Claim(
    id="giant-step/trajectory",
    title="several fresh steps follow a deterministic limit",
    statement=(
        "With n = delta d, fixed p, k, eta and T fresh batches, overlaps and Gram matrices (M, Q) converge to the "
        "recursion of population gradients in the span of rows and teacher and, orthogonal to it, a Gram matrix "
        "(eta^2/delta) E[e e^T], e_i = r alpha_i sigma'/p, r = y - f or, for the correlation loss, y: deviations are "
        "O(d^(-1/2)), biases O(1/d), and what the second step opens has the predicted size."
    ),
    source="arXiv 2305.18270, Theorem 7 made quantitative; derived in docs/notes/fresh_limit.md",
    blind="p of order d; more than three steps; eta that grows with d; the law of the deviations.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"eta doubled": eta_doubled, "the other loss": loss_swapped, "batch reused": batch_reused},
)
