"""Arrays of numbers by name, as bytes: one line of JSON that says what follows, then the numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from theory.problem import ProblemError

KINDS = "biuf"  # booleans, whole numbers, floats


def plain(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same numbers as `decode` gives them back: plain arrays in C order and native byte order.

    Raises ProblemError for arrays of anything but numbers.
    """
    found = {}
    for name, values in arrays.items():
        array = np.array(values, order="C", copy=None, subok=False)
        if array.dtype.kind not in KINDS:
            raise ProblemError(f"{name!r} holds {array.dtype}, not numbers")
        found[name] = array.astype(array.dtype.newbyteorder("="), copy=False)
    return found


def encode(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The bytes of `arrays`, alike on every machine. Raises ProblemError as `plain`."""
    little = {name: values.astype(values.dtype.newbyteorder("<"), copy=False) for name, values in plain(arrays).items()}
    head = [[name, values.dtype.str, values.shape] for name, values in little.items()]
    return b"\n".join([json.dumps(head).encode(), b"".join(values.tobytes() for values in little.values())])


def decode(data: bytes) -> dict[str, np.ndarray]:
    """The inverse of `encode`. Raises ValueError where the bytes are no such thing."""
    head, _, body = data.partition(b"\n")
    arrays, start = {}, 0
    for name, kind, shape in json.loads(head):
        dtype, count = np.dtype(kind), int(np.prod(shape, dtype=int))
        arrays[name] = np.frombuffer(body, dtype, count, start).reshape(shape).astype(dtype.newbyteorder("="))
        start += count * dtype.itemsize
    if start != len(body):
        raise ValueError(f"{len(body)} bytes where {start} were announced")
    return arrays
