"""One step at the maximal rate, prefactor n^(1/2): what `predict --rate-exponent 0.5` says."""

from __future__ import annotations

from typing import Any

from theory import MaximalRateErrors, ProblemError, maximal_rate_errors, random_feature_errors

from .spikes_forecast import ERRORS, Step, representable
from .terminal import heading, table

EXPONENT = 0.5


@representable()
def maximal(step: Step) -> MaximalRateErrors:
    """n samples for the step as for the fit: alpha0 = 1/phi, n/p = psi/phi, p/d = 1/psi; eta~ = prefactor sqrt(n/p),
    for eta p = sqrt(p) prefactor n^(1/2); the penalty there is gamma = ridge psi/phi.

    All alpha_i = 1, not Gaussian: one direction in each neuron. Raises ProblemError as `maximal_rate_errors` does, and
    without a penalty or with the network in the residual.
    """
    if step.scaling != "mean-field":
        raise ProblemError("at rate exponent 1/2 theory has the residual y alone: leave --scaling at mean-field")
    if step.ridge is None:
        raise ProblemError("at rate exponent 1/2 theory gives errors of ridge regression: give --ridge")
    share = step.psi / step.phi
    sizes: dict[str, Any] = {"alpha0": 1 / step.phi, "samples_per_width": share, "ratio": 1 / step.psi}
    try:
        return maximal_rate_errors(
            step.target, step.activation, eta=step.prefactor * share**0.5, ridge=step.ridge * share, **sizes
        )
    except ProblemError as error:
        raise ProblemError(f"rate exponent 1/2: {error}") from None


def maximal_json(step: Step, found: MaximalRateErrors) -> dict[str, Any]:
    """The field "spikes" of `giantstep predict --json` at the maximal rate."""
    before = random_feature_errors(step.target, step.activation, phi=step.phi, psi=step.psi, ridge=step.ridge)
    return {
        **step.sizes, "phi": step.phi, "psi": step.psi, "eta": step.eta, "regime": "maximal", "ridge": step.ridge,
        "gamma": found.ridge,
        "maximal_rate": {"alpha0": found.alpha0, "eta": found.eta, "samples_per_width": found.samples_per_width,
                         "ratio": found.ratio, "spike": found.spike, "alignment": found.alignment},
        "errors": {"before": {name: getattr(before, name) for name in ERRORS},
                   "after": {name: getattr(found, name) for name in ERRORS}},
        "notes": ["all alpha_i = 1: at this rate the second layer matters, and theory has one value of it"],
    }  # fmt: skip


def print_maximal(out: Any, body: dict[str, Any]) -> None:
    """The same as a table."""
    sizes, errors = body["maximal_rate"], body["errors"]
    out.print(heading(f"one step at the maximal rate, {body['prefactor']:g} n^(1/2) = {sizes['eta']:.4g} sqrt(p)"))
    rows = [
        (name.replace("_", " "), *[f"{value:.5g}" for value in (before, after, before - after)])
        for name, before, after in ((name, errors["before"][name], errors["after"][name]) for name in ERRORS)
    ]
    out.print(table(("limit", "before", "after", "gain"), rows))
    for note in body["notes"]:
        out.print(heading(f"note: {note}"))
