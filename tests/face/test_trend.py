"""Exponents of a sweep: slopes of medians, with intervals that hold together, beside what theory says."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from checks.face.directions import Summary, summarise
from checks.face.figures import exponents
from checks.face.swept import sweep_of
from checks.face.trend import heads, row, trends
from theory import ProblemError, Regime, Setting, Student, Target


def summary(d: int, exponent: float, spread: float, replicas: int = 200) -> Summary:
    """One direction whose cosine is d^exponent up to noise, the same for all neurons."""
    rng = np.random.default_rng(d)
    cosines = d**exponent * np.exp(spread * rng.normal(size=(replicas, 1, 1, 1))) * np.ones((1, 1, 3, 1))
    run = SimpleNamespace(
        setting=Setting(Target("z1"), Student("relu", 2), Regime(d, "4*d", "p")), cosines=cosines, at=(1,)
    )
    return Summary(run, np.eye(1), ("z1",), (1,), (exponent,), ())


def test_a_power_without_noise_is_found_exactly() -> None:
    (trend,) = trends([summary(d, -0.25, 0.0) for d in (16, 64, 1024)], "d")
    assert (trend.sizes, trend.theory) == ((16, 64, 1024), -0.25)
    for cell in (trend.overall, *trend.local):
        assert cell == pytest.approx((-0.25, -0.25, -0.25), abs=1e-12)
    assert heads(trend) == ("direction", "theory", "overall", "16..64", "64..1024")
    assert row(trend)[:2] == ("z1", "-0.25")


def test_intervals_cover_and_narrow_with_longer_stretches() -> None:
    (trend,) = trends([summary(d, 0.5, 0.3) for d in (16, 32, 4096)], "d")
    short, long = trend.local
    assert all(cell.low < 0.5 < cell.high for cell in (trend.overall, short, long))
    assert long.high - long.low < (short.high - short.low) / 5


def test_too_few_replicas_bound_nothing_and_one_size_has_no_slope() -> None:
    (trend,) = trends([summary(d, 0.5, 0.3, replicas=4) for d in (16, 32)], "d")
    assert (trend.overall.low, trend.overall.high) == (-np.inf, np.inf)
    assert trend.to_json()["local"][0][1:] == ["-inf", "inf"]
    assert trends([summary(16, 0.0, 0.0)], "d") == ()


def test_theory_has_no_exponent_in_n() -> None:
    (trend,) = trends([summary(d, 0.5, 0.1) for d in (16, 32)], "n")
    assert trend.theory is None
    assert row(trend)[1] == "-"


def recorded(target: str, **regime: Any) -> Any:
    setting = Setting(Target(target), Student("relu", 2), Regime(64, **regime))
    k, steps = setting.target.k, setting.regime.steps
    return SimpleNamespace(
        setting=setting, cosines=np.zeros((5, steps + 1, 2, k)), at=range(steps + 1), alpha=np.ones(5)
    )


def test_exponents_of_one_step_at_any_sample_size() -> None:
    hard = summarise(recorded("z1 + He2(z2)", n="d**2", eta="p*d**(1/2)"))
    assert (hard.exponents, hard.learned_at) == ((0.0, -0.5), None)
    removed = summarise(recorded("z1 + He2(z2)", n="d**2", eta="p*d**(1/2)", preprocess=1))
    assert removed.exponents == (-0.5, 0.0)
    assert any("no staircase" in note for note in removed.notes)
    assert [said for _, said, _ in removed.rows()] == ["d^(-0.5) at the end", "d^(0) at the end"]


def test_several_steps_away_from_n_of_order_d_have_no_exponents() -> None:
    later = summarise(recorded("z1 + He2(z2)", n="d**2", eta="p*d**(1/2)", steps=2))
    assert later.exponents == (None, None)


def test_a_number_of_samples_that_is_fixed_has_no_exponents() -> None:
    assert summarise(recorded("z1", n=256, eta="p")).exponents == (None,)


def test_a_figure_of_runs_that_all_diverged_is_refused() -> None:
    lost = [replace(summary(d, np.nan, 0.0), exponents=(None,)) for d in (16, 32)]
    with pytest.raises(ProblemError, match="every run diverged"):
        exponents(sweep_of(lost, "d"), ax=Figure())
