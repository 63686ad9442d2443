"""Do theory and simulation agree? Claims, verdicts with an error budget, and the command line."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .catalogue import claims
    from .claim import Claim, Plan
    from .draw import Draw
    from .verdict import Budget, Component, Status, Verdict
    from .verification import select, verify, verify_all

# Loaded when first asked for: `giantstep predict` passes through this package and must not wait for numpy.
_HOMES = {
    "claims": "catalogue",
    "Claim": "claim",
    "Plan": "claim",
    "Draw": "draw",
    "Budget": "verdict",
    "Component": "verdict",
    "Status": "verdict",
    "Verdict": "verdict",
    "select": "verification",
    "verify": "verification",
    "verify_all": "verification",
}

__all__ = [
    "Budget",
    "Claim",
    "Component",
    "Draw",
    "Plan",
    "Status",
    "Verdict",
    "claims",
    "select",
    "verify",
    "verify_all",
]


def __getattr__(name: str) -> Any:
    """The public names, from the modules that hold them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
