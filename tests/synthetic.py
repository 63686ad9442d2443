"""Verdicts made up for tests of what people see: every status, every kind of component, old records, hostile names."""

from dataclasses import replace
from math import inf

from checks.verdict import ComponentRecord, Fate, Interval, Rung, Status, Verdict

AGREE, DISAGREE, INCONCLUSIVE, POWERLESS = Status


def component(name: str, status: Status, lo: float, hi: float, predicted: float = 1.0) -> ComponentRecord:
    """A record with margin 0.2 and bias 0.05; an exponent if its name says so."""
    middle = (lo + hi) / 2 if hi - lo < inf else predicted
    ladder = ()
    if "slope" in name:
        ladder = tuple(Rung(x, x**predicted, Interval(0.9 * x**predicted, 1.1 * x**predicted)) for x in (64.0, 1024.0))
    inner = Interval(middle - (middle - lo) / 2, middle + (hi - middle) / 2) if hi - lo < inf else Interval(lo, hi)
    return ComponentRecord(
        name, status, middle, Interval(lo, hi), predicted, 0.2, 0.05, 1e-6, inner,
        resolved_bias=status is AGREE and lo > predicted + 0.05, ladder=ladder,
    )  # fmt: skip


def verdict(claim: str, *components: ComponentRecord, status: Status = AGREE) -> Verdict:
    """A verdict on `claim` with a refuted theory and a wrong simulator, which survives where the status says so."""
    far = replace(components[0], prediction=components[0].prediction + 3.0, status=DISAGREE)
    alive = INCONCLUSIVE if status is POWERLESS else DISAGREE
    worst = max(components, key=lambda record: record.excess)
    return Verdict(
        claim, claim.partition("/")[0], status, worst.estimate, worst.interval, worst.prediction, worst.margin,
        worst.bias, 1e-5, 0.999, 640, (64, 1024), 7, 12.5,
        ("resolved_bias",) if any(c.resolved_bias for c in components) else (), components,
        (("twice the learning rate", DISAGREE), ("no memory", alive)), f"giantstep verify {claim} --seed 7 --no-store",
        (Fate("twice the learning rate", "theory", far), Fate("no memory", "simulator", replace(far, status=alive))),
    )  # fmt: skip


def one_of_each() -> list[Verdict]:
    """Verdicts on shipped claims in every status; the second has an exponent, the third is of an earlier version."""
    ok = component("relu: signal", AGREE, 0.95, 1.1), component("relu: noise", AGREE, 1.06, 1.15)
    slope = component("slope, d = 64..1024", AGREE, -0.55, -0.45, -0.5)
    return [
        verdict("giant-step/one-step-norm", *ok),
        verdict("giant-step/one-direction", slope, component("side", DISAGREE, 1.9, 2.4), status=DISAGREE),
        replace(verdict("reuse/trajectory", component("norm", INCONCLUSIVE, -inf, inf), status=INCONCLUSIVE), fates=()),
        verdict("exactness/descent", component("tanh (direct)", AGREE, 0.99, 1.01), status=POWERLESS),
    ]


HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "--><svg/onload=alert(1)>", "]]></title><b>",
    "$\\frac{1}{2}$", "{{ 7 * 7 }}", "javascript:alert(1)", "' onclick='alert(1)", "\u202egnihton\x0b", "&lt;i&gt;",
]  # fmt: skip
