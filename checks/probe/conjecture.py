"""What a conjecture says: where it applies, what it predicts, how to measure that, and what contradicts it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis.strategies import SearchStrategy

from theory.problem import Setting

from ..draw import Draw


@dataclass(frozen=True)
class Ladder:
    """Input dimensions, ascending, and how many replicas are run at each."""

    dims: tuple[int, ...]
    replicas: int


class Conjecture(ABC):
    """A statement about every setting of a family, such as "after t steps the first layer learns exactly U*_t".

    Subclasses give the four methods and say what they are about: id; title; statement; source; blind, what a probe
    cannot see. truth: False or True for planted conjectures, None where nobody knows. search: the sizes at which
    settings are tried. confirm: the sizes at which a suspect is confirmed, ladder after ladder, d growing.

    An object holds no state: another process makes its own by calling the class without arguments.
    """

    id: str
    title: str
    statement: str
    source: str
    blind: str = ""
    truth: bool | None = None
    search: Ladder = Ladder((64, 2048), 12)
    confirm: tuple[Ladder, ...] = (Ladder((128, 8192), 48), Ladder((1024, 32768), 48))

    def surroundings(self) -> str:
        """What its strategy depends on beside its code, such as data that are installed or not: part of a search's
        identity, and a worker where it reads otherwise refuses to search."""
        return ""

    @abstractmethod
    def strategy(self) -> SearchStrategy[Setting]:
        """Settings for which it claims something. Their d is replaced by those of the ladders, n and eta follow.

        Draw numbers with `sampled_from` or `integers`: what Hypothesis makes of `floats` and `text` depends on the
        modules that happen to be imported, and a search would not be the same in another process.
        """

    @abstractmethod
    def predict(self, setting: Setting) -> Any:
        """What it claims, in the form that `compare` takes. Raises ProblemError where it says nothing of a setting."""

    @abstractmethod
    def measure(self, setting: Setting, dims: tuple[int, ...], draw: Draw) -> Any:
        """What descent does, in whatever form `compare` takes; dynamics only through `draw(name, setting, ...)`."""

    @abstractmethod
    def compare(self, predicted: Any, measured: Any) -> Mapping[str, np.ndarray]:
        """By quantity, for every replica, how far it lies beyond what the conjecture allows.

        Positive: this replica speaks against it. Where the conjecture holds, each has a median of at most 0 once d is
        large, replicas being independent. Which quantities there are depends on `predicted` alone: one that is named
        because of what was measured is no evidence.
        """


def at_dimension(setting: Setting, d: int) -> Setting:
    """The same with d input dimensions; n and eta follow where they are expressions."""
    return Setting(setting.target, setting.student, replace(setting.regime, d=d))
