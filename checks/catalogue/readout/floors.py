"""Error floors at bounded width: after t steps a readout reaches what its rows know, E Var(f* | U*_t)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from theory import Regime, Setting, Student, Target, error_floor, staircase
from theory.hermite import expansion
from theory.reach import seen_at_any_norm

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import n_replaced, target_replaced
from ...verdict import Component, Data, Median
from ..domains import able_student

SAMPLES, RIDGE = 4096, 1e-3  # of the readout: many for each neuron, and hardly a penalty


def _setting(target: str, activation: str, p: int, n: str = "32*d") -> Setting:
    student = Student(activation, p, bias="gaussian")
    return Setting(Target(target), student, Regime(d=1024, n=n, eta="10*p", steps=2))


QUICK = {
    "staircase": _setting("z1 + z1*z2", "softplus", 64),
    "stuck": _setting("z1 + z2 + z1*z2", "softplus", 64),
}
DEEP = {**QUICK, "relu": _setting("z1 + z1*z2", "relu", 256, "512*d")}
PLANS = {"quick": Plan(QUICK), "deep": Plan(DEEP)}


def _points(plan: Plan) -> dict[str, tuple[Setting, int]]:
    """(setting, step) by component."""
    return {f"{name}: step {t}": (s, t) for name, s in plan.settings.items() for t in range(s.regime.steps + 1)}


def _floor(setting: Setting, step: int, kappa: int = 0) -> float:
    """The floor of what this student knows after `step` steps."""
    levels = staircase(setting.target, setting.student.activation, bias=setting.student.bias).subspaces
    return float(error_floor(setting.target, kappa, levels[min(step, len(levels) - 1)]))


def components(plan: Plan) -> tuple[Component, ...]:
    """Test errors and the floors E Var(f* | P_U z), U = U*_t.

    At finite d, n/d and p the error is off by up to p/d of the linear part (random features see it), by d/n (rows share
    the batch's noise), and by what p neurons cannot fit: .25 at most in trials (docs/notes/readout.md), allowed .3.
    The margin is a fifth of the variance that a direction holds. Errors spread by at most .116 before the first step
    and .049 after it, as measured.
    """
    return tuple(
        Component(key, _floor(setting, step), 0.2, 0.3, Median(key, spread=0.06 if step else 0.12))
        for key, (setting, step) in _points(plan).items()
    )


def measure(plan: Plan, draw: Draw) -> Data:
    """The test error of a readout after every step, by replica."""
    data: Data = {}
    runs = {name: draw(name, s, record=("overlaps", "gram")) for name, s in plan.settings.items()}
    for key, (_, step) in _points(plan).items():
        name = key.partition(":")[0]
        found = draw.readout(runs[name], name, SAMPLES, RIDGE, at=step, test_samples=2**12)
        data = {**data, key: found.test_error}
    return data


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Floors of other subspaces, and of another width."""
    return {
        "floor without U: rows learn nothing": _wrong(plan, lambda setting, t: _floor(setting, 0)),
        "staircase one step late": _wrong(plan, lambda setting, t: _floor(setting, max(0, t - 1))),
        "kappa off by one": _wrong(plan, lambda setting, t: _floor(setting, t, kappa=1)),
        "variance of f* halved": _wrong(plan, lambda setting, t: _floor(setting, t) / 2),
    }


def _wrong(plan: Plan, floor: Callable[[Setting, int], float]) -> dict[str, float]:
    return {key: floor(setting, step) for key, (setting, step) in _points(plan).items()}


def domain(setting: Setting) -> str | None:
    """Fresh batches of n = Theta(d), eta = Theta(p), a polynomial target, and a student that learns and fits it."""
    if setting.target.degree is None:
        return "the target is not a polynomial"
    if reason := able_student(setting):
        return reason
    bias = setting.student.bias
    each = [seen_at_any_norm(setting.student.activation, b) for b in (bias if isinstance(bias, tuple) else (bias,))]
    missing = [m for m in expansion(setting.target).orders() if m and not any(seen(m - 1) for seen in each)]
    return f"features {setting.student.activation.name} hold nothing of degree {missing[0]}" if missing else None


CLAIM = Claim(
    id="readout/floors",
    title="a trained network of bounded width sits on the floor of U*_t",
    statement=(
        "With n = Theta(d), eta = Theta(p) and p = O(1) neurons that hold every degree of f*, the test error of the "
        "ridge-trained second layer after t steps tends to E Var(f* | P_U z), U = U*_t, as d, n/d and p grow: it falls "
        "from Var f* step by step with the staircase."
    ),
    source="arXiv 2305.18270, Conjecture 3 and the bound at p = O(1); floors in docs/notes/floors.md",
    blind=(
        "On which side of the floor the error is; directions of less variance than the margin; how fast the floor is "
        "approached in p; p of the order of d and above; floors with kappa >= 1 after training."
    ),
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={
        "n = d/16 samples": n_replaced("d/16"),
        "labels of another target": target_replaced("z1 + z2**2"),
    },
)
