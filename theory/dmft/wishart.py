"""Exact moments of sample covariances at finite n and d."""

from fractions import Fraction
from functools import cache


def moment(j: int, n: int, d: int) -> Fraction:
    """E tr(S^j)/d for S = X^T X/n, X of n x d standard normals; its limit is Marchenko and Pastur's moment.

    By parts, from traces of lower powers (docs/notes/mean_bias.md, item 2).
    """
    return Fraction(_traces((j,), n, d), d * n**j)


@cache
def _traces(powers: tuple[int, ...], n: int, d: int) -> int:
    """E prod_i tr((X^T X)^powers_i)."""
    if 0 in powers:
        return d ** powers.count(0) * _traces(tuple(j for j in powers if j), n, d)
    if not powers:
        return 1
    k, rest = powers[0], powers[1:]
    total = (n + k - 1) * _traces((k - 1, *rest), n, d)
    total += sum(_traces((m, k - 1 - m, *rest), n, d) for m in range(1, k))
    return total + sum(2 * j * _traces((k + j - 1, *rest[:i], *rest[i + 1 :]), n, d) for i, j in enumerate(rest))
