"""Runs beside what theory says of them, as judged numbers: overlaps beside a limit, slopes beside exponents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import ceil, isfinite, log2
from typing import Any

import numpy as np

from theory import Prediction, fresh_limit, solve_dmft
from theory.problem import ProblemError, Setting

from ..face.directions import Summary, summarise
from ..verdict import ComponentRecord, Interval, decide, median_interval, sample_median, slope_interval

USUAL = 0.05  # the level that papers print
ERRORS = 8  # standard errors of a limit's own sampling that count as its allowance, as in the claims
SAMPLES = 2**18  # of the dynamical mean-field theory
HALF = 0.5  # between an overlap's possible exponents, 0 and -1/2


def judged(expected: Any, run: Any, alpha: float, margin: float, bias: float) -> tuple[ComponentRecord, ...]:
    """Every number that `expected` has of the run, or the runs, judged at alpha over their number.

    Raises ProblemError where they cannot be compared.
    """
    if not (margin > 0 and bias >= 0 and isfinite(margin + bias)):
        raise ProblemError(f"margin = {margin}, bias = {bias}: give a positive number, and one that is not negative")
    runs = list(run) if isinstance(run, Sequence) else [run]
    for each in runs:
        _check(expected, each)
    if isinstance(expected, Prediction):
        if len({each.setting.regime.d for each in runs}) > 1:
            return _slopes(expected, runs, alpha, margin, bias)
        expected = _limit(expected.setting)
    if len(runs) != 1:
        raise ProblemError("a limit is compared with one run; a Prediction also with several, at different d")
    return _overlaps(expected, runs[0], alpha, margin, bias)


def _check(expected: Any, run: Any) -> None:
    setting = getattr(expected, "setting", None)
    if not isinstance(setting, Setting) or not (isinstance(expected, Prediction) or hasattr(expected, "overlaps")):
        raise ProblemError(
            f"a {type(expected).__name__} says nothing of overlaps: give a claim, a Prediction, or what fresh_limit or "
            "solve_dmft returns"
        )
    if not all(hasattr(run, name) for name in ("setting", "at", "overlaps")):
        raise ProblemError(f"a {type(run).__name__} is no run: give a sim.Run, or a sequence of them")
    regime = replace(setting.regime, d=run.setting.regime.d)
    if run.setting != Setting(setting.target, setting.student, regime):
        raise ProblemError("the run is of another setting than the prediction: only d may differ")


def _limit(setting: Setting) -> Any:
    """Where the overlaps of one run tend to. Raises ProblemError, with the reason, where theory has no limit."""
    try:
        return solve_dmft(setting, samples=SAMPLES) if setting.regime.repeats_batches else fresh_limit(setting)
    except ProblemError as reason:
        raise ProblemError(
            f"beside one run a Prediction needs a limit, and beside several at different d none: {reason}"
        ) from None


def _overlaps(limit: Any, run: Any, alpha: float, margin: float, bias: float) -> tuple[ComponentRecord, ...]:
    student = run.setting.student
    if isinstance(student.second_layer, str) or isinstance(student.bias, str):
        raise ProblemError("where second layer or biases are drawn, so is the limit: give the student their p numbers")
    replicas, kept, p, k = run.overlaps.shape
    if kept != len(run.at) or (p, k) != limit.overlaps.shape[1:]:
        raise ProblemError(f"overlaps of shape {run.overlaps.shape}; (replicas, {len(run.at)}, p, k) is needed")
    share = alpha / (kept * p * k)
    _enough(replicas, share)
    errors = ERRORS * limit.overlaps_stderr if hasattr(limit, "overlaps_stderr") else limit.error[:, None, None]
    allowed = bias + np.broadcast_to(errors, limit.overlaps.shape)
    return tuple(
        _record(
            f"overlap of neuron {i + 1} with z{r + 1} at step {t}",
            *_median(run.overlaps[:, j, i, r], share),
            float(limit.overlaps[t, i, r]), margin, float(allowed[t, i, r]), share,
        )
        for j, t in enumerate(run.at) for i in range(p) for r in range(k)
    )  # fmt: skip


def _median(values: np.ndarray, alpha: float) -> tuple[float, Interval, Interval]:
    """Median and intervals at alpha and at 5 %; a diverged run may stand at either end, so it widens them to both."""
    ends = [np.where(np.isnan(values), end, values) for end in (-np.inf, np.inf)]
    found = []
    for level in (alpha, USUAL):
        low, high = (median_interval(samples, level) for samples in ends)
        found.append(Interval(low.lo, high.hi))
    own, usual = found
    return sample_median(ends[1]), own, usual


def _slopes(
    prediction: Prediction, runs: Sequence[Any], alpha: float, margin: float, bias: float
) -> tuple[ComponentRecord, ...]:
    """Slopes between neighbouring d of the log cosine, root mean square over neurons, along what theory names."""
    if margin + bias >= HALF:
        raise ProblemError(f"margin + bias = {margin + bias:g}: exponents lie 1/2 apart, give less than that")
    runs = sorted(runs, key=lambda run: run.setting.regime.d)
    x = np.log([run.setting.regime.d for run in runs])
    steps = sorted(set.intersection(*(set(run.at) for run in runs)) - {0})
    if len(set(x)) < len(x) or not steps:
        raise ProblemError("give one run for each d, all of them with a step in common after step 0")
    if any(getattr(run, "cosines", None) is None for run in runs):
        raise ProblemError('exponents are those of cosines: let the runs record=("cosines",)')
    first = summarise(runs[0], prediction)
    ladder = [replace(first, run=run) for run in runs]
    share = alpha / (len(first.names) * len(steps))
    _enough(min(len(run.overlaps) for run in runs), share / len(x))
    return tuple(
        _record(f"cosine with {name} at step {t}, slope for d = {low}..{high}", *found, exponent, margin, bias, share)
        for index, name in enumerate(first.names)
        for t in steps
        for exponent in [_exponent(first, index, t)]
        for (low, high), found in zip(_neighbours(runs), _stretches(ladder, x, index, t, share), strict=True)
    )


def _exponent(summary: Summary, index: int, step: int) -> float:
    """e in cosine ~ d^e."""
    if summary.learned_at is not None:
        learned = summary.learned_at[index]
        return -HALF if learned is None or learned > step else 0.0
    exponent = summary.exponents[index]
    if exponent is None or step != summary.run.setting.regime.steps:
        raise ProblemError(f"theory has no exponents here ({'; '.join(summary.notes)})")
    return exponent


def _neighbours(runs: Sequence[Any]) -> Iterator[tuple[int, int]]:
    return pairwise(run.setting.regime.d for run in runs)


def _stretches(
    ladder: Sequence[Summary], x: np.ndarray, index: int, step: int, alpha: float
) -> Iterator[tuple[float, Interval, Interval]]:
    """(estimate, interval, the one at 5 %) of every local slope; the intervals hold together at alpha."""
    with np.errstate(divide="ignore"):
        logs = [np.log(summary.sizes(index)[:, summary.run.at.index(step)]) for summary in ladder]
    medians = np.array([sample_median(values) for values in logs])
    slopes = [
        slope_interval(x.tolist(), [median_interval(values, level / len(x)) for values in logs]).local
        for level in (alpha, USUAL)
    ]
    with np.errstate(invalid="ignore"):
        estimates = np.diff(medians) / np.diff(x)
    return zip(map(float, estimates), *slopes, strict=True)


def _enough(replicas: int, alpha: float) -> None:
    """An order statistic bounds a median at alpha only if so many samples cannot all fall on one side of it."""
    least = ceil(log2(2 / alpha))
    if replicas < least:
        raise ProblemError(f"{replicas} replicas cannot bound a median at alpha = {alpha:.2g}: at least {least} can")


def _record(
    name: str, estimate: float, interval: Interval, usual: Interval,
    prediction: float, margin: float, bias: float, alpha: float,
) -> ComponentRecord:  # fmt: skip
    """Judged once and for all: a run that is handed in is the only stage there is."""
    status, resolved = decide(interval.shifted(-prediction), margin, bias, final=True)
    return ComponentRecord(name, status, estimate, interval, prediction, margin, bias, alpha, usual, resolved)
