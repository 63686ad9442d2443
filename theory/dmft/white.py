"""Functions of a sample in a basis that is orthonormal under the average over the samples drawn."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_DEPENDENT = 1e-10  # of a function's norm: what lies outside the basis below that is round-off


class White:
    """Orthonormal rows (count, N): <phi, psi> is the average of phi psi over the N samples.

    Row 0 is the constant 1, so all later rows have mean zero. New normals are orthonormalised against everything that
    came before: their first and second moments, and covariances with the past, are then exact instead of off by
    N^(-1/2), and what is linear in them carries no sampling error. They come from one scrambled Sobol sequence.
    """

    def __init__(self, samples: int, rows: int, normals: int, rng: "np.random.Generator") -> None:
        """Room for `rows` rows, of which at most `normals` are drawn."""
        import numpy as np

        self._normals, self._table = sobol_normals(samples, normals, rng), np.empty((rows, samples))
        self._table[0], self.count = 1.0, 1

    def values(self, coefficients: "np.ndarray") -> "np.ndarray":
        """The functions (q, N) with the given `coefficients` (q, count or less)."""
        return coefficients @ self._table[: coefficients.shape[1]]

    def rows(self, numbers: "np.ndarray") -> "np.ndarray":
        """The rows with the given numbers, (q, N)."""
        return self._table[numbers]

    def inner(self, functions: "np.ndarray") -> "np.ndarray":
        """Averages (q, count) of products of `functions` (q, N) and all rows."""
        return functions @ self._table[: self.count].T / self._table.shape[1]

    def draw(self, count: int) -> "np.ndarray":
        """Append `count` independent standard normals; their row numbers."""
        import numpy as np

        first, samples = self.count, self._table.shape[1]
        new = self._table[first : first + count]
        new[:], self._normals = self._normals[:count], self._normals[count:]
        for _ in range(2):
            self._clear(new)
            lower = np.linalg.cholesky(new @ new.T / samples)
            new[:] = np.linalg.inv(lower) @ new
        self.count += count
        return np.arange(first, self.count)

    def expand(self, functions: "np.ndarray") -> "np.ndarray":
        """Coefficients (q, count) of `functions` (q, N), which are overwritten; rows are appended as needed."""
        import numpy as np

        norms, before = _norms(functions), self.count
        found = np.zeros((len(functions), before + len(functions)))
        for _ in range(2):
            found[:, :before] += self._clear(functions)
        for i, rest in enumerate(functions):
            for _ in range(2):
                found[i, before : self.count] += self._clear(rest[None], before)[0]
            size = _norms(rest[None])[0]
            if size > _DEPENDENT * norms[i]:
                self._table[self.count] = rest / size
                found[i, self.count] = size
                self.count += 1
        return found[:, : self.count]

    def _clear(self, functions: "np.ndarray", first: int = 0) -> "np.ndarray":
        """Subtract, in place, the projection on the rows from `first` on; its coefficients."""
        rows = self._table[first : self.count]
        inner = functions @ rows.T / rows.shape[1]
        functions -= inner @ rows
        return inner


def sobol_normals(samples: int, dimension: int, rng: "np.random.Generator") -> "np.ndarray":
    """Standard normals (dimension, samples) from one scramble of a Sobol sequence."""
    import numpy as np
    from scipy.special import ndtri
    from scipy.stats import qmc

    sobol = qmc.Sobol(dimension, scramble=True, seed=rng)
    points = np.concatenate([sobol.random(1), sobol.random(samples - 1)])  # at once it warns unless N is a power of 2
    return ndtri(np.clip(points.T, 2.0**-40, 1 - 2.0**-40))


def _norms(functions: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return np.sqrt(np.einsum("in,in->i", functions, functions) / functions.shape[1])
