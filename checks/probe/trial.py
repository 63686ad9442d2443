"""One setting on one ladder: what a conjecture says of it, and how far descent is from that."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis.strategies import SearchStrategy

from theory.problem import ProblemError, Setting

from ..draw import Draw
from .conjecture import Conjecture, Ladder


def excesses(
    conjecture: Conjecture,
    setting: Setting,
    predicted: Any,
    ladder: Ladder,
    seed: int,
    phase: str,
    threads: int | None = None,
) -> Mapping[str, np.ndarray]:
    """What `compare` makes of a prediction on a ladder. phase: names the random stream, apart from the setting.

    Raises ProblemError where `compare` gives anything but one number a replica.
    """
    import sim

    stream = f"{conjecture.id}\n{phase}\n{setting.identity}"
    draw = Draw(sim.simulate, seed, stream, 0, ladder.replicas, threads=threads)
    with np.errstate(all="ignore"):  # a run may diverge; what is no number is no evidence
        measured = asked(conjecture, "measure", setting, ladder.dims, draw)
        found = asked(conjecture, "compare", predicted, measured)
    if not isinstance(found, Mapping):
        raise ConjectureError(f"{conjecture.id}: compare gave a {type(found).__name__}, not numbers by name")
    for name, values in found.items():
        if not isinstance(values, np.ndarray) or values.shape != (ladder.replicas,):
            raise ConjectureError(
                f"{conjecture.id}: compare gave {name!r} the shape {np.shape(values)}; one number a replica is an "
                f"array of ({ladder.replicas},)"
            )
    return found


class ConjectureError(ProblemError):
    """A conjecture does not do what one must: the fault of whoever wrote it."""


def asked(conjecture: Conjecture, method: str, *arguments: Any) -> Any:
    """What a method says; an error in somebody's own conjecture becomes a ConjectureError that names it.

    Raises ProblemError where `predict` has nothing to say of a setting.
    """
    try:
        return getattr(conjecture, method)(*arguments)
    except Exception as error:
        if isinstance(error, ProblemError) or type(conjecture).__module__.startswith("checks."):
            raise
        raise ConjectureError(f"{conjecture.id}: {method} raised {type(error).__name__}: {error}") from error


def resolve(name: str) -> Conjecture:
    """The shipped conjecture of this id, or "module:Class" of somebody's own. Raises ProblemError."""
    from .conjectures import shipped

    if ":" not in name:
        known = {conjecture.id: conjecture for conjecture in shipped()}
        if name not in known:
            raise ProblemError(
                f"no conjecture is called {name!r}; there are {', '.join(known)}; your own is module:Class"
            )
        return known[name]
    module, _, attribute = name.partition(":")
    try:
        kind = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # whatever somebody's module may do when imported
        what = f"{type(error).__name__}: {error}"
        raise ProblemError(f"{name}: {what}; a conjecture of your own is module:Class, importable from here") from None
    if not (isinstance(kind, type) and issubclass(kind, Conjecture)):
        raise ProblemError(f"{name} is no subclass of checks.probe.Conjecture")
    try:
        conjecture = kind()
    except Exception as error:
        raise ConjectureError(f"{name}() raised {type(error).__name__}: {error}") from None
    return checked(conjecture)


def checked(conjecture: Conjecture) -> Conjecture:
    """The same. Raises ConjectureError where it lacks a name, or a strategy."""
    kind = type(conjecture).__qualname__
    for name in ("id", "title"):
        if not isinstance(getattr(conjecture, name, None), str):
            raise ConjectureError(f"{kind} has no {name}: give it one, as text")
    _check_ladders(conjecture)
    strategy = asked(conjecture, "strategy")
    if not isinstance(strategy, SearchStrategy):
        raise ConjectureError(f"{conjecture.id}: strategy() is a {type(strategy).__name__}, not a Hypothesis strategy")
    return conjecture


def _check_ladders(conjecture: Conjecture) -> None:
    ladders = [conjecture.search, *conjecture.confirm] if isinstance(conjecture.confirm, tuple | list) else []
    if not ladders or not all(isinstance(ladder, Ladder) for ladder in ladders):
        raise ConjectureError(f"{conjecture.id}: search is a Ladder, and confirm a tuple of them")
    if len(ladders) == 1:
        raise ConjectureError(f"{conjecture.id} has no ladder in confirm: without data nothing is confirmed")
    for ladder in ladders:
        if not ladder.dims or min(ladder.dims) < 1 or ladder.replicas < 1:
            raise ConjectureError(f"{conjecture.id}: {ladder} has no dimensions, or no replicas")


def name_of(conjecture: Conjecture) -> str:
    """By which `resolve` finds it again, in any process."""
    from .conjectures import shipped

    if any(type(other) is type(conjecture) and other.id == conjecture.id for other in shipped()):
        return conjecture.id
    kind = type(conjecture)
    name = f"{kind.__module__}:{kind.__qualname__}"
    resolve(name)
    return name


def packed(setting: Setting | None) -> np.ndarray:
    """A setting as a row of bytes, for results that hold numbers only; one zero for None."""
    text = b"\0" if setting is None else json.dumps(setting.to_json()).encode()
    return np.frombuffer(text, dtype=np.uint8)[None, :].copy()


def unpacked(row: np.ndarray) -> Setting | None:
    """What `packed` was given."""
    text = row.tobytes().rstrip(b"\0")
    return Setting.from_json(json.loads(text)) if text else None


def arguments_of(conjecture: Conjecture, **others: Any) -> dict[str, Any]:
    """Arguments of a campaign's work: the conjecture by name, and for one of somebody's own a digest of its file."""
    from ..campaign.code import file_digest

    return {"conjecture": name_of(conjecture), "own": file_digest(type(conjecture)), **others}
