"""Too few samples: with n = d^(l - delta) one step turns no row towards the teacher, whatever the step size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from theory import Regime, Setting, Student, Target, leap_index, one_step_exponent
from theory.first_gradient import first_gradient
from theory.size_exponents import sample_exponent

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import linear_terms_added, n_replaced
from ...verdict import Component, Data, Exponent
from ..domains import one_step_with_exponent, silent_start
from ..exponents import key, settings_by_case, stretches
from ..one_step import gained_cosine, share

ALONE = "2**20*p"  # a step so large that the row is the gradient alone, to a millionth
BIAS = {1: 0.02, 2: 0.03, 3: 0.04}  # by leap
EDGE = 0.125  # bias and margin together: what parts delta = 1/4 from its neighbours, slope 0 and delta = 1/2
PROBLEMS = {1: ("z1", 2.0, "relu"), 2: ("He2(z1)", 3.0, "relu"), 3: ("z1*z2*z3", 3.0, "tanh")}  # target, noise, student
QUICK_DIMS, DEEP_DIMS = {1: (128, 16384), 2: (32, 1024)}, {1: (64, 8192, 2**20), 2: (32, 3200), 3: (20, 200)}


@dataclass(frozen=True)
class Case:
    """A leap and n, of order d^(leap - delta). spread: of the logarithm of what is gained, at the ends of a stretch."""

    leap: int
    delta: float
    n: str
    p: int
    spread: tuple[float, float]
    eta: str = ALONE

    @property
    def name(self) -> str:
        """Such as "leap 2, delta = 0.25"."""
        return f"leap {self.leap}, delta = {self.delta:g}" + (f", eta = {self.eta}" if self.eta != ALONE else "")

    def setting(self, d: int) -> Setting:
        """The setting at dimension d."""
        target, noise, activation = PROBLEMS[self.leap]
        student = Student(activation, self.p, second_layer="rademacher")
        return Setting(Target(target, noise=noise), student, Regime(d, self.n, self.eta))


CASES = (
    Case(1, 0.25, "4*d**(3/4)", 4, (0.25, 0.1)), Case(1, 0.5, "8*d**(1/2)", 4, (0.35, 0.15)),
    Case(1, 0.75, "24*d**(1/4)", 4, (0.4, 0.25)), Case(1, 1, "64", 4, (0.45, 0.45)),
    Case(2, 0.25, "d**(7/4)", 16, (0.55, 0.15)), Case(2, 0.5, "2*d**(3/2)", 32, (0.45, 0.2)),
    Case(2, 0.75, "4*d**(5/4)", 32, (0.45, 0.25)), Case(2, 1, "8*d", 64, (0.4, 0.3)),
    Case(2, 0.5, "2*d**(3/2)", 32, (0.45, 0.2), eta="p/4"),
)  # fmt: skip
DEEP_CASES = (
    *CASES,
    Case(2, 0.5, "2*d**(3/2)", 32, (0.45, 0.2), eta="8*p*d**(1/2)"),
    Case(3, 0.25, "2*d**(11/4)", 16, (0.45, 0.15)), Case(3, 0.5, "4*d**(5/2)", 16, (0.45, 0.2)),
    Case(3, 0.75, "8*d**(9/4)", 32, (0.4, 0.25)), Case(3, 1, "16*d**2", 32, (0.35, 0.3)),
)  # fmt: skip


def _plan(cases: tuple[Case, ...], dims: Mapping[int, tuple[int, ...]]) -> Plan:
    return Plan({f"{case.name}@{d}": case.setting(d) for case in cases for d in dims[case.leap]})


PLANS = {"quick": _plan(CASES, QUICK_DIMS), "deep": _plan(DEEP_CASES, DEEP_DIMS)}


def _cases(plan: Plan) -> list[Case]:
    return [case for case in DEEP_CASES if case.name in settings_by_case(plan)]


def _alone(case: Case) -> bool:
    return case.eta == ALONE


def components(plan: Plan) -> tuple[Component, ...]:
    """Slopes against log d of the cosine gained, and, where it is no larger than d^(-1/2), of the share of V* in a row.

    The allowances cover relative corrections kappa/d and n/d^l (docs/notes/one_step.md).
    """
    found = []
    for case in _cases(plan):
        settings = settings_by_case(plan)[case.name]
        exponent = float(one_step_exponent(settings[0], gradient_alone=_alone(case)))
        looks = (_gained(case), _shared(case)) if exponent == -0.5 and _alone(case) else (_gained(case),)
        for look in looks:
            for name, ladder in stretches(plan, case.name, look):
                bias = BIAS[case.leap]
                found.append(Component(name, exponent, EDGE - bias, bias, Exponent(ladder, case.spread)))
    return tuple(found)


def measure(plan: Plan, draw: Draw) -> Data:
    """The cosine gained and the share of V*, by replica, at every d."""
    data: dict = {}
    for case in _cases(plan):
        for setting in settings_by_case(plan)[case.name]:
            d = setting.regime.d
            run = draw(key(case.name, d), setting, record=("overlaps", "gram"), at=(0, 1))
            data[key(_gained(case), d)] = gained_cosine(run, case.leap, _sign(case.leap))
            data[key(_shared(case), d)] = share(run)
    return data


def _sign(leap: int) -> int:
    return -1 if leap == 3 else 1  # of c_l(sigma): tanh has c_3 < 0


def _gained(case: Case) -> str:
    return f"{case.name}: gained"


def _shared(case: Case) -> str:
    return f"{case.name}: share of V*"


def _slopes(plan: Plan, slope: Mapping[Case, float]) -> dict[str, float]:
    return {name: value for case, value in slope.items() for name, _ in stretches(plan, case.name, _gained(case))}


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Wrong sample sizes, and what they say of the cosine gained by the gradient alone."""
    alone = [case for case in _cases(plan) if _alone(case)]
    return {
        "leap one too low: n = d^(l - delta) is enough": _slopes(plan, dict.fromkeys(alone, 0.0)),
        "leap one too high": _slopes(plan, {case: -(1 + case.delta) / 2 for case in alone}),
        "d^(-delta) in place of d^(-delta/2)": _slopes(plan, {case: -case.delta for case in alone}),
    }


def domain(setting: Setting) -> str | None:
    """One step from f = 0 on d^(l - delta) samples, by a student that sees C_l and whose rows stay in place."""
    if reason := silent_start(setting) or one_step_with_exponent(setting):
        return reason
    delta = leap_index(setting.target) - sample_exponent(setting)
    if not 0 < delta <= 1:
        return "n is not of order d^(l - delta) with 0 < delta <= 1"
    gradient, kappa = first_gradient(setting), sample_exponent(setting)
    # At delta = 1 noise alone has the exponent, too: the exponent does not show that there is a signal beside it.
    drifts = any(gradient.drifts(order) for order in range(max(0, ceil(kappa - 1))))
    seen = gradient.signals(int(leap_index(setting.target))) and not drifts
    if not seen or one_step_exponent(setting, gradient_alone=True) != -delta / 2:
        return "c_l of the student vanishes, or rows move along themselves"
    return None


CLAIM = Claim(
    id="giant-step/necessity",
    title="fewer than d^l samples do not turn a row in one step",
    statement=(
        "With n = d^(l - delta), 0 < delta <= 1, l the leap index, one step of any size eta leaves "
        "|Pi* w_i|/|w_i| = O(d^(-delta/2)) up to logarithms; what the gradient alone gains along C_l x M^(l-1) "
        "has exactly this exponent, a smaller eta a lower one."
    ),
    source="arXiv 2305.18270, Theorem 4, with the exponent delta/2 in place of min(1, delta)/4: docs/notes/one_step.md",
    blind="Logarithms; all neurons at once; delta > 1; leap three, but in the deep run.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"linear terms in the labels": linear_terms_added, "n = d samples": n_replaced("d")},
)
