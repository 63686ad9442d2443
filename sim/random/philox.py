"""Philox4x64-10 (Salmon, Moraes, Dror and Shaw, 2011): words that a key and a counter determine, in any order."""

import numpy as np

from ..kernels import kernel

_LOW, _32 = np.uint64(2**32 - 1), np.uint64(32)
_M0, _M1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_W0, _W1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)


def _upper(a: np.uint64, b: np.uint64) -> np.uint64:
    """Upper half of the 128-bit product."""
    a_low, a_high, b_low, b_high = a & _LOW, a >> _32, b & _LOW, b >> _32
    middle = a_high * b_low + (a_low * b_low >> _32)
    return a_high * b_high + (middle >> _32) + (a_low * b_high + (middle & _LOW) >> _32)


def _philox(key: np.ndarray, c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64) -> tuple:
    """Four uint64 words for a key (2,) and a counter of four words, the lowest first."""
    k0, k1 = key[0], key[1]
    for _ in range(10):
        high0, low0 = upper(_M0, c0), _M0 * c0
        high1, low1 = upper(_M1, c2), _M1 * c2
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = k0 + _W0, k1 + _W1
    return c0, c1, c2, c3


upper = kernel(_upper)
philox = kernel(_philox)
