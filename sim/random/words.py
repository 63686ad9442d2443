"""Random words from a stream that an address opens.

Philox turns an address into the seeds of LANES + 1 SFC64 generators (Doty-Humphrey). The first LANES take turns, so
that a compiler can step them together; the last one, the spare, serves where a single word is needed.
"""

import numpy as np

from ..kernels import kernel
from .philox import philox

LANES = 8
COUNT, _SPARE = 3 * LANES, 3 * LANES + 1  # state: three turns, the next one's number; a, b, c and counter of the spare

_1, _9, _11, _12, _22, _24, _32, _40, _44 = (np.uint64(i) for i in (1, 9, 11, 12, 22, 24, 32, 40, 44))
_NINTH = np.uint64(pow(9, -1, 2**64))
_TURN = np.uint64(LANES)


def _open_stream(key: np.ndarray, replica: int, purpose: int, batch: int, block: int) -> np.ndarray:
    """A new state, at the start of the stream: (3 LANES + 5,) uint64. key (2,) uint64; purpose below 2^32.

    SFC64 turns (a, b, c) into (b ^ b >> 11, 9 c, word + c rotated by 24), word = a + b + counter. A lane is held by
    its last three c, from which a and b follow: all its numbers then live in one array, each made of earlier ones.
    """
    state, turns = np.empty(_SPARE + 4, np.uint64), np.empty(15 * LANES, np.uint64)
    for lane in range(LANES + 1):
        mixed = np.uint64(purpose) | np.uint64(lane) << _32
        a, b, c, _ = philox(key, np.uint64(replica), mixed, np.uint64(batch), np.uint64(block))
        if lane == LANES:
            state[_SPARE], state[_SPARE + 1], state[_SPARE + 2], state[_SPARE + 3] = a, b, c, _1
        else:
            a ^= a >> _11
            a ^= a >> _22
            turns[lane], turns[LANES + lane], turns[2 * LANES + lane] = _NINTH * (a ^ a >> _44), _NINTH * b, c
    for i in range(12 * LANES):  # every generator drops its first twelve words, as NumPy does
        step(turns, _1, i)
    state[:COUNT] = turns[12 * LANES :]
    state[COUNT] = _1 + _12
    for _ in range(12):
        spare(state)
    return state


def _step(turns: np.ndarray, count: np.uint64, i: int) -> np.uint64:
    """Word i of the lanes, if turns[: 3 LANES] and `count` are those of a state. Writes turns[i + 3 LANES]."""
    before, b, c = _9 * turns[i], _9 * turns[i + LANES], turns[i + 2 * LANES]
    word = (before ^ before >> _11) + b + (count + np.uint64(i) // _TURN)
    turns[i + 3 * LANES] = (c << _24 | c >> _40) + word
    return word


def _word_again(turns: np.ndarray, i: int) -> np.uint64:
    """Word i, which `step` has already made."""
    c = turns[i + 2 * LANES]
    return turns[i + 3 * LANES] - (c << _24 | c >> _40)


def _draw(state: np.ndarray, words: np.ndarray) -> None:
    """Fill `words` (m,) from the lanes, in turn; the next call begins a new turn."""
    used = -(-words.size // LANES) * LANES
    turns = np.empty(COUNT + used, np.uint64)
    turns[:COUNT] = state[:COUNT]
    for i in range(words.size):
        words[i] = step(turns, state[COUNT], i)
    for i in range(words.size, used):
        step(turns, state[COUNT], i)
    state[:COUNT] = turns[used:]
    state[COUNT] += np.uint64(used // LANES)


def _spare(state: np.ndarray) -> np.uint64:
    """A word of the spare generator."""
    a, b, c = state[_SPARE], state[_SPARE + 1], state[_SPARE + 2]
    word = a + b + state[_SPARE + 3]
    state[_SPARE], state[_SPARE + 1], state[_SPARE + 2] = b ^ b >> _11, _9 * c, (c << _24 | c >> _40) + word
    state[_SPARE + 3] += _1
    return word


def _uniform(state: np.ndarray) -> float:
    """Uniform on the midpoints of 2^52 equal parts of (0, 1), from the spare generator."""
    return (float(spare(state) >> _12) + 0.5) * 2.0**-52


step = kernel(_step)
word_again = kernel(_word_again)
draw = kernel(_draw)
spare = kernel(_spare)
uniform = kernel(_uniform)
open_stream = kernel(_open_stream)
