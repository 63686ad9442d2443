"""The kernels of ``sim.conditioned`` against their plain Python twins, and against sums written out.

Streams and whatever takes no sum over samples agree bit for bit. Sums over m terms are taken in another order and
with fused products: each differs by at most m ulp of the sum of absolute values.
"""

import numpy as np
import pytest

from sim.algebra import products
from sim.conditioned import accumulate as ac
from sim.expressions import signals as sg
from sim.expressions.lower import lower
from sim.random.streams import FIELDS
from sim.random.words import open_stream
from theory.problem import Activation, Target

EPSILON = np.finfo(float).eps
SHARE = 2048  # samples in a block
KEY = np.array([5, 6], np.uint64)
RNG = np.random.default_rng(2)
TARGET, RELU, TANH = Target("z1 + z1*z2"), Activation("relu"), Activation("tanh")
TEACHER = lower((TARGET.expr,), TARGET.symbols).as_tuple()
NETWORKS = {name: lower((s.expr, s.derivative), (s.symbol,)).as_tuple() for name, s in (("relu", RELU), ("tanh", TANH))}
SLOPE = lower((TANH.derivative,), (TANH.symbol,)).as_tuple()


@pytest.mark.parametrize(("a", "b", "m"), [(1, 1, 1), (3, 4, 509), (20, 17, 64), (2, 0, 9)])
def test_products_are_sums_to_m_ulp(a: int, b: int, m: int) -> None:
    left, right, start = RNG.normal(size=(a, m)), RNG.normal(size=(b, m)), RNG.normal(size=(a, b))
    compiled, plain = start.copy(), start.copy()
    products.add_products(compiled, left, right)
    products._add_products(plain, left, right)
    bound = (m + 1) * EPSILON * (np.abs(left) @ np.abs(right).T + np.abs(start))
    assert np.all(np.abs(compiled - plain) <= bound)
    assert np.all(np.abs(compiled - (start + left @ right.T)) <= bound)


@pytest.mark.parametrize(("a", "b", "m"), [(1, 1, 1), (3, 4, 509), (20, 17, 64), (2, 0, 9)])
def test_combinations_are_sums_to_b_ulp(a: int, b: int, m: int) -> None:
    weights, rows, start = RNG.normal(size=(a, b)), RNG.normal(size=(b, m)), RNG.normal(size=(a, m))
    compiled, plain = start.copy(), start.copy()
    products.add_combinations(compiled, -1.0, weights, rows)
    products._add_combinations(plain, -1.0, weights, rows)
    bound = (b + 1) * EPSILON * (np.abs(weights) @ np.abs(rows) + np.abs(start))
    assert np.all(np.abs(compiled - plain) <= bound)
    assert np.all(np.abs(compiled - (start - weights @ rows)) <= bound)


@pytest.mark.parametrize("noise", [0.0, 0.7])
def test_fields_and_labels_bit_for_bit(noise: float) -> None:
    columns = 3 + (noise > 0)
    compiled, plain = np.empty((2, columns, 40))
    labels = ac.draw(open_stream(KEY, 1, FIELDS, 2, 3), noise, TEACHER, compiled)
    again = ac._draw(open_stream(KEY, 1, FIELDS, 2, 3), noise, TEACHER, plain)
    np.testing.assert_array_equal(compiled, plain)
    np.testing.assert_array_equal(labels, again)
    clean = compiled[0] + compiled[0] * compiled[1]
    np.testing.assert_allclose(labels, clean + noise * compiled[-1] if noise else clean, atol=1e-14)


@pytest.mark.parametrize("network", ["relu", "tanh", "silent"])
@pytest.mark.parametrize("correlation", [False, True])
def test_signals(network: str, correlation: bool) -> None:
    program = SLOPE if network == "silent" else NETWORKS[network]
    fields, output, labels = RNG.normal(size=(3, 700)), RNG.normal(size=3), RNG.normal(size=700)
    totals, errors = [], np.empty((2, 3, 700))
    for kernel, into in ((sg.signals, errors[0]), (sg._signals, errors[1])):
        values = np.empty((program[2].size - 1, 2100))
        work = np.empty((program[3], 512))
        totals.append(kernel(*program[:3], work, fields, output, labels, correlation, values, into))
    np.testing.assert_array_equal(errors[0], errors[1])
    sigma = {"relu": np.maximum(fields, 0), "tanh": np.tanh(fields), "silent": 0 * fields}[network]
    slope = np.where(fields > 0, 1.0, 0.0) if network == "relu" else 1 - np.tanh(fields) ** 2
    residual = labels - output @ sigma
    np.testing.assert_allclose(errors[0], slope * (labels if correlation else residual), atol=1e-14)
    assert abs(totals[0] - np.sum(residual**2)) <= 700 * EPSILON * np.sum(residual**2) * 4
    assert abs(totals[0] - totals[1]) <= 700 * EPSILON * totals[0]


@pytest.mark.parametrize("preprocessed", [False, True])
def test_a_batch_is_the_sum_of_its_blocks_and_equals_its_twin_bit_for_bit(preprocessed: bool) -> None:
    n, q, p, k = SHARE + 700, 4, 3, 2
    rows, bias, output = RNG.normal(size=(2, p, 3)), RNG.normal(size=(2, p)), RNG.normal(size=(2, p))
    correction = RNG.normal(size=(2, 2 + q)) if preprocessed else np.tile([1.0, 0.0], (2, 1))
    shapes = ((2, p, k), (2, p, q - k), (2, p, p), (2, p, int(preprocessed)), (2,))
    results = []
    network = NETWORKS["tanh"]
    for kernel, parts in (
        (ac.accumulate, [(0, 2, SHARE)]),
        (ac._accumulate, [(0, 2, SHARE)]),
        (ac.accumulate, [(0, 1, SHARE), (1, 2, SHARE)]),
    ):
        arrays = [np.zeros(shape) for shape in shapes]
        for blocks in parts:
            kernel(KEY, 4, 0, n, blocks, 0.3, TEACHER, network, False, rows, bias, output, correction, q, *arrays)
        results.append(arrays)
    for compiled, plain, parted in zip(*results, strict=True):
        np.testing.assert_array_equal(compiled, plain)
        np.testing.assert_array_equal(compiled, parted)
        assert compiled.size == 0 or np.all(compiled != 0)


def test_moments_and_their_twin() -> None:
    n = SHARE + 90
    compiled, plain = np.zeros((2, 2, 2 + 3))
    ac.add_moments(KEY, 4, 0, n, (0, 2, SHARE), 0.0, TEACHER, compiled)
    ac._add_moments(KEY, 4, 0, n, (0, 2, SHARE), 0.0, TEACHER, plain)
    np.testing.assert_array_equal(compiled, plain)
    assert np.all(np.abs(compiled[:, 0]) < 6 * np.sqrt(2 * n))  # E y = 0, E y^2 = 2: six standard deviations
    assert np.all(np.abs(compiled[:, 2] / n - 1) < 0.5)  # E y z1 = 1
    assert np.all(np.abs(compiled[:, 3] / n) < 0.5)
