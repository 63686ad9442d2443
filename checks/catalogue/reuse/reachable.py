"""Two steps on one batch learn what fresh batches cannot; what E[u | y] hides stays hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from theory import Setting, Student, predict

from ...claim import Claim, Plan
from ...draw import Draw
from ...mutants import batch_redrawn, linear_terms_added
from ...verdict import Component, Data
from ..exponents import Case, Watch, everywhere, ladder_plan, measure_overlaps, slope_components

PAIR, FOUR = {"p": 2, "second_layer": "rademacher"}, {"p": 4, "second_layer": "rademacher"}
ODD, MIXED = "He3(z1)", "z1 + He3(z2)"


def _case(name: str, target: str, activation: str, students: dict, steps: int, eta: str, batch: str = "reused") -> Case:
    return Case(name, target, Student(activation, **students), n="3*d", eta=eta, steps=steps, batch=batch)


CASES = (
    _case("He3, reused", ODD, "tanh", PAIR, 2, "3*p"),
    _case("He3, fresh", ODD, "tanh", FOUR, 2, "3*p", batch="fresh"),
    _case("z1 + He3(z2), reused", MIXED, "tanh", PAIR, 2, "3*p"),
    _case("z1 + He3(z2), fresh", MIXED, "tanh", FOUR, 2, "3*p", batch="fresh"),
    _case("He2, reused", "He2(z1)", "relu", FOUR, 3, "2*p"),
    _case("exchange, reused", "tanh(z1) + tanh(z2)", "tanh", PAIR, 3, "4*p"),
)
WATCHES = (
    Watch("He3, reused", (1,), 2, power=None, spread=0.35),
    Watch("He3, fresh", (1,), 2, power=None, spread=0.9, margin=0.2),
    Watch("z1 + He3(z2), reused", (0, 1), 2, power=None, spread=0.5, margin=0.15),
    Watch("z1 + He3(z2), fresh", (0, 1), 2, power=None, spread=0.8, margin=0.2),
    Watch("He2, reused", (1,), 3, power=None, spread=0.6, margin=0.2),
    Watch("exchange, reused", (1, -1), 3, power=None, spread=0.6, margin=0.2),
)
PLANS = {
    "quick": ladder_plan(CASES, (1024, 16384)),
    "deep": ladder_plan(CASES, (2048, 32768, 2**19)),
}


def components(plan: Plan) -> tuple[Component, ...]:
    """Slopes of root mean square overlaps, see exponents. On these ladders 0 is seen where the overlap is of order one
    and -1/2 where it is noise, up to the same allowance as on fresh batches."""
    return slope_components(plan, WATCHES)


def measure(plan: Plan, draw: Draw) -> Data:
    """Overlap sizes along the ladder."""
    return measure_overlaps(plan, draw, WATCHES)


def _named(part: str) -> Iterator[Watch]:
    return (watch for watch in WATCHES if part in watch.case)


def foils(plan: Plan) -> Mapping[str, Mapping[str, float]]:
    """Theories that forget the memory of a batch, or think that it opens everything."""
    hidden = [watch for watch in WATCHES if watch.case in ("He2, reused", "exchange, reused")]
    odd = [watch for watch in WATCHES if watch.step == 2 and "reused" in watch.case]
    return {
        "a batch forgets: as with fresh batches": everywhere(plan, odd, -0.5),
        "fresh batches do as well": everywhere(plan, _named("fresh"), 0.0),
        "reuse learns every direction": everywhere(plan, hidden, 0.0),
    }


def domain(setting: Setting) -> str | None:
    """Fresh batches or one for all steps, n = Theta(d), eta = Theta(p), within what theory.predict covers: not a
    quadratic sigma with the correlation loss on one batch.
    """
    try:
        said = predict(setting)
    except ValueError as reason:
        return str(reason)
    if (said.sample_exponent, said.rate_exponent) != (1, 0):
        return "n is not proportional to d, or eta not to p"
    return "rows are renormalised" if setting.regime.normalize_rows else None


CLAIM = Claim(
    id="reuse/reachable",
    title="two steps on one batch reach E[u | y]; fresh batches do not",
    statement=(
        "On one batch of n = Theta(d), from the second step on rows gain overlaps of order one with directions that "
        "E[u | y, u_U] spans and that the student's parity lets through (an even one never moves), whatever the leap: "
        "He3(z1), and z2 in z1 + He3(z2), where fresh batches leave d^(-1/2). What it never spans stays at d^(-1/2) "
        "for T = O(1) steps: even directions, z1 - z2 in tanh z1 + tanh z2."
    ),
    source="arXiv 2402.03220, Theorems on one and two steps; derived in docs/notes/reuse_staircase.md",
    blind="Sizes, not only exponents (reuse/trajectory has them); steps of the order of log d; n of another order.",
    domain=domain,
    plans=PLANS,
    components=components,
    measure=measure,
    foils=foils,
    mutants={"fresh batches": batch_redrawn, "linear terms in the labels": linear_terms_added},
)
