"""Conjecture probing: search for a counterexample, confirm it on fresh data, shrink it, keep the evidence."""

from .conjecture import Conjecture, Ladder
from .counterexample import Counterexample
from .probe import Outcome, conjectures, probe, replay

__all__ = ["Conjecture", "Counterexample", "Ladder", "Outcome", "conjectures", "probe", "replay"]
