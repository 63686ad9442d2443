"""Rows from Gram matrices, with as few columns as their rank."""

from typing import TYPE_CHECKING

from .basis import lengths

if TYPE_CHECKING:
    import numpy as np

_TOLERANCE = 1e-13  # of eigenvalues, with every diagonal entry brought to one


def root(gram: "np.ndarray") -> "np.ndarray":
    """R with R R^T = gram, positive semi-definite up to round-off: (p, p) -> (p, rank)."""
    import numpy as np

    scale = np.sqrt(np.maximum(np.diag(gram), 0))
    scale = np.where(scale > 0, scale, 1.0)[:, None]
    values, vectors = np.linalg.eigh(gram / scale / scale.T)
    keep = values > _TOLERANCE
    return scale * vectors[:, keep] * np.sqrt(values[keep])


def shorten(rows: "np.ndarray") -> "np.ndarray":
    """Rows with the same Gram matrix, (p, q) -> (p, rank)."""
    import numpy as np

    scale = lengths(rows)
    left, sizes, _ = np.linalg.svd(rows / scale, full_matrices=False)
    keep = sizes > np.sqrt(_TOLERANCE)
    return scale * left[:, keep] * sizes[keep]
