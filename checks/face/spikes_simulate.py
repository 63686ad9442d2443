"""giantstep simulate --rate-exponent, and --sweep rate-exponent: one step in the units of the spikes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

import sim
from theory import Activation, ProblemError, Setting, Target

from .campaigns import open_campaign, told
from .costs import print_costs
from .lines import print_line
from .spikes_errors import Errors, curves_of, errors_of
from .spikes_forecast import Step
from .spikes_predict import written
from .spikes_run import SpikeRun, run_each, spike_setting
from .spikes_spectrum import shown, spectrum_of
from .spikes_stored import to_xarray
from .spikes_values import rate_values
from .terminal import console, heading, table

SWEEP = "rate-exponent"
NAMES = ("rate_exponent", "prefactor")
_OPTIONS = (
    click.option(
        "--rate-exponent", type=float, help="One step at eta = prefactor n^this of sigma(W x): spikes, errors."
    ),
    click.option("--prefactor", type=float, default=1.0, show_default=True, help="With a rate exponent."),
)
_FIXED = {
    "eta": "--eta follows from the rate exponent and --prefactor",
    "steps": "it is about one step: leave --steps out",
    "second_layer": "the second layer is gaussian: leave --second-layer out",
    "init": "neurons are independent: leave --init out",
    "reuse": "the ridge regression is on fresh samples: leave --reuse out",
    "bias": "write the bias into the activation, as in relu(u + 1/2)",
    "normalize_rows": "rows are not scaled back: leave --normalize-rows out",
    "extragradient": "it is a plain step: leave --extragradient out",
    "weight_decay": "it is a plain step: leave --weight-decay out",
    "preprocess": "labels are centred, and that is all: leave --preprocess out",
    "beside": "it draws one target: leave --beside out",
    "dtype": "it is in float64: leave --dtype out",
}
_AS_WELL = {"steps": 1, "second_layer": "gaussian", "init": "plain", "dtype": "float64"}  # says the same


def rate_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options NAMES."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asked(options: Mapping[str, Any]) -> bool:
    """Whether it is about a growing rate. Raises ProblemError, in one line, for options that do not go with it."""
    swept, exponent = options["sweep"] == SWEEP, options["rate_exponent"]
    if not swept and exponent is None:
        if written("prefactor"):
            raise ProblemError("--prefactor goes with --rate-exponent, such as 0.28, or with --sweep rate-exponent")
        return False
    if exponent is not None and options["sweep"] is not None:
        raise ProblemError(
            f"--rate-exponent is of one run: leave --sweep out, or sweep it: --sweep {SWEEP} --values 0..0.45:10"
        )
    if swept and options["ridge"] is None:
        raise ProblemError(f"--sweep {SWEEP} shows what ridge regression gains: give --ridge, such as 0.01")
    for name, reason in _FIXED.items():
        if written(name) and options[name] != _AS_WELL.get(name):
            raise ProblemError(f"with a rate exponent {reason}")
    return True


def simulate_spikes(options: Mapping[str, Any], where: Mapping[str, Any], as_json: bool) -> None:
    """Runs, tables or JSON, and the figure. options: of `giantstep simulate`, by name."""
    plot: Path | None = options["plot"]
    sweep = options["sweep"] == SWEEP
    exponents = rate_values(options["values"]) if sweep else [options["rate_exponent"]]
    steps = [_step(options, exponent) for exponent in exponents]
    if options["dry_run"]:
        for _, setting in steps:
            costs = sim.estimate(setting, options["replicas"], ("rows",), (0, 1), threads=options["threads"])
            print_costs(setting, options["method"], costs, as_json)
        return
    how = {name: options[name] for name in ("seed", "replicas", "method")}
    with open_campaign(**where, threads=options["threads"]) as campaign:
        runs = run_each(campaign, steps, **how, spectrum=not sweep)
        if sweep:
            _sweep(runs, plot, as_json)
        else:
            _single(next(iter(runs)), plot, options["out"], as_json)
        answered = told(campaign)
    if answered:
        console(stderr=True).print(answered, soft_wrap=True)


def _step(options: Mapping[str, Any], exponent: float) -> tuple[Step, Setting]:
    target = Target(options["target"], k=options["k"], noise=options["noise"])
    how = {"scaling": options["scaling"], "loss": options["loss"]}
    return spike_setting(target, Activation(options["activation"]), options, (exponent, options["prefactor"]), how)


def _single(run: SpikeRun, plot: Path | None, out: Path | None, as_json: bool) -> None:
    if out is not None:
        to_xarray(run).to_netcdf(out)
    spectrum = spectrum_of(run)
    errors = None if run.gamma is None else errors_of(run)
    if as_json:
        body = {**run.to_json(), "spectrum": spectrum.to_json()}
        print_line(body if errors is None else {**body, **errors.to_json()})
    else:
        said = console()
        said.print(heading(_title(run)), spectrum.table())
        if errors is not None:
            said.print(errors.table())
            said.print(heading(_penalty(run)))
        for note in (spectrum.note, errors and errors.note):
            if note:
                said.print(heading(note))
    if plot is not None:
        from .figures import spectrum as draw
        from .figures import write

        write(plot, draw, spectrum)


def _sweep(runs: Any, plot: Path | None, as_json: bool) -> None:
    """JSON of each run as soon as it is done; the table at the end."""
    found = []
    for run in runs:
        found.append(errors_of(run))
        if as_json:
            print_line({**run.to_json(), **found[-1].to_json()})
    if not as_json:
        _print_sweep(found)
    if not as_json and plot is None:
        return
    first, last = found[0].run.step, found[-1].run.step
    curves = curves_of(first, first.rate_exponent, last.rate_exponent)
    if as_json:
        print_line({"schema": 1, "sweep": SWEEP, **curves.to_json()})
    if plot is not None:
        from .figures import gains, write

        write(plot, gains, found, curves)


def _print_sweep(found: list[Errors]) -> None:
    out, run = console(), found[0].run
    out.print(heading(_title(run, "eta = {:g} n^alpha")), _losses(found))
    out.print(heading(_penalty(run)))
    for note in dict.fromkeys(each.note for each in found if each.note):
        out.print(heading(note))


def _losses(found: list[Errors]) -> Any:
    rows = []
    for each in found:
        row = [f"{each.run.step.rate_exponent:.4g}"]
        for name in ("train_loss", "test_error"):
            row.append(shown(each.run.errors(name)["after"]))
            row.append("-" if each.theory is None else f"{getattr(each.theory, name):.4g}")
            limit = each.plateau
            row.append("-" if limit is None else f"{getattr(limit.before, name) - getattr(limit, name):.4g}")
        rows.append(row)
    heads = ("alpha", "train loss", "theory, this n", "plateau", "test error", "theory, this n", "plateau")
    return table(heads, rows)


def _title(run: SpikeRun, rate: str = "eta = {:g} n^{:g}") -> str:
    step = run.step
    sizes = f"d = {step.d}, n = {step.n}, N = p = {step.width}, {run.replicas} replicas"
    eta = rate.format(step.prefactor, step.rate_exponent)
    return f"one step at {eta} of sigma(W x), {step.scaling}; {sizes}: medians"


def _penalty(run: SpikeRun) -> str:
    return (
        f"penalty ridge n |a|^2 with ridge = {run.step.ridge:g} on sigma(W x): gamma = ridge n/p = {run.gamma:.4g} on "
        "sigma(W x)/sqrt(p); train loss holds it, test error is E (f* - f)^2"
    )
