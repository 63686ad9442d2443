"""Arrays from outside, checked at the door."""

from typing import TYPE_CHECKING, Any

from ..problem import ProblemError

if TYPE_CHECKING:
    import numpy as np


def matrix(value: Any, name: str) -> "np.ndarray":
    """`value` as a matrix of finite floats."""
    import numpy as np

    array = _numbers(value, name)
    if array.ndim != 2 or not np.isfinite(array).all():
        raise ProblemError(f"{name} of shape {array.shape}: a matrix of finite numbers is needed")
    return array


def vector(value: Any, name: str) -> "np.ndarray":
    """`value` as finite floats in one dimension; one number is a vector of one."""
    import numpy as np

    array = np.atleast_1d(_numbers(value, name))
    if array.ndim != 1 or not np.isfinite(array).all():
        raise ProblemError(f"{name} of shape {array.shape}: finite numbers in one dimension are needed")
    return array


def row(value: Any, name: str, length: int) -> "np.ndarray":
    """`value` as `length` finite floats; one number stands for all."""
    import numpy as np

    array = _numbers(value, name)
    if array.shape not in {(), (length,)} or not np.isfinite(array).all():
        raise ProblemError(f"{name} of shape {array.shape}: a finite number, or one for each of {length} neurons")
    return np.broadcast_to(array, (length,))


def _numbers(value: Any, name: str) -> "np.ndarray":
    import numpy as np

    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ProblemError(f"{name} is no array of numbers") from None
