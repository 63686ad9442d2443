"""Arrays of numbers by name, as bytes: one line of JSON that says what follows, then the numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

KINDS = "biuf"  # booleans, whole numbers, floats


def encode(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The bytes of `arrays`. Raises TypeError for arrays of anything but numbers."""
    solid = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
    for name, values in solid.items():
        if values.dtype.kind not in KINDS:
            raise TypeError(f"{name!r} holds {values.dtype}, not numbers")
    little = {name: values.astype(values.dtype.newbyteorder("<"), copy=False) for name, values in solid.items()}
    head = [[name, values.dtype.str, np.shape(arrays[name])] for name, values in little.items()]
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
