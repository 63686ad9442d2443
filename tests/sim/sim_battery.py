"""What a generator of normal numbers is put through, and generators with a planted error that it must catch.

Every check returns p-values by name. Each lies below LEVEL with probability at most LEVEL where the generator is right
(exactly, or by a normal or chi-squared limit with room for its error, as said), so that fewer than 500 of them cry
wolf in 5 of a million runs.
"""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
from numba import njit
from scipy.special import bdtr, bdtrc, chdtrc, ndtr, pdtr, pdtrc

import sim
from sim.random import normals as normals_module
from sim.random import words

LEVEL = 1e-8
KEY = np.array([0x243F6A8885A308D3, 0x13198A2E03707344], np.uint64)

Generator = Any  # what `planted` returns, or
RIGHT = SimpleNamespace(**{**vars(words), **vars(normals_module)})


def planted(*changes: tuple[str, str]) -> SimpleNamespace:
    """The generator with pieces of its source replaced, old by new: the tests must notice."""
    texts = []
    for name in ("kernels", "random/philox", "random/ziggurat", "random/words", "random/normals"):
        with open(f"{sim.__path__[0]}/{name}.py", encoding="utf-8") as file:
            texts += [line for line in file if not line.startswith("from .")]
    text = "".join(texts)
    for old, new in (*changes, ('"cache": True', '"cache": False')):
        assert old in text, old
        text = text.replace(old, new)
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    return SimpleNamespace(**namespace)


PLAIN = ("njit(**_options)", "(lambda function: function)")  # integers wrap around, which NumPy's scalars warn of


def kolmogorov(values: np.ndarray, distribution: np.ndarray) -> float:
    """p-value of sorted `values` whose distribution function is `distribution`: Massart's bound, true for every n."""
    n = len(values)
    if n == 0:
        return 1.0
    distance = max(np.max(np.arange(1, n + 1) / n - distribution), np.max(distribution - np.arange(n) / n))
    return min(1.0, 2 * math.exp(-2 * n * distance**2))


def worst(scores: np.ndarray) -> float:
    """p-value of the largest of many standard normals; scores up to 7 in place of 5.7 make up for their limit's error.

    A mean of n terms of skewness g and excess kurtosis h exceeds z standard errors with the normal probability times
    about exp(g z^3 / 6 sqrt(n) + h z^4 / 24 n); from 5.7 to 7 that probability falls by 4700.
    """
    return min(1.0, 4700 * 2 * float(np.sum(ndtr(-np.abs(scores)))))


def chi_squared(counts: np.ndarray, expected: np.ndarray, constraints: int = 1) -> float:
    """Pearson's test, where every cell expects many."""
    assert expected.min() > 50
    return float(chdtrc(counts.size - constraints, np.sum((counts - expected) ** 2 / expected)))


def binomial(count: int, n: int, p: float) -> float:
    return min(1.0, 2 * float(min(bdtr(count, n, p), bdtrc(count - 1, n, p))))


def poisson(count: int, mean: float) -> float:
    return min(1.0, 2 * float(min(pdtr(count, mean), pdtrc(count - 1, mean) if count else 1.0)))


def normals(generator: Generator, n: int, block: int = 0) -> np.ndarray:
    array = np.empty(n)
    generator.fill(generator.open_stream(KEY, 0, 3, 0, block), array)
    return array


def law(generator: Generator, x: np.ndarray) -> dict[str, float]:
    """The law of one number: distribution, moments, cells between the edges of the layers, the tail."""
    n, p_values = len(x), {}
    ordered = np.sort(x)
    p_values["distribution"] = kolmogorov(ordered, ndtr(ordered))
    edges = np.concatenate([-generator.INNER, [0.0], generator.INNER[::-1]])
    edges = np.unique(np.concatenate([[-np.inf], edges, [np.inf]]))
    cells = np.diff(np.searchsorted(ordered, edges))
    p_values["layers"] = chi_squared(cells, n * np.diff(ndtr(edges)))
    power, central = np.ones(n), []
    for order in range(1, 9):  # the eighth powers have skewness 110 and excess kurtosis 5e4: harmless from n = 1e7 on
        power *= x
        mean, square = (float(math.prod(range(m - 1, 0, -2))) if m % 2 == 0 else 0.0 for m in (order, 2 * order))
        central.append((power.mean() - mean) / math.sqrt((square - mean**2) / n))
    p_values["moments"] = worst(np.array(central))
    beyond = np.sort(np.abs(x[np.abs(x) > generator.TAIL]))
    chance = 2 * float(ndtr(-generator.TAIL))
    p_values["tail mass"] = binomial(len(beyond), n, chance)
    p_values["tail law"] = kolmogorov(beyond, 1 - 2 * ndtr(-beyond) / chance)
    return p_values


def left_open(generator: Generator, n: int = 10**6) -> dict[str, float]:
    """The law of numbers that the first try of the ziggurat leaves open: wedges, tail and second tries.

    The normal law is that of the first tries that are settled, each uniform below the next layer's end, and theirs.
    """
    random, layers = np.random.default_rng(17), len(generator.SCALE)
    inner, ends = generator.INNER, generator.SCALE * 2.0**53
    layer = random.choice(layers, n, p=(1 - inner / ends) / np.sum(1 - inner / ends))
    magnitude = (inner / ends)[layer] + (1 - inner / ends)[layer] * random.uniform(size=n)
    odd = np.minimum((magnitude * 2.0**52).astype(np.int64), 2**52 - 1) * 2 + 1
    words = (odd * random.choice([-1, 1], n) << 10).view(np.uint64) | layer.astype(np.uint64)
    x = np.empty(n)
    settle_all(generator.settle)(generator.open_stream(KEY, 4, 3, 2, 1), words, x)
    x.sort()
    order = inner[::-1]
    weights = np.cumsum(np.concatenate([[0.0], order / ends[::-1]])) / layers  # settled below an end, at most
    widths = np.cumsum(np.concatenate([[0.0], 1 / ends]))[::-1] / layers  # density of the layers that reach further
    place = np.searchsorted(order, np.abs(x))
    settled = weights[place] + np.abs(x) * widths[place]
    share = (1 - 2 * ndtr(-np.abs(x)) - settled) / (1 - weights[-1])
    return {"left open": kolmogorov(x, 0.5 + 0.5 * np.sign(x) * share)}


def dependence(x: np.ndarray, lanes: int = 8) -> dict[str, float]:
    """Numbers near each other, of one lane and of two; runs of signs; waiting times."""
    n, p_values = len(x), {}
    for name, y in (("numbers", x), ("squares", (x * x - 1) / math.sqrt(2)), ("signs", np.sign(x))):
        lags = [y[lag:] @ y[:-lag] / math.sqrt(n - lag) for lag in range(1, 65)]
        p_values[f"serial correlation of {name}"] = worst(np.array(lags))
        turns = y[: n // lanes * lanes].reshape(-1, lanes)
        same = (turns.T @ turns)[np.triu_indices(lanes, 1)] / math.sqrt(len(turns))
        later = (turns[1:].T @ turns[:-1]).ravel() / math.sqrt(len(turns) - 1)
        scores = np.concatenate([same, later])
        p_values[f"lanes, {name}"] = min(worst(scores), float(chdtrc(scores.size, scores @ scores)))
    changes = np.flatnonzero(np.signbit(x[1:]) != np.signbit(x[:-1]))
    p_values["runs"] = binomial(len(changes), n - 1, 0.5)
    for name, events, chance in (
        ("lengths of runs", changes, 0.5),
        ("waiting times", np.flatnonzero(np.abs(x) > 2), 2 * float(ndtr(-2.0))),
    ):
        waits = np.diff(events)
        longest = int(math.log(100 / (len(waits) * chance)) / math.log1p(-chance))
        expected = len(waits) * chance * (1 - chance) ** np.arange(longest)
        expected = np.append(expected, len(waits) * (1 - chance) ** longest)
        counts = np.bincount(np.minimum(waits, longest + 1), minlength=longest + 2)[1:]
        p_values[name] = chi_squared(counts, expected)
    return p_values


def resolution(x: np.ndarray) -> dict[str, float]:
    """At most 1e6 numbers are all different: a layer has 2^53 values, so two ties have probability below 1e-13."""
    return {"ties": 0.0 if len(x) - len(np.unique(x)) > 1 else 1.0}


def bits(words: np.ndarray) -> dict[str, float]:
    """Every bit and every pair of bits of a word is balanced; birthday spacings of the upper and the lower bits."""
    n = len(words)
    signs = 1.0 - 2.0 * np.unpackbits(words.view(np.uint8).reshape(n, 8), axis=1).astype(np.float32)
    single = signs.sum(axis=0, dtype=np.float64)
    pairs = (signs.T @ signs)[np.triu_indices(64, 1)]  # integers below 2^24: exact in float32
    scores = np.concatenate([single, pairs]) / math.sqrt(n)
    p_values = {"bits": min(worst(scores), float(chdtrc(scores.size, scores @ scores)))}
    # years of 2^34 days with 4096 birthdays: Poisson with mean 4096^3 / 4 / 2^34 = 1 coincidences a year (Marsaglia)
    for name, birthdays in (("upper", words >> np.uint64(30)), ("lower", words & np.uint64(2**34 - 1))):
        years = np.sort(birthdays[: n // 4096 * 4096].reshape(-1, 4096), axis=1)
        spacings = np.sort(np.diff(years, axis=1), axis=1)
        coincidences = int(np.sum(spacings[:, 1:] == spacings[:, :-1]))
        p_values[f"birthdays, {name}"] = poisson(coincidences, len(years))
    return p_values


def single(generator: Generator, name: str, n: int = 10**6) -> np.ndarray:
    """Many numbers of a function that draws one, sorted."""
    x = np.empty(n)
    repeat(getattr(generator, name))(generator.open_stream(KEY, 1, 0, 0, 0), (), x)
    return np.sort(x)


def one_normal(generator: Generator) -> dict[str, float]:
    x = single(generator, "normal")
    return {"one normal": kolmogorov(x, ndtr(x))}


def tail(generator: Generator) -> dict[str, float]:
    x = single(generator, "tail")
    return {"tail": kolmogorov(x, 1 - ndtr(-x) / ndtr(-generator.TAIL))}


def _neighbours(number: int) -> list[tuple]:
    """Addresses that differ little, for keys that do: 3 number^4 of them."""
    keys = [KEY, KEY + np.array([1, 0], np.uint64), KEY + np.array([0, 1], np.uint64)]
    return [(key, *address) for key in keys for address in np.ndindex((number,) * 4)]


def shared_words(generator: Generator, number: int, length: int) -> dict[str, float]:
    """No word occurs twice in streams of neighbouring addresses: m words have a tie with probability m^2 / 2^65."""
    streams = _neighbours(number)
    words = np.empty((len(streams), length), np.uint64)
    for address, row in zip(streams, words, strict=True):
        generator.draw(generator.open_stream(*address), row)
    return {"shared words": 1.0 if len(np.unique(words)) == words.size else 0.0}


def correlations(generator: Generator, number: int, length: int) -> dict[str, float]:
    """Between streams of neighbouring addresses. Divided by their norms, the scores are pairwise independent."""
    streams = _neighbours(number)
    x = np.empty((len(streams), length))
    for address, row in zip(streams, x, strict=True):
        generator.fill(generator.open_stream(*address), row)
    x /= np.sqrt(np.mean(x * x, axis=1))[:, None]
    scores = (x @ x.T)[np.triu_indices(len(x), 1)] / math.sqrt(length)
    return {"streams": min(worst(scores), float(chdtrc(scores.size, scores @ scores)))}


def repeat(function: Any) -> Any:
    """A compiled loop: (state, arguments, array) -> array of function(state, *arguments)."""

    @njit
    def many(state: np.ndarray, arguments: tuple, array: np.ndarray) -> None:
        for i in range(array.size):
            array[i] = function(state, *arguments)

    return many


def settle_all(settle: Any) -> Any:
    """A compiled loop: (state, words, array) -> array of settle(state, word)."""

    @njit
    def every(state: np.ndarray, words: np.ndarray, array: np.ndarray) -> None:
        for i in range(array.size):
            array[i] = settle(state, words[i])

    return every
