"""giantstep replay: confirm a counterexample once more."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from ..probe import Counterexample, replay
from .cli import EXIT_DISAGREE
from .lines import print_line
from .options import json_option
from .probe_verb import show


@click.command("replay")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--seed", type=click.IntRange(min=0), help="Fresh data; default: those of the seed in FILE.")
@json_option
def command(file: Path, seed: int | None, as_json: bool) -> int:
    """Confirm the counterexample in FILE from scratch, with nothing from any store.

    \b
    Example: giantstep replay found.json --seed 17

    Exit code: 1 where it is confirmed (status REFUTED), 0 where not.
    """
    sys.path.insert(0, os.getcwd())
    outcome = replay(Counterexample.read(file), seed=seed)
    if as_json:
        print_line(outcome.to_json())
    else:
        show(outcome, {}, None, None)
    return EXIT_DISAGREE if outcome.status == "REFUTED" else 0
