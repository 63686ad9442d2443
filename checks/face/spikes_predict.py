"""giantstep predict --rate-exponent: spikes and gains of one step whose rate grows with n."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from theory import ProblemError, Setting

NAMES = ("rate_exponent", "prefactor", "phi", "psi", "ridge", "scaling")
SAMPLES = 2000  # where nothing is said
_OPTIONS = (
    click.option("--rate-exponent", type=float, help="Spikes and gains of one step at eta = prefactor n^this."),
    click.option("--prefactor", type=float, default=1.0, show_default=True, help="With --rate-exponent."),
    click.option("--phi", type=float, help="With --rate-exponent: d/n."),
    click.option("--psi", type=float, help="With --rate-exponent: d/N, N neurons."),
    click.option("--ridge", type=float, help="With --rate-exponent: penalty ridge n on |a|^2, features sigma(W x)."),
    click.option("--scaling", default="mean-field", show_default=True, help="With --rate-exponent: or ntk, f0 kept."),
)
_NOT_BESIDE = {
    "p": "-p follows from --psi",
    "bias": "write the bias into the activation, as in relu(u + 1/2)",
    "steps": "it is about one step: leave --steps out",
    "reuse": "the ridge regression is on fresh samples: leave --reuse out",
    "normalize_rows": "rows are not scaled back: leave --normalize-rows out",
}


def spike_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options NAMES."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def written(name: str) -> bool:
    """Whether an option stands on the command line."""
    source = click.get_current_context().get_parameter_source(name)
    return source is not None and source is not click.core.ParameterSource.DEFAULT


def check_spike_options(options: dict[str, Any]) -> None:
    """Raises ProblemError for options that do not go together, in one line that says what does."""
    if options["rate_exponent"] is None:
        stray = [name for name in NAMES if name != "rate_exponent" and written(name)]
        if stray:
            raise ProblemError(f"--{stray[0]} is about one step with a growing rate: give --rate-exponent, such as 0.3")
        return
    missing = [name for name in ("phi", "psi") if options[name] is None]
    if missing:
        raise ProblemError("--rate-exponent needs --phi (d/n) and --psi (d/N), and --ridge for gains and errors")
    for name, reason in _NOT_BESIDE.items():
        if written(name):
            raise ProblemError(f"--rate-exponent: {reason}")


def spikes_json(setting: Setting, options: dict[str, Any], samples: str | None) -> dict[str, Any]:
    """The field "spikes" at so many samples, by default SAMPLES. Raises ProblemError where theory refuses."""
    from .spikes_forecast import forecast, sized
    from .spikes_maximal import EXPONENT, maximal, maximal_json

    rate = {name: options[name] for name in ("rate_exponent", "prefactor", "scaling")}
    sizes = {name: options[name] for name in ("phi", "psi", "ridge")}
    step = sized(setting.target, setting.student.activation, rate=rate, n=_whole(samples), **sizes)
    if step.rate_exponent == EXPONENT:
        return maximal_json(step, maximal(step))
    return forecast(step).to_json()


def _whole(samples: str | None) -> int:
    if samples is None:
        return SAMPLES
    if not samples.isdecimal():
        raise ProblemError(
            f"-n {samples}: with --rate-exponent a whole number of samples, since d and N follow from it"
        )
    return int(samples)


def print_spikes(out: Any, body: dict[str, Any]) -> None:
    """The field "spikes" as tables."""
    from .spikes_maximal import print_maximal
    from .terminal import heading, table

    if body["regime"] == "maximal":
        print_maximal(out, body)
        return
    rate = f"{body['prefactor']:g} n^{body['rate_exponent']:g}"
    out.print(heading(f"one step at eta = {rate} of sigma(W x): regime {body['regime']}, spikes up to that order"))
    sizes = f"n = {body['n']}, d = {body['d']}, N = {body['width']}"
    rows = [
        (f"c_{s['order']}", f"{s['size']:.4g}", _power(s["exponent"]), _from(body, s["order"])) for s in body["sizes"]
    ]
    out.print(table(("spike", f"size to leading order, {sizes}", "grows as", "visible from n ="), rows))
    listed = ", ".join(f"{value:.2f}" for value in body["outliers"]) or "none"
    initial = ", ".join(f"{value:.2f}" for value in body["initial_outliers"]) or "none"
    edge = ("edge of the bulk (grows as n^0.5)", f"{body['edge']:.2f}")
    lines = [edge, ("outliers", listed), ("outliers before the step, from |x|^2", initial)]
    out.print(table((f"singular values of the features, {sizes}", ""), lines))
    if "gains" in body:
        _print_gains(out, body, sizes)
    for note in body["notes"]:
        out.print(heading(f"note: {note}"))


def _print_gains(out: Any, body: dict[str, Any], sizes: str) -> None:
    from .terminal import heading, table

    before, after, gains = body["errors"]["before"], body["errors"]["after"], body["gains"]
    rows = [
        (name.replace("_", " "), *[f"{v:.5g}" for v in (before[name], after[name], before[name] - after[name], gain)])
        for name, gain in gains.items()
    ]
    heads = (f"ridge {body['ridge']:g} (gamma {body['gamma']:.4g})", "before", f"after, {sizes}", "gain", "gain, limit")
    out.print(table(heads, rows))
    out.print(heading("gain, limit: as n grows inside this regime; train loss holds the penalty, test error is clean"))


def _power(exponent: float | str) -> str:
    return "c_k = 0" if isinstance(exponent, str) else f"n^{exponent:.4g}"


def _from(body: dict[str, Any], order: int) -> str:
    value = body["visible_from"].get(str(order))
    if value is None:
        return "never: below the bulk" if order > body["regime"] else "never"
    if isinstance(value, str):
        return "not before 1e15"
    return "100 or less" if value <= 100 else f"{value:.3g}"
