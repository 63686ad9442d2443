"""Dynamical mean-field theory of reused batches: overlaps, norms and errors of single runs, up to d^(-1/2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from theory import DmftLimit, Regime, Setting, Student, Target, solve_dmft
from theory.dmft.batch import Batch
from theory.dmft.domain import problem

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import batch_redrawn, eta_doubled, loss_swapped
from ...verdict import Component, Data, Exponent, Median
from ..exponents import key, settings_by_case, stretches
from ..limits import changed, points, refusal
from .wrong_memory import NewNoise, SharedMemory, WrongLimit, wrong_limit

PAIR, THREE = (1.0, -1.0), (1.0, 0.5, -1.0)
RUNG = "ladder"
SAMPLES = 2**20
HARD = "tanh(z1 + He3(z2))"


def _setting(target: str, activation: str, alpha: tuple[float, ...], d: int, **options: Any) -> Setting:
    student = {name: options.pop(name) for name in ("bias", "init") if name in options}
    noise = options.pop("noise", 0.5)
    regime = {"n": "3*d", "eta": "2*p", "steps": 3, "batch": "reused", **options}
    return Setting(Target(target, noise=noise), Student(activation, len(alpha), alpha, **student), Regime(d, **regime))


def _settings(d: int) -> dict[str, Setting]:
    return {
        "relu pair, hard link": _setting(HARD, "relu", PAIR, d),
        "tanh, weight decay": _setting("sin(2*z1)", "tanh", (1.0,), d, init="plain", weight_decay=0.1),
    }


def _more(d: int) -> dict[str, Setting]:
    return {
        "erf pair": _setting("z1 + z1*z2", "erf", PAIR, d, n="5*d"),
        "unit rows": _setting(HARD, "tanh", PAIR, d, normalize_rows=True),
        "correlation loss": _setting("sin(2*z1)", "relu", PAIR, d, loss="correlation", eta="p"),
        "three neurons, no noise": _setting("sin(z1) + cos(2*z2)", "erf", THREE, d, init="plain", noise=0.0),
        "each batch twice": _setting(HARD, "tanh", PAIR, d, batch=(0, 0, 1, 1), steps=4),
        "a batch comes back": _setting("sin(2*z1)", "tanh", (1.0,), d, init="plain", batch=(0, 1, 0)),
    }


def _plan(points: Mapping[str, Setting], ladder: tuple[int, ...]) -> Plan:
    return Plan({**points, **{f"{RUNG}@{d}": _settings(d)["relu pair, hard link"] for d in ladder}})


PLANS = {
    "quick": _plan(_settings(2**15), (256, 16384)),
    "deep": _plan({**_settings(10**5), **_more(10**5)}, (256, 16384, 2**20)),
}


@cache
def _limit(setting: Setting) -> DmftLimit:
    return solve_dmft(setting, samples=SAMPLES)


def _theory(setting: Setting) -> DmftLimit:
    """The limit, one for all dimensions."""
    return _limit(changed(setting, d=1000))


def _numbers(state: Any, setting: Setting) -> dict[str, Any]:
    """Of a Run or a limit: overlaps and squared norm of the first neuron after the last step, training error before."""
    found = {f"overlap with z{r + 1}": state.overlaps[..., -1, 0, r] for r in range(setting.target.k)}
    if not setting.regime.normalize_rows:
        found["squared norm"] = state.gram[..., -1, 0, 0]
    return found | {"training error": state.train_error[..., -2]}


def _predicted(plan: Plan, theory: Callable[[Setting], DmftLimit | WrongLimit]) -> dict[str, float]:
    """The numbers of every point."""
    return {
        f"{name}: {what}": float(value)
        for name, setting in points(plan).items()
        for what, value in _numbers(theory(setting), setting).items()
    }


def _errors(setting: Setting) -> float:
    """Eight standard errors of the limit's least certain number: t with 15 degrees of freedom is beyond at 1e-6."""
    state = _theory(setting)
    return 8 * max(float(np.max(getattr(state, f"{n}_stderr")[-2:])) for n in ("overlaps", "gram", "train_error"))


def components(plan: Plan) -> tuple[Component, ...]:
    """Numbers within 0.01 at d = 10^5, 0.02 below, and how deviations of single runs fall with d.

    Medians are off by kappa/d, |kappa| below 20 (docs/notes/dmft.md has the means), and the limit by its own error.
    """
    settings, found = points(plan), []
    for name, value in _predicted(plan, _theory).items():
        setting = settings[name.partition(":")[0]]
        d = setting.regime.d
        margin = 0.01 if d >= 10**5 else 0.02
        found.append(Component(name, value, margin, 20 / d + _errors(setting), Median(name, spread=3.5 / d**0.5)))
    for name, ladder in stretches(plan, RUNG, "deviation"):
        found.append(Component(name, -0.5, 0.12, 0.05, Exponent(ladder, spread=0.5)))
    return tuple(found)


def measure(plan: Plan, draw: Draw) -> Data:
    """All of these by replica."""
    data: dict[str, np.ndarray] = {}
    for name, setting in points(plan).items():
        run = draw(name, setting, record=("overlaps", "gram", "train_error"), at=_last_two(setting))
        data |= {f"{name}: {what}": values for what, values in _numbers(run, setting).items()}
    for setting in settings_by_case(plan)[RUNG]:
        run = draw(key(RUNG, setting.regime.d), setting, record=("overlaps",), at=_last_two(setting))
        off = run.overlaps[:, -1] - _theory(setting).overlaps[-1]
        data[key("deviation", setting.regime.d)] = np.sqrt(np.mean(off**2, axis=(1, 2)))
    return data


def _last_two(setting: Setting) -> tuple[int, int]:
    return setting.regime.steps - 1, setting.regime.steps


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong theories of the memory, and wrong orders of what is left at finite d."""
    fresh = lambda s: _theory(changed(s, batch="fresh"))  # noqa: E731
    silent = lambda s: _theory(Setting(Target(s.target, noise=0.0), s.student, s.regime))  # noqa: E731
    return {
        "fresh batches: no memory": _predicted(plan, fresh),
        "Gaussian preactivations on the batch: training errors as on unseen samples": _unseen(plan),
        "noise that is drawn again at every step": _predicted(plan, lambda s: _wrong(s, NewNoise)),
        "a response that does not tell neurons apart": _predicted(plan, lambda s: _wrong(s, SharedMemory)),
        "label noise forgotten": _predicted(plan, silent),
        "eta without its factor n/d": _predicted(plan, lambda s: _theory(changed(s, eta=s.eta / (s.n / s.regime.d)))),
        "deviations of order 1/d": {name: -1.0 for name, _ in stretches(plan, RUNG, "deviation")},
    }


def _wrong(setting: Setting, memory: Callable[..., Batch]) -> WrongLimit:
    return wrong_limit(changed(setting, d=1000), memory)


def _unseen(plan: Plan) -> dict[str, float]:
    return {
        f"{name}: training error": float(_theory(setting).test_error[-2]) + setting.target.noise**2
        for name, setting in points(plan).items()
    }


def domain(setting: Setting) -> str | None:
    """What theory.solve_dmft covers, with a second layer and biases that are given."""
    return refusal(lambda stated: problem(stated, None, None), setting)


CLAIM = Claim(
    id="reuse/trajectory",
    title="descent on a reused batch follows dynamical mean-field theory",
    statement=(
        "With n = alpha d, fixed p, k, eta and T full-batch steps on batches that may return, overlaps, Gram matrices "
        "and training errors converge to the solution of closed equations in discrete time, in which preactivations "
        "on a batch that was used before carry a memory of its labels: deviations of single runs are O(d^(-1/2))."
    ),
    source="arXiv 2402.03220, the DMFT equations; derived in docs/notes/dmft.md",
    blind=(
        "By value, overlaps and norms of neurons other than the first and Gram entries off the diagonal (of overlaps "
        "all deviations are looked at); more than four steps; p of order d; two-time correlations; the law of the "
        "deviations."
    ),
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"fresh batches": batch_redrawn, "eta doubled": eta_doubled, "the other loss": loss_swapped},
)
