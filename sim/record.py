"""What is kept of a trajectory."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from theory.problem import ProblemError, Setting

KINDS = ("overlaps", "gram", "cosines", "test_error", "train_error", "rows")
SMALL = 64  # gram and cosines come unasked up to this many neurons


@dataclass(frozen=True)
class Record:
    """The quantities (names of KINDS) and the steps to keep."""

    kinds: frozenset[str]
    at: tuple[int, ...]

    @cached_property
    def position(self) -> dict[int, int]:
        """Where each kept step stands along the step axis."""
        return {step: i for i, step in enumerate(self.at)}

    def shapes(self, setting: Setting) -> dict[str, tuple[int, ...]]:
        """The shape of every array kept for one replica."""
        p, k, d, steps = setting.student.p, setting.target.k, setting.regime.d, len(self.at)
        shapes: dict[str, tuple[int, ...]] = {
            "overlaps": (steps, p, k),
            "cosines": (steps, p, k),
            "gram": (steps, p, p),
            "rows": (steps, p, d),
            "test_error": (steps,),
            "train_error": (steps,),
        }
        kept = {kind: shapes[kind] for kind in KINDS if kind in self.kinds}
        return {**kept, "test_error_stderr": (steps,)} if "test_error" in kept else kept


def make_record(setting: Setting, record: Iterable[str], at: str | Iterable[int]) -> Record:
    """Validate what the user asks for; raises ProblemError."""
    if not isinstance(record, Iterable):
        raise ProblemError(f"record = {record!r}; give a list of names, known: {', '.join(KINDS)}")
    names = (record,) if isinstance(record, str) else tuple(record)
    unknown = [name for name in names if name not in KINDS]
    if unknown:
        raise ProblemError(f"record = {unknown[0]!r}; known: {', '.join(KINDS)}")
    always = {"overlaps", "gram", "cosines"} if setting.student.p <= SMALL else {"overlaps"}
    return Record(frozenset(names) | always, _steps(at, setting.regime.steps))


def _steps(at: str | Iterable[int], steps: int) -> tuple[int, ...]:
    if isinstance(at, str):
        if at != "all":
            raise ProblemError(f"at = {at!r}; give 'all' or a list of steps between 0 and {steps}")
        return tuple(range(steps + 1))
    if not isinstance(at, Iterable):
        raise ProblemError(f"at = {at!r}; give 'all' or a list of steps between 0 and {steps}")
    kept = tuple(at)
    for step in kept:
        if isinstance(step, bool) or not isinstance(step, int | np.integer) or not 0 <= step <= steps:
            raise ProblemError(f"at: {step!r} is not a step; steps run from 0 to {steps}")
    if not kept or any(a >= b for a, b in pairwise(kept)):
        raise ProblemError(f"at = {kept}; give increasing steps, at least one")
    return tuple(int(step) for step in kept)


def observe(
    kept: dict[str, np.ndarray], position: int, rows: np.ndarray, k: int, frame: np.ndarray | None = None
) -> None:
    """Write at `position` of the step axis the overlaps, cosines and Gram matrices `kept` has an array for.

    rows (..., p, D): in R^d, or in any orthonormal basis that begins with the teacher directions; or,
    where these are given as `frame` (k, d), in R^d. The arrays of
    `kept` are (..., steps) and what is recorded a step.
    """
    overlaps = rows[..., :k] if frame is None else rows @ frame.T.astype(rows.dtype)
    kept["overlaps"][..., position, :, :] = overlaps
    if "cosines" in kept:
        norms = np.sqrt(np.einsum("...ij,...ij->...i", rows, rows))
        kept["cosines"][..., position, :, :] = overlaps / norms[..., None]
    if "gram" in kept:
        kept["gram"][..., position, :, :] = rows @ rows.swapaxes(-1, -2)
