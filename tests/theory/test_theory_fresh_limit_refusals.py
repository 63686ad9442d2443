"""Where there is no fresh-batch limit, or no rule for it, the reason is said."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from theory import ProblemError, Regime, Setting, Student, Target, fresh_limit

PAIR = (0.9, -0.9)


def setting(target: str = "z1", student: Student | None = None, **regime: Any) -> Setting:
    regime = {"d": 100, "n": "2*d", "eta": "p", **regime}
    return Setting(Target(target), student or Student("tanh", 2, PAIR), Regime(**regime))


@pytest.mark.parametrize(("stated", "words"), [
    (setting(batch="reused", steps=2), "reused batch"),
    (setting(batch=(0, 1, 0), steps=3), "reused batch"),
    (setting(extragradient=0.1), "looking ahead"),
    (setting(n=200), r"order d\^\(0\)"),
    (setting(n="d**2"), r"order d\^\(2\)"),
    (setting(n="sqrt(d)"), r"order d\^\(1/2\)"),
    (setting(n="10**4 - d"), "n/d tends to -1"),
    (setting(eta="p*sqrt(d)"), r"order d\^\(1/2\)"),
    (setting(eta="1/d"), r"order d\^\(-1\)"),
    (setting(student=Student("tanh", 2)), "second_layer = 'uniform' is random"),
    (setting(student=Student("tanh", 2, PAIR, bias="gaussian")), "bias = 'gaussian' is random"),
    (setting(student=Student("exp(u**2/8)", 2, PAIR)), "at most exponential"),
    (setting("z1**2", student=Student("He5", 2, PAIR), eta="10**6*p", steps=12), "diverges"),
    (setting("0*z1", weight_decay=0.5, normalize_rows=True), "vanishes"),
])  # fmt: skip
def test_no_limit(stated: Setting, words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        fresh_limit(stated)


@pytest.mark.parametrize(("stated", "words"), [
    (setting("abs(z1)"), "target without kinks"),
    (setting(student=Student("relu(tanh(u))", 2, PAIR)), "roots of affine"),
    (setting(student=Student("relu", 4, (*PAIR, *PAIR)), steps=2), "two axes"),
    (setting(student=Student("tanh", 4, (*PAIR, *PAIR)), steps=2), "3 axes"),
])  # fmt: skip
def test_no_rule(stated: Setting, words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        fresh_limit(stated, method="quadrature")
    assert fresh_limit(stated, samples=1 << 8).method == "qmc"


@pytest.mark.parametrize("keywords", [
    {"alpha": PAIR}, {"bias": 0.5}, {"method": "exact"}, {"samples": 1000}, {"samples": 0}, {"rng": -1},
])  # fmt: skip
def test_bad_keywords(keywords: dict[str, Any]) -> None:
    with pytest.raises(ProblemError):
        fresh_limit(setting(), **{"method": "qmc", **keywords})


@pytest.mark.parametrize("alpha", [(0.9,), (0.9, 0.9), (np.nan, 1.0), 0.5])
def test_bad_second_layers(alpha: Any) -> None:
    with pytest.raises(ProblemError):
        fresh_limit(setting(student=Student("tanh", 2)), alpha=alpha)


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = "import sys, theory; print(sorted({'numpy', 'scipy', 'numba'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
