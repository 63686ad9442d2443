"""Runs of one step with a growing rate: features and ridge errors before and after, beside what theory says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

import sim
from theory import (
    Activation,
    ProblemError,
    Regime,
    Setting,
    Student,
    Target,
    hermite_coefficients,
    hermite_tensor,
)
from theory.problem.scalars import finite as number

from ..campaign import Campaign, Work, joined, part_size, parts
from ..simulation import PARTS, READOUT, TEST_SAMPLES
from .directions import Cell, cell
from .spikes_forecast import ERRORS, Step

LARGEST = 1e100  # prefactor: squares of what it multiplies still are numbers


def spikes_part(arguments: Mapping[str, Any], first: int, count: int, threads: int | None) -> dict[str, np.ndarray]:
    """values (count, 2, min(n, p)), singular values before and after the step, where "spectrum"; and ERRORS (count, 2)
    of ridge on n fresh samples with the penalty "gamma" of a readout, where it is not None.

    arguments: "setting" (JSON), "rng", "method", "gamma" and "spectrum".
    """
    setting, rng, gamma = Setting.from_json(arguments["setting"]), arguments["rng"], arguments["gamma"]
    run = sim.simulate(setting, rng, count, arguments["method"], ("rows",), (0, 1), first=first, threads=threads)
    stream = np.random.SeedSequence(rng, spawn_key=(READOUT,))
    found = {}
    if arguments["spectrum"]:
        found["values"] = run.features(setting.n, stream, threads=threads).values
    if gamma is not None:
        how = {"test_samples": TEST_SAMPLES, "route": "rows", "threads": threads}
        fits = [run.readout(setting.n, gamma, stream, at=t, **how) for t in (0, 1)]
        found |= {name: np.stack([getattr(fit, name) for fit in fits], axis=1) for name in ERRORS}
    return found


@dataclass(frozen=True)
class SpikeRun:
    """What `spikes_part` gives for all replicas, and the step it was of."""

    step: Step
    setting: Setting
    seed: int
    arrays: dict[str, np.ndarray]

    @property
    def replicas(self) -> int:
        """How many networks."""
        return len(next(iter(self.arrays.values())))

    @property
    def gamma(self) -> float | None:
        """The penalty in the convention of a readout."""
        return gamma_of(self.step)

    def errors(self, name: str) -> dict[str, Cell]:
        """Medians before and after, of the gain and of the ratio after/before, replica by replica: both are on the same
        samples, so what these have in common drops out."""
        before, after = (large(values) for values in self.arrays[name].T)
        return {
            "before": cell(before), "after": cell(after), "gain": cell(before - after), "ratio": cell(self.ratios(name))
        }  # fmt: skip

    def ratios(self, name: str) -> np.ndarray:
        """(replicas,): the error after the step over that before; infinite where the run diverged."""
        before, after = self.arrays[name].T
        return large(np.divide(after, before, out=np.full_like(after, np.nan), where=before > 0))

    def to_json(self) -> dict[str, Any]:
        """What was run."""
        body = {"schema": 1, "setting": self.setting.to_json(), "seed": self.seed, "replicas": self.replicas}
        rate = {"rate_exponent": self.step.rate_exponent, "prefactor": self.step.prefactor, "eta": self.step.eta}
        return {**body, **rate, "ridge": self.step.ridge, "gamma": self.gamma}


def large(values: np.ndarray) -> np.ndarray:
    """A run that diverged counts as large."""
    return np.where(np.isnan(values), np.inf, values)


def gamma_of(step: Step) -> float | None:
    """ridge n/p: of features over sqrt(p) and not times n."""
    return None if step.ridge is None else step.ridge * step.n / step.width


def centred(target: Target, activation: Activation) -> tuple[Target, Activation]:
    """f* - E f* and sigma - E sigma(g): features and labels are fitted without an intercept."""
    mean, constant = hermite_tensor(target, 0)[()], hermite_coefficients(activation, 0)[0]
    if mean != 0:
        target = Target(target.expr - mean, k=target.k, noise=target.noise)
    return target, activation if constant == 0 else Activation(activation.expr - constant)


def spike_setting(
    target: Target, activation: Activation, sizes: Mapping[str, Any], rate: tuple[float, float], how: Mapping[str, str]
) -> tuple[Step, Setting]:
    """The step of `spike_spectrum` and the Student that takes it: Gaussian second layer, independent neurons, eta =
    prefactor n^alpha, times sqrt(p) with mean-field scaling; everything centred.

    sizes: d, n (numbers or expressions), p and ridge; rate: alpha and prefactor; how: scaling and loss.
    """
    exponent, prefactor = number(rate[0], "rate-exponent"), number(rate[1], "prefactor", low=0)
    if not 0 <= exponent <= 0.5:
        raise ProblemError(f"rate-exponent = {exponent:g} does not lie between 0 and 1/2, the maximal rate")
    if not 0 < prefactor <= LARGEST:
        raise ProblemError(f"prefactor = {prefactor:g}: give a number above 0, at most {LARGEST:g}, such as 1 or 2")
    own_target, own_activation = centred(target, activation)
    student = Student(own_activation, sizes["p"], "gaussian", init="plain", scaling=how["scaling"])
    regime = {"d": sizes["d"], "n": sizes["n"], "steps": 1, "loss": how["loss"]}
    n = Setting(own_target, student, Regime(eta=1, **regime)).n
    eta = prefactor * float(n) ** exponent * (float(sizes["p"]) ** 0.5 if how["scaling"] == "mean-field" else 1.0)
    setting = Setting(own_target, student, Regime(eta=eta, **regime))
    kept = "ntk" if how["scaling"] == "ntk" and how["loss"] == "squared" else "mean-field"  # f0 in the residual or not
    ridge = None if sizes["ridge"] is None else number(sizes["ridge"], "ridge", low=0)
    ratios = sizes["d"] / n, sizes["d"] / sizes["p"]
    sized = (n, sizes["d"], sizes["p"], *ratios)
    return Step(target, activation, *sized, exponent, prefactor, ridge, kept), setting


def run_each(
    campaign: Campaign, steps: Sequence[tuple[Step, Setting]], *, seed: int, replicas: int, method: str, spectrum: bool
) -> Iterator[SpikeRun]:
    """A SpikeRun for every step, in order; all share their data and initial rows. Raises ProblemError beforehand."""
    plan = []
    for step, setting in steps:
        sim.estimate(setting, replicas, ("rows",), (0, 1))
        body = {"setting": setting.to_json(), "rng": seed, "method": method, "gamma": gamma_of(step)}
        work = Work(spikes_part, {**body, "spectrum": spectrum})
        plan.append(list(parts(work, 0, replicas, part_size(replicas, PARTS))))
    campaign.expect(sum(map(len, plan)))
    results = campaign.run(task for tasks in plan for task in tasks)
    for (step, setting), tasks in zip(steps, plan, strict=True):
        yield SpikeRun(step, setting, seed, joined(islice(results, len(tasks))))
