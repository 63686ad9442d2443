"""A batch at d = infinity: what its samples see of the rows, and what they add to the gradient."""

from typing import TYPE_CHECKING

from .white import White

if TYPE_CHECKING:
    import numpy as np

_NEW = 1e-10  # of a vector's length: a smaller part outside a span is round-off


class Batch:
    """Samples of one batch, and the directions along which they have been seen.

    Rows are vectors in coordinates: first the k of the teacher, then others, more at every step. A sample's field along
    W is <W, zeta> + ratio^(-1/2) sum_j <W, nu_j> s_j: zeta is white, known along the directions `asked` so far; nu_j
    are the coordinates that this batch's own gradients opened, s_j the orthonormal functions of its samples that opened
    them (docs/notes/dmft.md, item 1). The first part is what an unseen sample would see.
    """

    def __init__(self, white: White, seen: "np.ndarray", ratio: float) -> None:
        """`seen` (k,): rows of `white` that hold u, the fields along the teacher."""
        import numpy as np

        self.white, self.ratio = white, ratio
        self._asked, self._seen = np.eye(len(seen)), seen  # directions (a, coordinates) and rows of `white` (a,)
        self._nu, self._left = np.zeros(0, dtype=int), np.zeros((0, white.count))  # (j,), (j, rows of `white`)

    def fields(self, rows: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
        """(what an unseen sample would see, what these samples see of themselves), both (p, N)."""
        import numpy as np

        self._asked = _widen(self._asked, rows.shape[1])
        new = directions(rows, self._asked)
        if len(new):
            self._asked = np.concatenate([self._asked, new])
            self._seen = np.concatenate([self._seen, self.white.draw(len(new))])
        free = np.zeros((len(rows), self.white.count))
        free[:, self._seen] = rows @ self._asked.T
        memory = rows[:, self._nu] @ self._left / np.sqrt(self.ratio)
        return self.white.values(free), self.white.values(memory)

    def gradient(self, errors: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
        """E[e x^T] in the limit, for `errors` e (p, N), which are overwritten: its part in the directions asked, (p,
        coordinates), and all of it, (p, coordinates + new ones)."""
        import numpy as np

        found = self.white.expand(errors)
        drift = found[:, self._seen] @ self._asked
        self._left = _widen(self._left, found.shape[1])
        new = directions(found, self._left)
        size = drift.shape[1]
        self._left = np.concatenate([self._left, new])
        self._nu = np.concatenate([self._nu, size + np.arange(len(new))])
        total = _widen(drift, size + len(new))
        total[:, self._nu] += found @ self._left.T / np.sqrt(self.ratio)
        return drift, total

    def teacher(self, k: int) -> "np.ndarray":
        """u, the fields along the teacher, (k, N)."""
        return self.white.rows(self._seen[:k])

    def drift(self, functions: "np.ndarray") -> "np.ndarray":
        """E[function zeta^T] in the directions asked, (q, coordinates), for functions (q, N) of the samples."""
        return self.white.inner(functions)[:, self._seen] @ self._asked


def directions(vectors: "np.ndarray", known: "np.ndarray") -> "np.ndarray":
    """Orthonormal vectors that, added to the orthonormal `known`, make its span contain `vectors`."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    rest = vectors / np.where(lengths > 0, lengths, 1.0)
    for _ in range(2):
        rest = rest - (rest @ known.T) @ known
    _, sizes, right = np.linalg.svd(rest, full_matrices=False)
    new = right[sizes > _NEW]
    for _ in range(2):  # a short rest may keep something of the span
        new = np.linalg.qr((new - (new @ known.T) @ known).T)[0].T
    return new


def _widen(vectors: "np.ndarray", size: int) -> "np.ndarray":
    import numpy as np

    return np.pad(vectors, ((0, 0), (0, size - vectors.shape[1])))
