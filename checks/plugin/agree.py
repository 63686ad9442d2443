"""The assertion of a statistical test: a claim's verdict, or a prediction beside runs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from theory.problem import ProblemError

from ..claim import Claim
from ..draw import Simulate
from ..verdict import Budget, ComponentRecord, Status, Verdict
from . import current
from .beside import judged
from .spending import Allowance

SHOWN = 5  # of the numbers that do not agree


def assert_agrees(
    expected: Any,
    run: Any = None,
    *,
    simulate: Simulate | None = None,
    margin: float | None = None,
    bias: float = 0.0,
) -> Verdict | tuple[ComponentRecord, ...]:
    """Fail the running test unless theory and simulation agree, at the next part of the test's alpha.

    expected, a claim (its id, or a Claim of your own): judged as `giantstep verify` does, with --giantstep-deep at its
        depth, with dynamics from `simulate` (by default sim.simulate). Margins are the claim's own. Gives the Verdict.
    expected, a limit (of fresh_limit or solve_dmft), and a run: every overlap <w_i, w*_r> at every step the run kept
        must have its median within `margin` of the limit's.
    expected, a Prediction, and a run: the same, beside the limit of its setting. And several runs at different d: the
        slopes of log cosine against log d, direction by direction, between neighbouring d, within `margin` of theory's.
    margin: by default that of the test's mark; in the unit compared. bias: the finite-size allowance, in that unit.
    Gives the judged numbers, intervals included. Whatever is not AGREE raises AssertionError, with the line that runs
    the test again. Raises ProblemError on what cannot be compared, outside a test, and inside @given: Hypothesis
    looks for the unluckiest seed, and no error rate survives that.
    """
    __tracebackhide__ = True
    own = _own()
    if isinstance(expected, str | Claim):
        if run is not None or margin is not None or bias:
            raise ProblemError("a claim has margins of its own and does its own runs: give it simulate=..., no run")
        return _verified(own, expected, simulate)
    margin = own.margin if margin is None else margin
    if run is None or simulate is not None:
        raise ProblemError("a prediction is compared with a run: assert_agrees(prediction, run), without simulate")
    if margin is None:
        raise ProblemError("how large an error would matter? Mark the test with giantstep(margin=...), or give margin")
    share = own.take(type(expected).__name__)
    records = judged(expected, run, share.alpha, margin, bias)
    wrong = [record for record in records if record.status is not Status.AGREE]
    own.decided(_worst(records))
    if wrong:
        raise AssertionError(_message(own, f"{len(wrong)} of {len(records)} numbers do not agree", wrong))
    return records


def _own() -> Allowance:
    """What the running test may spend."""
    own = current.get()
    if own is None:
        raise ProblemError("assert_agrees spends the error budget of a test: call it in one, run by pytest")
    hypothesis = sys.modules.get("hypothesis")
    if hypothesis is not None and hypothesis.currently_in_test_context():
        raise ProblemError(
            "assert_agrees inside @given decides by the unluckiest example: use giantstep probe for that"
        )
    return own


def _verified(own: Allowance, claim: str | Claim, simulate: Simulate | None) -> Verdict:
    __tracebackhide__ = True
    from ..verification import verify

    share = own.take(claim if isinstance(claim, str) else claim.id)
    verdict = verify(claim, Budget(*share), simulate, seed=own.seed, depth="deep" if own.deep else "quick")
    own.decided(verdict.status)
    if verdict.status is not Status.AGREE:
        wrong = [record for record in verdict.components if record.status is not Status.AGREE]
        alive = [f"{name} came to {status}" for name, status in verdict.foils if status is not Status.DISAGREE]
        head = f"{verdict.claim}: {verdict.status}"
        if verdict.status is Status.POWERLESS:
            head += f", since wrong theories survive: {', '.join(alive)}"
        raise AssertionError(_message(own, head, wrong, f"the claim alone: {verdict.replay}"))
    return verdict


def _worst(records: Iterable[ComponentRecord]) -> str:
    statuses = {record.status for record in records}
    order = (Status.DISAGREE, Status.INCONCLUSIVE, Status.AGREE)
    return next(str(status) for status in order if status in statuses)


def _message(own: Allowance, head: str, wrong: Sequence[ComponentRecord], *more: str) -> str:
    """What disagrees, the farthest first, and how to see it again."""
    farthest = sorted(wrong, key=lambda record: -record.excess)
    lines = [_line(record) for record in farthest[:SHOWN]]
    rest = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
    return "\n  ".join([head, *lines, *rest, *more, f"run it again: {own.replay}"])


def _line(record: ComponentRecord) -> str:
    allowed = f"margin {record.margin:g}" + (f", bias {record.bias:.3g}" if record.bias else "")
    return (
        f"{record.name}: estimate {record.estimate:.5g} in [{record.interval.lo:.5g}, {record.interval.hi:.5g}] at "
        f"alpha {record.alpha:.2g}, prediction {record.prediction:.5g}, {allowed}: {record.status}"
    )
