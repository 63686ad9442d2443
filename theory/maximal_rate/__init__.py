"""Ridge on features after one step at the maximal rate, eta = Theta(p)."""

from .errors import MaximalRateErrors, maximal_rate_errors

__all__ = ["MaximalRateErrors", "maximal_rate_errors"]
