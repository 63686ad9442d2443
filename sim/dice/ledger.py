"""What has been asked of a data matrix, and the law of the next answer.

X (n, d) has independent standard normal entries. Known are the images X q of orthonormal directions q, rows of A, and
the images X^T s of orthonormal directions s, rows of S. Whatever was asked before, the rest of X is as it was: for a
unit vector q orthogonal to A, X q is S^T (S X q), which is known, and (1 - S^T S) g with fresh normals g; the same for
X^T s. Nothing of size n d appears, and on the side of R^d nothing of size d either: what is new in X^T s is a Gaussian
matrix, which in a basis of its own span is its triangular factor. Proof: docs/notes/dice.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..algebra.orthonormal import extend, separate
from ..algebra.products import add_combinations, add_products
from ..algebra.small import fill_bartlett, fill_stack
from ..groups import Advance
from ..kernels import kernel
from ..random.streams import GRADIENT, cut
from ..threads import Crew
from .sweeps import CLEAN, DONE, KEEP, Known, Query, draw, refine

CHUNK = 1024  # samples at most that share a stream
TASK_VALUES = 2**19  # entries of the ledger that a task passes over
_ROUNDS = 8  # far more than it takes to make vectors orthonormal


@dataclass(frozen=True)
class Address:
    """Where random numbers of R replicas come from: root key, first replica and how many, batch id."""

    key: np.ndarray
    first: int
    count: int
    batch: int


@dataclass
class Errors:
    """values (R, chunks, >= p, width): p vectors of R^n a replica, used up by ``Ledger.tell``.

    inner (R, p, m): their products with the left directions; gram (R, p, p): with each other.
    """

    values: np.ndarray
    inner: np.ndarray
    gram: np.ndarray


class Ledger:
    """One batch of R replicas. rights, lefts: how many directions will be asked for, on either side."""

    def __init__(
        self, address: Address, n: int, coordinates: int, rights: int, lefts: int, crew: Crew, advance: Advance
    ) -> None:
        self.address, self.n, self._crew, self._advance = address, n, crew, advance
        count, (chunks, width) = address.count, chunking(n)
        self.known = Known(
            np.zeros((count, rights, coordinates)), np.empty((count, chunks, rights, width)), np.zeros(count, np.int64),
            np.empty((count, chunks, lefts, width)), np.zeros((count, lefts, coordinates)), np.zeros(count, np.int64),
        )  # fmt: skip
        self._asked = self._told = 0
        # Sums are taken span by span, and must not change with what is looked at after the last step: that adds to
        # `rights` alone, of which there are about as many as `lefts` otherwise.
        per_chunk = 2 * lefts * width
        self._spans = [(a, a + m) for a, m in cut(chunks, max(1, TASK_VALUES // per_chunk))]
        self._together = max(1, TASK_VALUES // (per_chunk * chunks))  # replicas a task, where one span is all

    def ask(self, rows: np.ndarray) -> Query:
        """Look along rows (R, p, D) of R^d, in the coordinates explored so far; the images are left to be completed."""
        self._widen(rows.shape[2])
        known, (count, p, _) = self.known, rows.shape
        before = known.rights.copy()
        coefficients, inside = np.zeros((count, p, known.right.shape[1])), np.zeros((count, p, known.left.shape[2]))
        prepare(known, np.ascontiguousarray(rows), coefficients, inside)
        drawn = partial(draw, *self._stream(), self._asked, self.n, known, before)
        (inner,) = self.sweep(drawn, inside.shape)
        self._asked += 1
        return Query(coefficients, before, inside - inner)

    def tell(self, errors: Errors, d: int) -> np.ndarray:
        """X^T e for the vectors e: (R, p, D') in D' >= D coordinates, the new ones at the end, at most d."""
        known, (count, p, _), held = self.known, errors.inner.shape, self.known.right.shape[2]
        total, fresh, seen = self._orthonormalise(errors)
        normals, factors = np.empty((count, p, held)), np.empty((count, p, min(p, d - held)))
        key, first, batch = self._stream()
        fill_stack(key, first, GRADIENT, batch, 2 * self._told, normals)
        fill_bartlett(key, first, GRADIENT, batch, 2 * self._told + 1, np.full(count, d - held), factors)
        self._told += 1
        self._widen(held + factors.shape[2])
        moves = np.zeros((count, p, held + factors.shape[2]))
        settle(self.known, fresh, seen, normals, factors, total, moves)
        known.lefts[:] += fresh
        return moves

    def sweep(self, kernel: Callable[..., None], *shapes: tuple[int, ...]) -> tuple[np.ndarray, ...]:
        """Zeros of these shapes, replica axis first, to which kernel(span, *arrays) adds sums over the samples."""
        count, totals = self.address.count, tuple(np.zeros(shape) for shape in shapes)
        if len(self._spans) == 1:
            for first, many in cut(count, self._together):
                kernel((first, first + many, *self._spans[0]), *(total[first : first + many] for total in totals))
                self._advance(0.0)
            return totals
        tasks = [(r, r + 1, *span) for r in range(count) for span in self._spans]

        def part(span: tuple[int, int, int, int]) -> tuple[np.ndarray, ...]:
            arrays = tuple(np.zeros((1, *shape[1:])) for shape in shapes)
            kernel(span, *arrays)
            return arrays

        for span, arrays in zip(tasks, self._crew.stream(part, tasks), strict=True):
            self._advance(0.0)
            for total, array in zip(totals, arrays, strict=True):
                total[span[0]] += array[0]
        return totals

    def _orthonormalise(self, errors: Errors) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Turns what is new in the errors into left directions; how many, the errors in terms of all, their images."""
        known, (count, p, m) = self.known, errors.inner.shape
        stage, fresh = np.full(count, CLEAN), np.zeros(count, np.int64)
        factor, norms = np.tile(np.eye(p), (count, 1, 1)), np.sqrt(np.einsum("rii->ri", errors.gram))
        total, seen = np.zeros((count, p, m)), np.zeros((count, p, known.right.shape[1]))
        inner, gram = errors.inner, errors.gram
        for left in reversed(range(_ROUNDS)):
            inverse = np.empty_like(gram)
            step(known, stage, fresh, inner, gram, norms, factor, total, inverse, left == 0)
            refined = partial(refine, errors.values, known, stage, inner, inverse, norms, fresh)
            inner, gram, images = self.sweep(refined, inner.shape, gram.shape, seen.shape)
            seen += images
            stage[stage == KEEP] = DONE
            if not stage.any():
                break
        return total, fresh, seen

    def _stream(self) -> tuple[np.ndarray, int, int]:
        return self.address.key, self.address.first, self.address.batch

    def _widen(self, coordinates: int) -> None:
        """Directions and images of R^d have no component along coordinates found since."""
        more = ((0, 0), (0, 0), (0, coordinates - self.known.right.shape[2]))
        if more[2][1]:
            self.known = self.known._replace(right=np.pad(self.known.right, more), back=np.pad(self.known.back, more))


def chunking(n: int) -> tuple[int, int]:
    """(how many chunks, samples in each but the last): a function of n alone."""
    chunks = -(-n // CHUNK)
    return chunks, -(-n // chunks)


def _prepare(known: Known, rows: np.ndarray, coefficients: np.ndarray, inside: np.ndarray) -> None:
    """Adds to the right directions what `rows` (R, p, D) bring; fills a ``sim.dice.sweeps.Query``."""
    for r in range(rows.shape[0]):
        before = known.rights[r]
        end = known.rights[r] = extend(known.right[r], before, rows[r])
        weights, products = np.zeros((rows.shape[1], end)), np.zeros((end - before, known.lefts[r]))
        add_products(weights, rows[r], known.right[r, :end])
        add_products(products, known.right[r, before:end], known.back[r, : known.lefts[r]])
        coefficients[r, :, :end] = weights
        for i in range(rows.shape[1]):
            if not np.isfinite(rows[r, i]).all():
                coefficients[r, i] = np.nan
        inside[r, : end - before, : known.lefts[r]] = products


def _step(
    known: Known, stage: np.ndarray, fresh: np.ndarray, inner: np.ndarray, gram: np.ndarray, norms: np.ndarray,
    factor: np.ndarray, total: np.ndarray, inverse: np.ndarray, last: bool,
) -> None:  # fmt: skip
    """Decides for every replica what `refine` does next; see ``sim.algebra.orthonormal.separate``.

    The errors are total S + factor (what is left of them), and at the end total times all left directions.
    """
    p = gram.shape[1]
    lower = np.empty((p, p))
    for r in range(stage.size):
        if stage[r] == DONE:
            continue
        m = known.lefts[r]
        part = np.ascontiguousarray(inner[r, :, :m])
        good = separate(part, gram[r], factor[r], norms[r], lower, inverse[r])
        for i in range(p):
            if not np.isfinite(norms[r, i]):
                part[i] = 0.0
        inner[r, :, :m] = part
        sums = np.zeros((p, m))
        add_combinations(sums, 1.0, factor[r], part)
        total[r, :, :m] += sums
        product = np.zeros((p, p))
        add_combinations(product, 1.0, factor[r], lower)
        factor[r] = product
        if good or last:
            stage[r] = KEEP
            for i in range(p):
                if lower[i, i] > 0.0 and m + fresh[r] < total.shape[2]:
                    inverse[r, fresh[r]] = inverse[r, i]
                    total[r, :, m + fresh[r]] = factor[r, :, i]
                    fresh[r] += 1
            for i in range(p):
                if not np.isfinite(norms[r, i]):
                    total[r, i] = np.nan


def _settle(
    known: Known, fresh: np.ndarray, seen: np.ndarray, normals: np.ndarray, factors: np.ndarray, total: np.ndarray,
    moves: np.ndarray,
) -> None:  # fmt: skip
    """Images of the new left directions: g + (S_new X A^T - g A^T) A on the old coordinates, then `factors`."""
    for r in range(fresh.size):
        a, m, q, held = known.rights[r], known.lefts[r], fresh[r], normals.shape[2]
        old, right = normals[r, :q], np.ascontiguousarray(known.right[r, :a, :held])
        known_part, drawn_part = np.ascontiguousarray(seen[r, :q, :a]), np.zeros((q, a))
        add_products(drawn_part, old, right)
        add_combinations(old, 1.0, known_part - drawn_part, right)
        known.back[r, m : m + q, :held] = old
        known.back[r, m : m + q, held:] = factors[r, :q]
        weights = np.ascontiguousarray(total[r, :, : m + q])
        add_combinations(moves[r], 1.0, weights, known.back[r, : m + q])
        for i in range(moves.shape[1]):
            if np.isnan(total[r, i]).any():
                moves[r, i] = np.nan


prepare = kernel(_prepare)
step = kernel(_step)
settle = kernel(_settle)
