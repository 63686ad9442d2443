"""An orthonormal basis of the fields whose first axes span the neurons' own."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_RANK = 1e-8  # rows shorter than this outside the others' span, relative to their norm, add no axis


@dataclass(frozen=True)
class Basis:
    """rows = along @ axes[:, :m].T, with rows (p, r), axes (r, r) orthogonal, along (p, m).

    Fields z = axes @ zeta, zeta ~ N(0, I_r), so h = along @ zeta[:m].
    """

    axes: "np.ndarray"
    along: "np.ndarray"

    @property
    def rank(self) -> int:
        """m, the number of axes the neurons see."""
        return self.along.shape[1]


def basis(rows: "np.ndarray") -> Basis:
    """m is the rank of `rows`; the first axis is a row's own, the second lies in the plane of two, and so on."""
    import numpy as np
    from scipy.linalg import qr

    if not len(rows):
        return Basis(np.eye(rows.shape[1]), np.zeros((0, 0)))
    axes, triangle, _ = qr((rows / lengths(rows)).T, pivoting=True)
    rank = int(np.sum(np.abs(np.diag(triangle)) > _RANK))
    return Basis(axes, rows @ axes[:, :rank])


def basis_of(rows: "np.ndarray", first: int) -> Basis:
    """The first axis is that of row `first`, the next ones are added by the rows in decreasing alignment with it."""
    import numpy as np

    unit = rows / lengths(rows)
    cosines = np.abs(unit @ unit[first])
    cosines[first] = 2  # before its mirror image
    axes = np.linalg.qr(unit[np.argsort(-cosines, kind="stable")].T, mode="complete")[0]
    return Basis(axes, rows @ axes[:, : min(rows.shape)])


def lengths(rows: "np.ndarray") -> "np.ndarray":
    """Norms of the rows, (p, 1), with 1 in place of 0."""
    import numpy as np

    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(norms > 0, norms, 1.0)
