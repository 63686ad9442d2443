"""A run beside its limit as d grows: neuron by neuron, where theory has the whole trajectory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from theory import ProblemError, Setting, fresh_limit, solve_dmft

from .directions import Cell, cell
from .lines import finite
from .terminal import console, heading, table

SAMPLES = 2**18  # of the dynamical mean-field theory: a few times 1e-4, in a second or two
LARGEST = 8  # neurons that are shown one by one
LONGEST = 64  # neurons times steps: time grows as its square
NO_LIMIT = (
    "--plot draws a sweep, or a run beside its limit: add --sweep d --values 64,128,256, or give the second layer, as "
    f"--second-layer 1,-1, of at most {LARGEST} neurons, with n and eta in proportion to d and p; giantstep plot draws "
    "other figures of what --out keeps"
)


def limit_of(setting: Setting) -> Any:
    """solve_dmft where a batch returns, fresh_limit where none does; None where theory has no limit, or it is long to
    compute."""
    if setting.student.p > LARGEST or setting.student.p * setting.regime.steps > LONGEST:
        return None
    try:
        return solve_dmft(setting, samples=SAMPLES) if setting.regime.repeats_batches else fresh_limit(setting)
    except ProblemError:
        return None


def paths(run: Any) -> Iterator[tuple[int, int]]:
    """(neuron, teacher direction)."""
    return ((i, r) for i in range(run.overlaps.shape[2]) for r in range(run.overlaps.shape[3]))


def _measured(run: Any, i: int, r: int) -> list[Cell]:
    """Medians; a diverged run may stand at either end, so it widens the interval to both."""
    found = []
    for column in run.overlaps[:, :, i, r].T:
        low, high = (cell(np.where(np.isfinite(column), column, end)) for end in (-np.inf, np.inf))
        found.append(Cell(high.estimate, low.low, high.high))
    return found


def print_limit(run: Any, limit: Any) -> None:
    """Overlaps, measured and in the limit."""
    rows = []
    for i, r in paths(run):
        cells = [f"{c.estimate:.3f} [{c.low:.3f}, {c.high:.3f}]" for c in _measured(run, i, r)]
        rows.append((f"neuron {i + 1}, z{r + 1}", "run", *cells))
        rows.append(("", "limit", *[f"{limit.overlaps[t, i, r]:.3f}" for t in run.at]))
    out = console()
    out.print(table(("overlap", "", *[f"step {t}" for t in run.at]), rows))
    out.print(heading("overlaps <w_i, w*_r>: median over replicas [95 % interval], and their limit as d grows"))


def print_prediction(limit: Any) -> None:
    """Overlaps at every step, without a run."""
    steps, neurons, directions = limit.overlaps.shape
    rows = [
        (f"neuron {i + 1}, z{r + 1}", *[f"{limit.overlaps[t, i, r]:.3f}" for t in range(steps)])
        for i in range(neurons)
        for r in range(directions)
    ]
    out = console()
    out.print(table(("overlap", *[f"step {t}" for t in range(steps)]), rows))
    out.print(heading(f"overlaps <w_i, w*_r> as d grows, for n = {limit.setting.regime.n}"))


def limit_json(run: Any, limit: Any) -> dict[str, Any]:
    """The fields "limit" and "overlap" (steps, neurons, directions) of the JSON object of a run."""
    measured = np.array([[[list(c) for c in _measured(run, i, r)] for r in range(run.overlaps.shape[3])]
                         for i in range(run.overlaps.shape[2])])  # fmt: skip
    found = [[[[finite(v) for v in end] for end in row] for row in step] for step in measured.transpose(2, 0, 1, 3)]
    return {"overlap": found, "limit": limit.overlaps[list(run.at)].tolist()}
