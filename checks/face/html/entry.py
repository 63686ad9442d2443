"""What a report shows of one claim: the verdict, what the claim says of itself, and figures."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from markupsafe import Markup

from ...claim import Claim
from ...verdict import Fate, Status, Verdict
from .figures import discrepancies, ladders
from .slopes import Ladder, ladders_of

_PAPER = re.compile(r"\b\d{4}\.\d{4,5}\b")


@dataclass(frozen=True)
class Entry:
    """One verdict with its claim; None for a claim that this version does not have."""

    verdict: Verdict
    claim: Claim | None

    @property
    def anchor(self) -> str:
        """What links in the page call it."""
        return "claim-" + "".join(c if c.isascii() and c.isalnum() else f"-{ord(c):x}-" for c in self.verdict.claim)

    @property
    def title(self) -> str:
        """The claim in a few words."""
        return self.claim.title if self.claim else self.verdict.claim

    @property
    def papers(self) -> tuple[str, ...]:
        """The arXiv ids in its source, each once."""
        return tuple(dict.fromkeys(_PAPER.findall(self.claim.source))) if self.claim else ()

    @property
    def domain(self) -> str:
        """Where the statement applies."""
        return (inspect.getdoc(self.claim.domain) or "") if self.claim else ""

    @property
    def reasons(self) -> list[str]:
        """What is measured, and why margin and allowance are what they are, by paragraphs."""
        text = (inspect.getdoc(self.claim.components) or "") if self.claim else ""
        return [" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip()]

    @property
    def used(self) -> float:
        """The part of its tolerance that the component closest to failing uses; 1 and above is no AGREE."""
        return self.verdict.headline.excess

    @property
    def dead(self) -> int:
        """Foils that were refuted."""
        return sum(status is Status.DISAGREE for _, status in self.verdict.foils)

    @property
    def dims(self) -> str:
        """The dimensions simulated."""
        dims = self.verdict.dims
        return "\N{EN DASH}".join(f"{d}" for d in (dims if len(dims) < 2 else (dims[0], dims[-1])))

    @property
    def foils(self) -> list[tuple[str, Status, Fate | None]]:
        """Each with its status and how it came to it, None where that was not kept."""
        fates = list(self.verdict.fates)  # in the order of the foils; a theory and a simulator may have one name
        found: list[tuple[str, Status, Fate | None]] = []
        for name, status in self.verdict.foils:
            fate = fates.pop(0) if fates and fates[0].name == name else None
            found.append((name, status, fate))
        return found

    @cached_property
    def ladders(self) -> tuple[Ladder, ...]:
        """Of its exponents."""
        return ladders_of(self.verdict.components)

    @property
    def discrepancies(self) -> Markup:
        """The figure of all components."""
        n = len(self.verdict.components)
        agreed = sum(record.status is Status.AGREE for record in self.verdict.components)
        title = (
            f"Measured minus predicted for {n} component{'s' if n > 1 else ''} of {self.verdict.claim}, in tolerances: "
            f"{agreed} of {n} lie inside; the table below has the numbers."
        )
        return discrepancies(self.verdict.components, title, self.anchor + "-f")

    @property
    def slopes(self) -> Markup:
        """The figure of its ladders."""
        title = f"Medians against size for {self.verdict.claim} with predicted slopes; the table below has the numbers."
        return ladders(self.ladders, title, self.anchor + "-l")


def gap(fate: Fate) -> float:
    """How far the measurement keeps from the foil's prediction at least, in tolerances; 0 where it may be right."""
    ends = fate.record.interval.shifted(-fate.record.prediction)
    far = max(ends.lo, -ends.hi, 0.0)
    return far / (fate.record.bias + fate.record.margin) if isfinite(far) else far
