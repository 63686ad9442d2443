"""Everything theory says about one step whose rate grows with n, for `giantstep predict` and beside runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from theory import (
    Activation,
    ProblemError,
    SpikeErrors,
    SpikeGains,
    SpikeSize,
    SpikeSpectrum,
    Target,
    leap_index,
    spike_errors,
    spike_gains,
    spike_regime,
    spike_sizes,
    spike_spectrum,
    visible_from,
)
from theory.problem.regime import MAX_DIMENSION
from theory.problem.scalars import finite

from .lines import finite as said

ERRORS = ("train_loss", "train_error", "test_error")


@dataclass(frozen=True)
class Step:
    """One step W0 + prefactor n^rate_exponent G on n samples, then ridge on n others.

    Features sigma(W x), sigma and target centred, penalty ridge n on |a|^2. phi, psi: d/n and d/N before they were
    rounded, for limits. scaling: "mean-field" or "ntk", as in `spike_spectrum`.
    """

    target: Target
    activation: Activation
    n: int
    d: int
    width: int
    phi: float
    psi: float
    rate_exponent: float
    prefactor: float
    ridge: float | None
    scaling: str

    @property
    def eta(self) -> float:
        """The rate in units of the features sigma(W x); a mean-field Student's own is sqrt(N) times it."""
        return self.prefactor * float(self.n) ** self.rate_exponent

    @property
    def sizes(self) -> dict[str, Any]:
        """n, d, width, the rate and the scaling, as the functions of theory take them."""
        return {"n": self.n, "d": self.d, "width": self.width, **self.rate}

    @property
    def rate(self) -> dict[str, Any]:
        """The rate and the scaling."""
        return {"rate_exponent": self.rate_exponent, "prefactor": self.prefactor, "scaling": self.scaling}


@contextmanager
def representable() -> Iterator[None]:
    """Turns an overflow of float64 into a ProblemError."""
    try:
        yield
    except OverflowError:
        raise ProblemError("the step is too large for float64; give a smaller prefactor, or a smaller target") from None


def sized(
    target: Target, activation: Activation, n: int, phi: float, psi: float, ridge: float | None, rate: dict[str, Any]
) -> Step:
    """A Step at d = phi n and N = d/psi, rounded. Raises ProblemError for ratios that leave nothing of them, or too
    much."""
    phi, psi = finite(phi, "phi", low=1e-6), finite(psi, "psi", low=1e-6)
    if max(phi * n, phi * n / psi) > MAX_DIMENSION:
        raise ProblemError(
            f"n = {n}, phi = {phi:g}, psi = {psi:g}: d = phi n and N = d/psi may be {MAX_DIMENSION} at most"
        )
    d, width = round(phi * n), round(phi * n / psi)
    if n < 2 or d < 1 or width < 1:
        raise ProblemError(f"n = {n}, d = phi n = {d}, N = d/psi = {width}: give n of at least 2 that leaves d, N >= 1")
    return Step(target, activation, n, d, width, phi, psi, ridge=ridge, **rate)


@dataclass(frozen=True)
class Forecast:
    """gains: limits in this regime, at the ratios of the step; errors: at its n. Both None without a penalty.

    visible: for every spike of the regime with c_k != 0 the n from which on it separates from the bulk.
    """

    step: Step
    regime: int
    sizes: tuple[SpikeSize, ...]
    spectrum: SpikeSpectrum
    visible: dict[int, float]
    gains: SpikeGains | None
    errors: SpikeErrors | None

    @property
    def notes(self) -> list[str]:
        """What a reader might miss."""
        found = [] if self.step.scaling == "mean-field" else ["ntk: f0 is kept in the residual"]
        missing = [str(size.order) for size in self.sizes if size.order <= self.regime and size.size == 0]
        if missing:
            found.append(f"c_k = 0 of {self.step.activation.name} for k = {', '.join(missing)}: no spike there")
        leap = leap_index(self.step.target)
        if leap != 1:
            found.append(
                f"information exponent {leap}: the step turns to no direction of the target and gains nothing at any "
                "rate, as n grows; its spikes are noise"
            )
        return found

    def to_json(self) -> dict[str, Any]:
        """The field "spikes" of `giantstep predict --json`."""
        step, spectrum, gains, errors = self.step, self.spectrum, self.gains, self.errors
        body = {
            **step.sizes, "phi": step.phi, "psi": step.psi, "eta": step.eta, "regime": self.regime,
            "sizes": [{"order": s.order, "size": s.size, "exponent": said(s.exponent)} for s in self.sizes],
            "edge": spectrum.edge, "outliers": list(spectrum.outliers),
            "initial_outliers": list(spectrum.initial_outliers), "alignments": spectrum.alignments.tolist(),
            "kappa": spectrum.kappa, "tau": spectrum.tau,
            "visible_from": {str(order): said(n) for order, n in self.visible.items()},
        }  # fmt: skip
        if gains is not None and errors is not None:
            body["ridge"], body["gamma"] = step.ridge, gains.before.gamma
            body["gains"] = {name: getattr(gains, name) + 0.0 for name in ERRORS}  # no -0.0
            body["errors"] = {
                "before": {name: getattr(errors.before, name) for name in ERRORS},
                "after": {name: getattr(errors, name) for name in ERRORS},
            }
        return {**body, "notes": self.notes}


@representable()
def forecast(step: Step) -> Forecast:
    """Raises ProblemError where theory refuses: rates at a threshold or beyond 5/11, c_1 = 0, steps too large."""
    regime, (f, sigma) = spike_regime(step.rate_exponent), (step.target, step.activation)
    sizes = spike_sizes(f, sigma, **step.sizes)
    ratios: dict[str, Any] = {"phi": step.phi, "psi": step.psi}
    orders = [size.order for size in sizes if size.order <= regime and size.size > 0]
    gains = errors = None
    if step.ridge is not None:
        gains = spike_gains(f, sigma, **ratios, ridge=step.ridge, regime=regime, scaling=step.scaling)
        errors = spike_errors(f, sigma, ridge=step.ridge, **step.sizes)
    return Forecast(
        step,
        regime,
        sizes,
        spike_spectrum(f, sigma, **step.sizes),
        {order: visible_from(f, sigma, order, **ratios, **step.rate) for order in orders},
        gains,
        errors,
    )


@representable()
def plateaus(step: Step, low: float, high: float) -> list[tuple[float, float, SpikeGains]]:
    """(first, last rate exponent, gains there) of each regime that meets low .. high, up to the tenth."""
    found = []
    for regime in range(1, 11):
        ends = max(low, (regime - 1) / (2 * regime)), min(high, regime / (2 * regime + 2))
        if ends[0] < ends[1]:
            gains = spike_gains(
                step.target, step.activation, phi=step.phi, psi=step.psi, ridge=step.ridge, regime=regime,
                scaling=step.scaling,
            )  # fmt: skip
            found.append((*ends, gains))
    return found
