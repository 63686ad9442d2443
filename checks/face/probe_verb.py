"""giantstep probe: hunt for a counterexample to a conjecture."""

from __future__ import annotations

import os
import re
import sys
from math import prod
from pathlib import Path
from typing import Any

import click
import platformdirs
import sympy

from theory.problem import ProblemError

from ..campaign import Store, our_code
from ..campaign.code import file_digest
from ..probe import Outcome, conjectures, probe
from ..probe.trial import resolve
from .campaigns import campaign_options, open_campaign, told
from .cli import EXIT_DISAGREE, EXIT_INTERRUPTED
from .history import PROBES
from .lines import print_line
from .options import among, json_option
from .report import check_file
from .terminal import console, heading, table

_TIME = re.compile(r"(\d+(?:\.\d+)?)([smh]?)")
_UNIT = {"": 1, "s": 1, "m": 60, "h": 3600}


@click.command("probe")
@click.argument("conjecture", required=False, shell_complete=among(lambda: [c.id for c in conjectures()]))
@click.option("--tasks", type=click.IntRange(min=1), help="Settings to try.  [default: 200, without --time]")
@click.option("--time", "limit", metavar="TIME", help="How long to try, such as 30m or 8h.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of every random stream.")
@click.option("--out", type=click.Path(path_type=Path), help="File for the counterexample.")
@campaign_options
@json_option
def command(
    conjecture: str | None, tasks: int | None, limit: str | None, seed: int, out: Path | None, as_json: bool,
    **where: Any,
) -> int:  # fmt: skip
    """Search for a counterexample to CONJECTURE, confirm it on fresh data and shrink it; without one, list them.

    \b
    Example: giantstep probe staircase --time 30m --store nights.sqlite --out found.json
             giantstep probe mymodule:MyConjecture --tasks 500

    After an interruption the same command goes on where it stopped. Another --seed is another night: their
    e-values multiply. Exit code: 0 nothing refuted, 1 refuted, 130 interrupted.
    """
    if conjecture is None:
        _list(as_json)
        return 0
    seconds = None if limit is None else _seconds(limit)
    if out is not None:
        check_file(out)
    sys.path.insert(0, os.getcwd())  # module:Class may stand beside the caller
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(platformdirs.user_cache_path("giantstep") / "hypothesis"))
    store: Store | None = None
    try:
        with open_campaign(**where) as campaign:
            store = campaign.store
            number = 200 if tasks is None and seconds is None else tasks
            outcome = probe(conjecture, tasks=number, seconds=seconds, seed=seed, campaign=campaign)
            nights = _nights(store, outcome, file_digest(type(resolve(conjecture))), seed)
            answered = told(campaign)
    except KeyboardInterrupt:
        click.echo("interrupted" + ("" if store is None else "; what was computed is kept in the store"), err=True)
        return EXIT_INTERRUPTED
    if out is not None and outcome.counterexample is not None:
        outcome.counterexample.write(out)
    if as_json:
        print_line({**outcome.to_json(), **nights})
    else:
        show(outcome, nights, out, answered)
    return EXIT_DISAGREE if outcome.status == "REFUTED" else 0


def _nights(store: Store | None, outcome: Outcome, own: str | None, seed: int) -> dict[str, float]:
    """Runs of this very conjecture in the store, the longest of each seed, and the product of their e-values."""
    if store is None:
        return {}
    name = PROBES + outcome.conjecture
    same = {"code": our_code(), "own": own}
    store.remember(name, {**outcome.to_json(), **same, "seed": seed})
    longest: dict[int, Any] = {}
    for record in store.records(name):
        if all(record.get(key) == value for key, value in same.items()):
            seen = longest.get(record["seed"])
            longest[record["seed"]] = record if seen is None or record["tasks"] >= seen["tasks"] else seen
    product = prod(record["e_value"] for record in longest.values())
    return {"runs": len(longest), "e_value_of_all_runs": min(product, sys.float_info.max)}


def show(outcome: Outcome, nights: dict[str, float], out: Path | None, answered: str | None) -> None:
    """What a probe came to, for people."""
    screen = console()
    numbers = {**outcome.statistics, "e-value": outcome.e_value, **{k.replace("_", " "): v for k, v in nights.items()}}
    rows = [(name.replace("_", " "), f"{value:.4g}") for name, value in numbers.items()]
    screen.print(table((outcome.conjecture, outcome.status), rows))
    if (found := outcome.counterexample) is not None:
        setting = found.setting
        regime = setting.regime
        screen.print(heading(f"counterexample: {sympy.sstr(setting.target.expr)}"), soft_wrap=True)
        screen.print(
            heading(
                f"  {setting.student.activation}, p = {setting.student.p}, n = {regime.n}, eta = {regime.eta}, "
                f"{regime.steps} steps, batch {regime.batch}"
            ),
            soft_wrap=True,
        )
        if out is not None:
            screen.print(heading(f"  giantstep replay {out}"), soft_wrap=True)
    if answered:
        screen.print(answered, soft_wrap=True)


def _list(as_json: bool) -> None:
    found = conjectures()
    if as_json:
        for c in found:
            record = {name: getattr(c, name) for name in ("id", "title", "statement", "source", "blind", "truth")}
            print_line({"schema": 1, **record})
        return
    known = {None: "open", True: "planted: true", False: "planted: false"}
    console().print(table(("conjecture", "statement", ""), [(c.id, c.title, known[c.truth]) for c in found]))


def _seconds(text: str) -> float:
    match = _TIME.fullmatch(text.strip())
    if match is None or float(match[1]) <= 0:
        raise ProblemError(f"time = {text!r}; give a length such as 90s, 30m or 8h")
    return float(match[1]) * _UNIT[match[2]]
