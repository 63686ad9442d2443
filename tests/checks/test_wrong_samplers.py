"""The plain samplers that carry planted errors: right without a lie, and every lie shows in what the claims look at.

LEVEL bounds, for each test, how often it would tell two equal laws apart (or see a lie that is none).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ks_2samp

import sim
from checks.catalogue.exactness import chain, conditioned, dice, solvable
from checks.catalogue.exactness.views import views
from checks.samplers import chain as chain_sampler
from checks.samplers import conditioned as conditioned_sampler
from checks.samplers import dice as dice_sampler
from checks.samplers.parts import Sampler, planted
from theory import ProblemError, Setting

LEVEL = 1e-6
REPLICAS = 4000
PARTS = {
    "conditioned": (conditioned, conditioned_sampler.simulate),
    "dice": (dice, dice_sampler.simulate),
    "chain": (chain, chain_sampler.simulate),
}
LIES = [
    ("conditioned", conditioned_sampler.WISHART_FORGOTTEN, "symmetric pairs, p + k = d"),
    ("conditioned", conditioned_sampler.DEGREES, "p + k > d, k = 3, ntk, weight decay"),
    ("conditioned", conditioned_sampler.UNPROJECTED, "unit rows, linear part removed"),
    ("dice", dice_sampler.UNPROJECTED, "batches 0, 1, 0, p + k > d, ntk, weight decay"),
    ("chain", chain_sampler.NORM_INSIDE, "symmetric pair, p + k = d"),
    ("chain", chain_sampler.DEGREES, "looks ahead, k = 3, unit rows"),
    ("chain", chain_sampler.RESAMPLED, "twice, once, ntk, weight decay"),
]


def corners(settings: Mapping[str, Setting]) -> Iterator[str]:
    return (name for name in settings if name not in (solvable.NAME, "larger"))


QUICK = [(method, name) for method, (module, _) in PARTS.items() for name in corners(module.QUICK)]
DEEP = [(method, name) for method, (module, _) in PARTS.items() for name in corners(module.DEEP)]


def p_value(setting: Setting, one: object, two: object) -> float:
    """Bonferroni over the views of two-sample Kolmogorov-Smirnov p-values."""
    pairs = [(look(one), look(two)) for look in views(setting).values()]
    assert np.isfinite(pairs).all()
    values = [ks_2samp(*pair, method="asymp").pvalue for pair in pairs]
    return min(1.0, len(values) * min(values))


def sampled(sampler: Sampler, setting: Setting, lie: str | None = None) -> object:
    return sampler(setting, np.random.default_rng(17), REPLICAS, lie)


@pytest.mark.parametrize(("method", "name"), QUICK)
def test_without_a_lie_a_sampler_has_the_law_of_explicit_descent(method: str, name: str):
    module, sampler = PARTS[method]
    setting = module.QUICK[name]
    direct = sim.simulate(setting, 18, REPLICAS, method="direct")
    assert p_value(setting, sampled(sampler, setting), direct) > LEVEL


@pytest.mark.parametrize(("method", "name"), DEEP)
def test_without_a_lie_a_sampler_has_the_law_of_the_simulator_it_doubles(method: str, name: str):
    module, sampler = PARTS[method]
    setting = module.DEEP[name]
    run = sim.simulate(setting, 19, REPLICAS, method=method)
    assert p_value(setting, sampled(sampler, setting), run) > LEVEL


@pytest.mark.parametrize(("method", "lie", "name"), LIES)
def test_every_lie_shows_without_the_case_solved_in_closed_form(method: str, lie: str, name: str):
    module, sampler = PARTS[method]
    setting = module.QUICK[name]
    truth = sampler(setting, np.random.default_rng(20), REPLICAS, None)
    assert p_value(setting, sampled(sampler, setting, lie), truth) < LEVEL


def test_a_batch_drawn_again_shows_without_the_case_solved_in_closed_form():
    setting = dice.QUICK["reused, symmetric pairs, more neurons than samples"]
    wrong = dice.redrawn(sim.simulate)(setting, rng=21, replicas=REPLICAS, method="dice")
    assert p_value(setting, wrong, sampled(dice_sampler.simulate, setting)) < LEVEL


@pytest.mark.parametrize("mutant", [dice.redrawn, planted(dice_sampler.simulate, dice_sampler.UNPROJECTED)])
def test_a_wrong_simulator_may_be_asked_without_a_method(mutant):
    setting = dice.QUICK["reused, symmetric pairs, more neurons than samples"]
    right = sim.simulate(setting, rng=3, replicas=2, method="direct")
    chosen = mutant(sim.simulate)(setting, rng=3, replicas=2)
    assert chosen.gram.shape == right.gram.shape
    assert (chosen.gram != right.gram).any()


@pytest.mark.parametrize("mutant", [dice.redrawn, planted(dice_sampler.simulate, dice_sampler.UNPROJECTED)])
def test_a_wrong_simulator_is_right_about_explicit_data(mutant):
    setting = dice.QUICK["reused, symmetric pairs, more neurons than samples"]
    right = sim.simulate(setting, rng=3, replicas=2, method="direct")
    assert np.array_equal(mutant(sim.simulate)(setting, rng=3, replicas=2, method="direct").gram, right.gram)


@pytest.mark.parametrize(
    ("method", "outside"),
    [
        ("conditioned", {"steps": 2, "batch": (0, 0)}),
        ("conditioned", {"extragradient": 0.1}),
        ("chain", {"n": 2}),
        ("chain", {"preprocess": 0}),
        ("chain", {"steps": 3, "batch": (0, 1, 0)}),
    ],
)
def test_what_a_sampler_cannot_do_is_refused(method: str, outside: dict):
    module, sampler = PARTS[method]
    setting = next(iter(module.QUICK.values()))
    with pytest.raises(ProblemError):
        sampled(sampler, Setting(setting.target, setting.student, replace(setting.regime, **outside)))


@pytest.mark.parametrize("method", PARTS)
def test_the_random_walk_has_the_law_in_closed_form(method: str):
    module, _ = PARTS[method]
    setting = module.QUICK[solvable.NAME]
    data = solvable.measure(sim.simulate(setting, 22, REPLICAS, method="direct"))
    for component in solvable.components(setting, margin=0.1):
        _, interval = component.interval(data, LEVEL / 2)
        assert interval.lo == 0.0
