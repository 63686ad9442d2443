"""Runs and errors out of a store, one or all of a sweep, for figures."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim import Run
from theory import ProblemError, Setting

from ..campaign import Store
from ..campaign.store import Stored
from ..campaign.work import joined
from ..simulation import errors_part, simulate_part
from .directions import summarise
from .error_curve import ErrorCurve, floors
from .swept import Sweep, sweep_of, swept_name

RUNS, ERRORS = (f"{part.__module__}:{part.__qualname__}" for part in (simulate_part, errors_part))
OF_SIZE = ("method", "record")  # arguments that may differ along a sweep, beside the size itself


def run_of(path: Path, work: str | None) -> Run:
    """The run begun last, or that whose identity begins with `work`. Raises ProblemError where there is none."""
    with _opened(path, RUNS, work) as (store, kept, chosen):
        if work is None and len(kept) > 1:
            _say(f"{path} holds {len(kept)} runs; this is the last, {chosen.identity[:8]}: choose another with --work")
        return _run(store, chosen)


def sweep(path: Path, work: str | None) -> Sweep:
    """The sweep that holds this run: all that differ from it in d, or all that differ in n, whichever are more."""
    with _opened(path, RUNS, work) as (store, kept, chosen):
        runs = [_run(store, each) for each in _along(path, kept, chosen)]
    name = swept_name([run.setting for run in runs])
    runs.sort(key=lambda run: run.setting.regime.d if name == "d" else run.setting.n)
    return sweep_of([summarise(run) for run in runs], name)


def curves(path: Path, work: str | None) -> list[ErrorCurve]:
    """Errors of such a sweep."""
    with _opened(path, ERRORS, work) as (store, kept, chosen):
        found = [
            (Setting.from_json(arguments["setting"]), joined(store.results(each.identity)[1]), arguments)
            for each in _along(path, kept, chosen)
            for arguments in [each.description["arguments"]]
        ]
    known = floors(found[0][0])
    return [
        ErrorCurve(setting, arrays["test_error"], known, arguments["ridge"], arguments["rng"])
        for setting, arrays, arguments in found
    ]


@contextmanager
def _opened(path: Path, function: str, work: str | None) -> Iterator[tuple[Store, list[Stored], Stored]]:
    """(store, its works of `function`, the one asked for)."""
    with Store(path) as store:
        kept = [each for each in store.works() if each.description["function"] == function]
        fitting = [each for each in kept if each.identity.startswith(work or "")]
        if not kept:
            what = "runs" if function == RUNS else "test errors"
            raise ProblemError(f"{path} holds no {what} of giantstep simulate --sweep")
        if not fitting or (work and len(fitting) > 1):
            raise ProblemError(f"--work {work} fits {len(fitting)} of these results: see giantstep store {path}")
        yield store, kept, fitting[-1]


def _along(path: Path, kept: list[Stored], chosen: Stored) -> list[Stored]:
    by = [[each for each in kept if _key(each, name) == _key(chosen, name)] for name in ("d", "n")]
    found = max(by, key=len)
    if len(found) < len(kept):
        _say(f"{path} holds {len(kept)} results; these are the {len(found)} of one sweep: --work chooses another")
    return found


def _key(work: Stored, swept: str) -> str:
    """All that the works of one sweep share."""
    arguments = {name: value for name, value in work.description["arguments"].items() if name not in OF_SIZE}
    setting = arguments["setting"]
    regime = {name: value for name, value in setting["regime"].items() if name != swept}
    shared = {**arguments, "setting": {**setting, "regime": regime}, "code": work.description["code"]}
    return json.dumps(shared, sort_keys=True)


def _run(store: Store, work: Stored) -> Run:
    arguments: Any = work.description["arguments"]
    arrays: dict[str, Any] = joined(store.results(work.identity)[1])
    setting = Setting.from_json(arguments["setting"])
    return Run(setting, arguments["method"], "kept in a store", tuple(arguments["at"]), **arrays)


def _say(text: str) -> None:
    print(f"giantstep: {text}", file=sys.stderr)
