"""Rules for E over N(0, 1), and their products."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np

END = 10.0  # the Gaussian weight beyond it is below 1e-22

Axis: TypeAlias = "tuple[np.ndarray, np.ndarray]"
"""Nodes (N,) and weights (N,); or nodes (N, r) of a product."""


def gauss_hermite(count: int) -> Axis:
    """Exact for polynomials of degree at most 2 count - 1."""
    import numpy as np

    x, w = np.polynomial.hermite_e.hermegauss(count)
    return x, w / w.sum()


def trapezoidal(spacing: float) -> Axis:
    """Error exp(-2 pi a / spacing) for functions analytic in a strip of half-width a."""
    import numpy as np

    count = round(END / spacing)
    x = spacing * np.arange(-count, count + 1)
    w = np.exp(-(x**2) / 2)
    return x, w / w.sum()


def gauss_legendre(ends: "np.ndarray", count: int) -> Axis:
    """Nodes and weights (..., (E - 1) count) on the intervals between `ends` (..., E), Gaussian density included."""
    import numpy as np

    x, w = np.polynomial.legendre.leggauss(count)
    middle, half = (ends[..., 1:] + ends[..., :-1]) / 2, (ends[..., 1:] - ends[..., :-1]) / 2
    nodes = middle[..., None] + half[..., None] * x
    weights = half[..., None] * w * np.exp(-(nodes**2) / 2) / np.sqrt(2 * np.pi)
    shape = (*ends.shape[:-1], -1)
    return nodes.reshape(shape), weights.reshape(shape)


def product(axes: Sequence[Axis]) -> Axis:
    """Nodes (N, r) and weights (N,) of the product of r rules, without nodes that weigh less than 1e-22."""
    import numpy as np

    nodes, weights = np.zeros((1, 0)), np.ones(1)
    for x, w in axes:
        heavy = np.outer(weights, w) > 1e-22
        first, second = np.nonzero(heavy)
        nodes, weights = np.column_stack([nodes[first], x[second]]), weights[first] * w[second]
    return nodes, weights
