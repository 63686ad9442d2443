"""giantstep simulate: what gradient descent does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import sim
from theory.problem import ProblemError, Setting
from theory.problem.scalars import finite

from ..simulation import errors_each, errors_record, simulate_each
from .campaigns import NAMES, campaign_options, open_campaign, told
from .costs import print_costs, progress_bar
from .directions import Summary, summarise
from .error_curve import ErrorCurve, explain_curves, floors, print_curve
from .limits import NO_LIMIT, limit_json, limit_of, print_limit
from .lines import print_line
from .options import json_option, layer, make_setting, problem_options
from .report import check_figure, check_file
from .spikes_simulate import NAMES as RATE
from .spikes_simulate import SWEEP, asked, rate_options, simulate_spikes
from .sweep import at_value, finish, sweep_values
from .terminal import console, heading, table

MOST_SHOWN = 10


@click.command("simulate", context_settings={"ignore_unknown_options": True})  # a target may begin with a minus
@problem_options
@click.option("-d", "--dimension", "d", type=int, default=512, show_default=True, help="Input dimension.")
@click.option("-n", "--samples", "n", default="4d", show_default=True, help="Samples a step, in d and p.")
@click.option("--eta", default="p", show_default=True, help="Step size in full, in d, n and p.")
@click.option("--loss", default="squared", show_default=True, help="squared or correlation.")
@click.option("--second-layer", default="uniform", show_default=True, help="uniform, rademacher, gaussian, or 1,-1,..")
@click.option("--init", default="symmetric", show_default=True, help="symmetric or plain.")
@click.option("--scaling", default="mean-field", show_default=True, help="mean-field or ntk.")
@click.option("--extragradient", default="0", show_default=True, help="Look-ahead step, in d, n and p.")
@click.option("--weight-decay", type=float, default=0.0, show_default=True)
@click.option("--preprocess", type=int, help="0 removes the mean of the labels, 1 also their linear part.")
@click.option("--replicas", type=int, default=20, show_default=True, help="Independent runs.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--method", default="auto", show_default=True, help="direct, conditioned, dice, chain or auto.")
@click.option("--dry-run", is_flag=True, help="Only say what each method would cost, and which is taken.")
@click.option("--dtype", default="float64", show_default=True, help="float64 or float32.")
@click.option("--threads", type=int, help="Default: all cores; results do not depend on it.")
@click.option("--sweep", type=click.Choice(["d", "n", SWEEP]), help="Repeat over --values of this.")
@click.option(
    "--values", help="Of the swept size, such as 64,128,256 or 64..4096:7 or d**0.5..d**1.5:20, or 0..0.45:10."
)
@click.option(
    "--ridge",
    type=float,
    help="Fit the second layer after every step with this penalty: test errors. With "
    "a rate exponent the penalty is this times n, on sigma(W x).",
)
@rate_options
@click.option(
    "--beside", metavar="TARGET2", help="With --ridge, --sweep and --plot: another target, in a panel beside."
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    help="Figure of a sweep, a run and its limit, or a spectrum: .svg, .pdf, .png; its numbers go to .csv.",
)
@click.option("--out", type=click.Path(path_type=Path), help="NetCDF file of the run, all steps: .nc.")
@campaign_options
@json_option
def command(
    replicas: int, seed: int, method: str, dry_run: bool, dtype: str, threads: int | None,
    sweep: str | None, values: str | None, ridge: float | None, beside: str | None, plot: Path | None, out: Path | None,
    as_json: bool, second_layer: str, init: str, scaling: str, **options: Any,
) -> None:  # fmt: skip
    """Run gradient descent on TARGET and print each direction's cosines beside what theory predicts.

    \b
    Example: giantstep simulate "z1 + z1*z2" -d 512 -n 4d --eta "2*p" --steps 2
             giantstep simulate "z1 + z1*z2" --steps 1 --sweep d --values 64,128,256,512 --plot cosines.svg
             giantstep simulate "z1 + He3(z2)" -p 2 --second-layer 1,-1 --activation tanh --reuse --plot dmft.svg
             giantstep simulate "z1 + z1*z2" -p 256 --ridge 0.1 --sweep n --values "d**0.5..d**1.5:10" --plot errors.svg
             giantstep simulate "z1 + He2(z1)/2" -n 2d -p 800 --rate-exponent 0.28 --prefactor 2 --plot spikes.svg
    """
    _check_outputs(sweep, values, plot, out)
    where = {name: options.pop(name) for name in NAMES}
    every = click.get_current_context().params
    if asked(every):
        simulate_spikes(every, where, as_json)
        return
    for name in RATE:
        del options[name]
    if sweep is None and ridge is None and any(where.values()):
        raise ProblemError("--store, --no-store, --workers and --dask go with --sweep; a single run is not kept")
    where["threads"] = threads
    student = {"second_layer": layer(second_layer), "init": init, "scaling": scaling}
    if beside is not None and None in (ridge, sweep, plot):
        raise ProblemError("--beside is for a figure of test errors: it needs --ridge, --sweep and --plot")
    targets = [options.pop("target"), *([] if beside is None else [beside])]
    panels = [_settings(make_setting(target=each, student=student, **options), sweep, values) for each in targets]
    settings = [each for panel in panels for each in panel]
    setting = settings[0]
    if ridge is not None:
        _check_errors(settings, ridge, out, dtype)
    record, at = ("overlaps", "cosines"), "all" if out is not None else _kept(setting.regime.steps)
    if dry_run:
        for each in settings:
            wanted = record if ridge is None else errors_record(each)
            costs = sim.estimate(each, replicas, wanted, at, dtype=dtype, threads=threads)
            print_costs(each, method, costs, as_json)
    elif ridge is not None:
        how = {"seed": seed, "replicas": replicas, "method": method, "ridge": ridge}
        _errors(panels, targets, how, where, plot, as_json)
    elif sweep is None:
        limit = limit_of(setting)
        if plot is not None and limit is None:
            raise ProblemError(NO_LIMIT)
        with progress_bar(f"d = {setting.regime.d}, n = {setting.n}") as progress:
            run = sim.simulate(
                setting, seed, replicas, method, record, at, dtype=dtype, threads=threads, progress=progress
            )
        _print(summarise(run), as_json, limit)
        if limit is not None and not as_json:
            print_limit(run, limit)
        if plot is not None:
            from .figures import dmft, write

            write(plot, dmft, run, limit)
        if out is not None:
            run.to_xarray().to_netcdf(out)
    else:
        how = {"seed": seed, "replicas": replicas, "method": method, "record": record, "at": at, "dtype": dtype}
        _sweep(settings, how, where, sweep, plot, as_json)


def _sweep(
    settings: list[Setting], how: dict[str, Any], where: dict[str, Any], sweep: str, plot: Path | None, as_json: bool
) -> None:
    """Each setting printed as soon as it is done, then the trend."""
    summaries = []
    with open_campaign(**where) as campaign:
        for run in simulate_each(campaign, settings, **how):
            summaries.append(summarise(run))
            _print(summaries[-1], as_json)
        answered = told(campaign)
    finish(summaries, sweep, plot, as_json)
    if answered:
        console(stderr=True).print(answered, soft_wrap=True)


def _check_errors(settings: list[Setting], ridge: float, out: Path | None, dtype: str) -> None:
    finite(ridge, "ridge", low=0)
    if out is not None or dtype != "float64":
        raise ProblemError("--ridge gives errors, in float64: leave --out and --dtype out")
    smallest = min(setting.regime.d for setting in settings)
    if smallest < 2:
        raise ProblemError(f"d = {smallest}; with --ridge n and p are seen as powers of d: give at least 2")


def _settings(setting: Setting, sweep: str | None, values: str | None) -> list[Setting]:
    if sweep is None or values is None:
        return [setting]
    return [at_value(setting, sweep, value) for value in sweep_values(values, sweep, setting)]


def _errors(
    panels: list[list[Setting]],
    titles: list[str],
    how: dict[str, Any],
    where: dict[str, Any],
    plot: Path | None,
    as_json: bool,
) -> None:
    """Each setting printed as soon as it is done, then the figure."""
    curves: list[list[ErrorCurve]] = []
    with open_campaign(**where) as campaign:
        found = errors_each(campaign, [setting for panel in panels for setting in panel], **how)
        for panel in panels:
            known = floors(panel[0])
            curves.append([])
            for setting in panel:
                curve = ErrorCurve(setting, next(found)["test_error"], known, how["ridge"], how["seed"])
                curves[-1].append(curve)
                print_line(curve.to_json()) if as_json else print_curve(curve)
        answered = told(campaign)
    if not as_json:
        explain_curves()
    if plot is not None:
        from .figures import errors, write

        write(plot, errors, [curve for panel in curves for curve in panel], titles)
    if answered:
        console(stderr=True).print(answered, soft_wrap=True)


def _kept(steps: int) -> list[int]:
    """The steps shown: all of them while they fit on a screen, else ten that grow like powers."""
    if steps <= MOST_SHOWN:
        return list(range(steps + 1))
    return sorted({0, *(round(steps ** (i / (MOST_SHOWN - 1))) for i in range(MOST_SHOWN))})


def _check_outputs(sweep: str | None, values: str | None, plot: Path | None, out: Path | None) -> None:
    if (sweep is None) != (values is None):
        raise ProblemError("--sweep and --values go together, such as --sweep d --values 64,128,256")
    if plot is not None:
        check_figure(plot)
    if out is not None:
        if sweep is not None:
            raise ProblemError("--out holds one run: leave --sweep out")
        check_file(out, (".nc",))


def _print(summary: Summary, as_json: bool, limit: Any = None) -> None:
    if as_json:
        print_line({**summary.to_json(), **({} if limit is None else limit_json(summary.run, limit))})
        return
    run, setting = summary.run, summary.run.setting
    title = f"d = {setting.regime.d}, n = {setting.n}, eta = {setting.eta:g}, {len(run.alpha)} replicas ({run.why})"
    heads = ("direction", "theory", *[f"step {t}" for t in run.at])
    rows = [
        (name, theory, *[f"{c.estimate:.3f} [{c.low:.3f}, {c.high:.3f}]" for c in cells])
        for name, theory, cells in summary.rows()
    ]
    out = console()
    out.print(heading(title), table(heads, rows))
    out.print(heading("cells: root mean square cosine of the neurons, median over replicas [95 % interval]"))
    for note in summary.notes:
        out.print(heading(note))
