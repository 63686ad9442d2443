"""Hermite algebra: coefficients of activations, expansions and tensors of targets."""

from .coefficients import HermiteCoefficients, hermite_coefficients
from .expansion import Expansion, expansion
from .tensor import hermite_tensor

__all__ = ["Expansion", "HermiteCoefficients", "expansion", "hermite_coefficients", "hermite_tensor"]
