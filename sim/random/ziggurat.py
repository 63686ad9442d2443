"""Tables of the ziggurat: the area under exp(-x^2 / 2), x > 0, covered by layers of equal area."""

import math

import numpy as np

LAYERS = 512


def _edges(tail: float) -> list[float]:
    """Right ends of the layers, from the bottom, if the lowest one ends at `tail` and has the tail beside it.

    Ends with 0 where the layers reach the top of the density; where they pass it early, the list is short.
    """
    area = tail * math.exp(-0.5 * tail**2) + math.sqrt(math.pi / 2) * math.erfc(tail / math.sqrt(2))
    edges = [area * math.exp(0.5 * tail**2), tail]  # as a rectangle the bottom layer would end beyond its tail
    while len(edges) < LAYERS:
        height = math.exp(-0.5 * edges[-1] ** 2) + area / edges[-1]
        if height >= 1.0:
            break
        edges.append(math.sqrt(-2.0 * math.log(height)))
    return edges


def _gap(tail: float) -> float:
    """How far the top of the last layer is from 1: negative where the layers are too thick."""
    edges = _edges(tail)
    if len(edges) < LAYERS:
        return -1.0
    return 1.0 - math.exp(-0.5 * edges[-1] ** 2) - edges[0] * math.exp(-0.5 * tail**2) / edges[-1]


def _solve() -> float:
    """The tail for which the layers fill the area exactly, by bisection: a longer tail has thinner layers."""
    low, high = 3.0, 4.0
    while low < (middle := 0.5 * (low + high)) < high:
        low, high = (middle, high) if _gap(middle) < 0 else (low, middle)
    return high


TAIL = _solve()  # where the tail begins: 3.85 for 512 layers
_ENDS = np.array([*_edges(TAIL), 0.0])
DENSITY = np.exp(-0.5 * _ENDS**2)  # (LAYERS + 1,): layer i lies between DENSITY[i] and DENSITY[i + 1]
SCALE, INNER = _ENDS[:-1] * 2.0**-53, _ENDS[1:]  # (LAYERS,): right end, in units of 2^53, and the next layer's
