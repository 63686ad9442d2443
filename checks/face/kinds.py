"""The kinds of figure that `giantstep plot` draws, and how each reads what was kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from theory import ProblemError, Setting

from .stored import json_lines, netcdf, one, only, understood


@dataclass(frozen=True)
class Kind:
    """draws: what is to be seen. reads: what is to be given. load: what `checks.face.figures` draws, from files and the
    work asked for. figure: its function there. options: those of the verb that it takes."""

    draws: str
    reads: str
    figure: str
    load: Callable[[Sequence[Path], str | None], tuple[Any, ...]]
    options: tuple[str, ...] = ()


def _run(paths: Sequence[Path], work: str | None) -> tuple[Any, ...]:
    path = one(paths)
    if only(paths, "netcdf", "store") == "store":
        from .from_store import run_of

        return (run_of(path, work),)
    from sim import Run

    return (netcdf(path, Run.from_xarray),)


def _sweep(paths: Sequence[Path], work: str | None) -> tuple[Any, ...]:
    from . import swept

    if only(paths, "json", "store") == "store":
        from .from_store import sweep

        return (sweep(one(paths), work),)
    with understood(paths):
        return (swept.sweep_from_json(json_lines(paths)),)


def _errors(paths: Sequence[Path], work: str | None) -> tuple[Any, ...]:
    from .error_curve import ErrorCurve, floors
    from .sweep import at_value

    if only(paths, "json", "store") == "store":
        from .from_store import curves

        return ([curve for path in paths for curve in curves(path, work)],)
    known: dict[Setting, Any] = {}
    found = []
    for record in json_lines(paths):
        with understood(paths):
            curve = ErrorCurve.from_json(record, {})
        at_one_n = at_value(curve.setting, "n", 1)  # floors do not depend on n
        if at_one_n not in known:
            known[at_one_n] = floors(curve.setting)
        found.append(replace(curve, floors=known[at_one_n]))
    return (found,)


def _spectrum(paths: Sequence[Path], work: str | None) -> tuple[Any, ...]:
    from .spikes_spectrum import spectrum_of
    from .spikes_stored import from_xarray

    only(paths, "netcdf")
    return (spectrum_of(netcdf(one(paths), from_xarray)),)


def _gains(paths: Sequence[Path], work: str | None) -> tuple[Any, ...]:
    from .spikes_errors import curves_of, errors_of
    from .spikes_stored import from_json

    only(paths, "json")
    lines = [record for record in json_lines(paths) if "sweep" not in record]
    if not lines:
        raise ProblemError("no line of giantstep simulate --sweep rate-exponent --json")
    with understood(paths):
        runs = sorted(map(from_json, lines), key=lambda run: run.step.rate_exponent)
    first, last = runs[0].step, runs[-1].step
    return list(map(errors_of, runs)), curves_of(first, first.rate_exponent, last.rate_exponent)


def _phase(paths: Sequence[Path], work: str | None) -> tuple[Any, ...]:
    from ..probe.phase import read_points

    only(paths, "text")
    with understood(paths):
        return (read_points(one(paths)),)


RUN, SWEEP = "simulate .. --out RUN.nc", "simulate .. --sweep d --json > SWEEP.jsonl, or a store"
KINDS = {
    "teacher-plane": Kind(
        "cosines of the neurons with two teacher directions", RUN, "teacher_plane", _run, ("steps", "directions")
    ),
    "staircase": Kind("cosines along the directions of theory against steps", RUN, "staircase", _run),
    "dmft": Kind("overlaps of every neuron beside their limit as d grows", RUN, "dmft", _run),
    "exponents": Kind("cosines against d or n, and local slopes", SWEEP, "exponents", _sweep),
    "errors": Kind(
        "test error against log n / log d after every step, and floors",
        "simulate .. --ridge 1 --sweep n --json > ERRORS.jsonl, or a store", "errors", _errors,
    ),
    "spectrum": Kind(
        "singular values after one step: bulk, edge, spikes",
        "simulate .. --rate-exponent 0.28 --out SPIKES.nc", "spectrum", _spectrum,
    ),
    "gains": Kind(
        "errors against the rate exponent of one step",
        "simulate .. --ridge 0.05 --sweep rate-exponent --json > GAINS.jsonl", "gains", _gains,
    ),
    "phase": Kind(
        "exponents of several steps over a high leap", "python -m checks.probe.phase POINTS.csv", "phase", _phase
    ),
}  # fmt: skip
