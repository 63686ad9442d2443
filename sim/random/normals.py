"""Normal and chi-squared numbers from the words of a stream.

A normal number begins with one word, which the ziggurat settles at once but for one in two hundred. `fill` takes
these words from the lanes in turn, all others from the spare generator, in the order of the numbers. So the first
numbers of a longer `fill` of a newly opened stream are those of a shorter one; but a second `fill` begins a new turn,
and where a stream is cut into two calls matters.
"""

import math

import numpy as np

from ..kernels import kernel
from .words import COUNT, LANES, spare, step, uniform, word_again
from .ziggurat import DENSITY, INNER, LAYERS, SCALE, TAIL

BLOCK = 1024  # numbers begun before any is finished: few enough to stay in the nearest cache
_LAYER = np.uint64(LAYERS - 1)
_1 = np.uint64(1)


def _settle(state: np.ndarray, word: np.uint64) -> float:
    """The normal number that begins with `word` (Marsaglia and Tsang, 2000; 53 bits with the sign, odd: never 0)."""
    while True:
        layer = word & _LAYER
        x = float(np.int64(word) >> 10 | 1) * SCALE[layer]
        if abs(x) < INNER[layer]:
            return x
        if layer == 0:
            return math.copysign(tail(state), x)
        height = DENSITY[layer] + uniform(state) * (DENSITY[layer + _1] - DENSITY[layer])
        if height < math.exp(-0.5 * x * x):
            return x
        word = spare(state)


def _tail(state: np.ndarray) -> float:
    """A normal number, given that it exceeds TAIL (Marsaglia, 1964)."""
    while True:
        beyond = -math.log(uniform(state)) / TAIL
        if -2.0 * math.log(uniform(state)) > beyond * beyond:
            return TAIL + beyond


def _begin(turns: np.ndarray, count: np.uint64, values: np.ndarray, open_: np.ndarray) -> None:
    """values[i] = what word i begins, and open_[i] whether that is not settled at once. Plain enough to vectorise."""
    for i in range(values.size):
        word = step(turns, count, i)
        layer = word & _LAYER
        x = float(np.int64(word) >> 10 | 1) * SCALE[layer]
        values[i] = x
        open_[i] = abs(x) >= INNER[layer]


def _finish(state: np.ndarray, turns: np.ndarray, values: np.ndarray, open_: np.ndarray) -> None:
    """Settle what is open, in order."""
    eights = open_.view(np.uint64)
    for first in range(0, values.size, 8):
        if eights[first // 8]:
            for i in range(first, min(first + 8, values.size)):
                if open_[i]:
                    values[i] = settle(state, word_again(turns, i))


def _fill(state: np.ndarray, array: np.ndarray) -> None:
    """Fill `array`, C-ordered, of one or two axes and float64 or float32, with standard normals in its own order.

    They are drawn in float64 and rounded.
    """
    flat = array.reshape(array.size)
    room = min(BLOCK, -(-flat.size // LANES) * LANES)
    turns, open_ = np.empty(COUNT + room, np.uint64), np.empty(room, np.uint8)
    turns[:COUNT] = state[:COUNT]
    for start in range(0, flat.size, BLOCK):
        values = flat[start : start + BLOCK]
        used = -(-values.size // LANES) * LANES
        begin(turns, state[COUNT], values, open_)
        for i in range(values.size, used):
            step(turns, state[COUNT], i)
        finish(state, turns, values, open_)
        turns[:COUNT] = turns[used : used + COUNT]
        state[COUNT] += np.uint64(used // LANES)
    state[:COUNT] = turns[:COUNT]


def _normal(state: np.ndarray) -> float:
    """One standard normal, from the spare generator."""
    return settle(state, spare(state))


def _chi_square(state: np.ndarray, df: int) -> float:
    """Chi-squared with `df` >= 0 degrees of freedom, by rejection from a cubed normal (Marsaglia and Tsang, 2000)."""
    if df < 2:
        return normal(state) ** 2 if df == 1 else 0.0
    d = 0.5 * df - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal(state)
        t = c * x
        if t <= -1.0:
            continue
        excess = t * (3.0 + t * (3.0 + t))  # (1 + t)^3 - 1, without cancellation where d is large and t small
        if math.log(uniform(state)) < 0.5 * x * x + d * (3.0 * math.log1p(t) - excess):
            return 2.0 * d * (1.0 + excess)


tail = kernel(_tail)
settle = kernel(_settle)
begin = kernel(_begin)
finish = kernel(_finish)
fill = kernel(_fill)
normal = kernel(_normal)
chi_square = kernel(_chi_square)
