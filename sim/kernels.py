"""How kernels are compiled: without the interpreter's lock, kept on disk, IEEE division, no threads of their own.

The plain Python function stays beside each, as its twin.
"""

from numba import njit

_options = {"nogil": True, "cache": True, "error_model": "numpy"}
kernel = njit(**_options)
# Sums in any order, so that many terms are taken at a time; products added without rounding.
summing = njit(**_options, fastmath={"reassoc", "contract"})
fused = njit(**_options, fastmath={"contract"})
