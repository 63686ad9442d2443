"""Normal and chi-squared numbers: their laws, their independence, and the plain twins of the compiled kernels."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import sim_battery as battery
from scipy.special import chdtr, erfc
from sim_battery import KEY, LEVEL, PLAIN, RIGHT, kolmogorov, planted, repeat, worst
from test_sim_words import numpy_lane

from sim.random import normals, words, ziggurat

MANY = 10**7
TWIN = planted(PLAIN)


def test_the_layers_have_equal_areas_and_reach_the_top() -> None:
    """To the round-off of 512 additions; the tail is beside the lowest layer."""
    ends, tail = ziggurat.SCALE * 2.0**53, ziggurat.TAIL
    area = tail * math.exp(-(tail**2) / 2) + math.sqrt(math.pi / 2) * erfc(tail / math.sqrt(2))
    heights = np.append(math.exp(-(tail**2) / 2), np.diff(ziggurat.DENSITY)[1:])
    np.testing.assert_allclose(ends * heights, area, rtol=1e-11)
    np.testing.assert_array_equal(ziggurat.INNER, np.append(ends[1:], 0.0))
    np.testing.assert_allclose(ziggurat.DENSITY[1:], np.exp(-(ziggurat.INNER**2) / 2), rtol=1e-15)
    assert ziggurat.INNER[0] == tail
    assert ziggurat.DENSITY[-1] == 1.0


def test_normals_pass_the_battery() -> None:
    x = battery.normals(RIGHT, MANY)
    p_values = {**battery.law(RIGHT, x), **battery.dependence(x), **battery.resolution(x[: 10**6])}
    p_values |= battery.left_open(RIGHT) | battery.tail(RIGHT) | battery.one_normal(RIGHT)
    assert min(p_values.values()) > LEVEL, p_values


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        pytest.param("LAYERS - 1)", "LAYERS - 9)", battery.law, id="half of the layers"),
        pytest.param("word & _LAYER", "word >> np.uint64(55)", battery.law, id="sign tied to the layer"),
        pytest.param("(lane) << _32", "(lane // 2) << _32", battery.dependence, id="lanes in equal pairs"),
        pytest.param(">> 10 | 1", ">> 40 << 30 | 1", battery.resolution, id="24 bits"),
    ],
)
def test_the_battery_notices_a_planted_error(old: str, new: str, check: Callable[..., dict[str, float]]) -> None:
    generator = planted((old, new))
    x = battery.normals(generator, 10**6)
    assert min((check(generator, x) if check is battery.law else check(x)).values()) < LEVEL


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        pytest.param("height < math", "height < 0.02 + math", battery.left_open, id="wedges taken too large"),
        pytest.param("word = spare(state)", "word = spare(state) >> _1", battery.left_open, id="second tries positive"),
        pytest.param("> beyond * beyond", "> 0.8 * beyond * beyond", battery.tail, id="tail too heavy"),
        pytest.param("return TAIL + beyond", "return 1.001 * TAIL + beyond", battery.tail, id="tail shifted"),
    ],
)
def test_an_error_in_what_is_rare_is_noticed(old: str, new: str, check: Callable[..., dict[str, float]]) -> None:
    assert min(check(planted((old, new))).values()) < LEVEL


def chi_square_p_value(generator: battery.Generator, df: int) -> float:
    """Of the distribution, the mean and the variance of a million numbers.

    Excess kurtosis 12 / df, so that mean((x - df)^2) has variance df^2 (8 + 48 / df) / n.
    """
    x, n = np.empty(10**6), 10**6
    repeat(generator.chi_square)(generator.open_stream(KEY, 2, 0, df, 0), (df,), x)
    mean = (x.mean() - df) / math.sqrt(2 * df / n)
    spread = (np.mean((x - df) ** 2) - 2 * df) / (df * math.sqrt((8 + 48 / df) / n))
    x.sort()
    return min(kolmogorov(x, chdtr(df, x)), worst(np.array([mean, spread])))


@pytest.mark.parametrize("df", [1, 2, 3, 10, 1000, 10**6, 10**9])
def test_chi_square_has_its_law(df: int) -> None:
    assert chi_square_p_value(RIGHT, df) > LEVEL


def test_chi_square_with_a_planted_error_is_noticed() -> None:
    assert chi_square_p_value(planted(("- 1.0 / 3.0", "- 0.3")), 10) < LEVEL


def test_no_degrees_of_freedom_draw_nothing() -> None:
    state = words.open_stream(KEY, 0, 0, 0, 0)
    before = state.copy()
    assert normals.chi_square(state, 0) == 0.0
    np.testing.assert_array_equal(state, before)


@pytest.mark.parametrize("shape", [(5000,), (61, 41)])
def test_fill_does_what_its_words_say(shape: tuple[int, ...]) -> None:
    """Word after word of NumPy's generators, settled by the plain ziggurat with the spare one's words."""
    address, array = (1, 2, 3, 4), np.empty(shape)
    normals.fill(words.open_stream(KEY, *address), array)
    lanes = [numpy_lane(KEY, address, lane) for lane in range(words.LANES)]
    state = words.open_stream(KEY, *address)
    with np.errstate(over="ignore"):
        for i, value in enumerate(array.ravel()):
            assert value == TWIN.settle(state, np.uint64(lanes[i % words.LANES].random_raw()))


def test_a_longer_fill_begins_as_a_shorter_one_and_cuts_between_turns_do_not_matter() -> None:
    cut = 1024 + 40 * words.LANES
    long, short, rest = np.empty(7000), np.empty((13, 101)), np.empty(7000 - cut)
    normals.fill(words.open_stream(KEY, 0, 0, 0, 9), long)
    normals.fill(words.open_stream(KEY, 0, 0, 0, 9), short)
    np.testing.assert_array_equal(long[: short.size], short.ravel())
    state = words.open_stream(KEY, 0, 0, 0, 9)
    normals.fill(state, long[:cut].copy())
    normals.fill(state, rest)
    np.testing.assert_array_equal(long[cut:], rest)


def test_single_precision_is_double_precision_rounded() -> None:
    double, single = np.empty((70, 30)), np.empty((70, 30), np.float32)
    for array in (double, single):
        normals.fill(words.open_stream(KEY, 0, 0, 0, 1), array)
    np.testing.assert_array_equal(single, double.astype(np.float32))


@pytest.mark.parametrize("name", ["spare", "uniform", "normal", "tail"])
def test_twins_that_draw_one_number(name: str) -> None:
    one, two = words.open_stream(KEY, 0, 0, 0, 2), words.open_stream(KEY, 0, 0, 0, 2)
    compiled, plain = getattr(normals, name), getattr(TWIN, name)
    with np.errstate(over="ignore"):
        assert [compiled(one) for _ in range(2000)] == [plain(two) for _ in range(2000)]
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("df", [0, 1, 2, 3, 100, 10**9])
def test_twins_of_chi_square(df: int) -> None:
    """To round-off: log and log1p come from two libraries."""
    one, two = words.open_stream(KEY, 0, 0, 0, 3), words.open_stream(KEY, 0, 0, 0, 3)
    with np.errstate(over="ignore"):
        compiled, plain = [
            [kernel(state, df) for _ in range(500)]
            for kernel, state in ((normals.chi_square, one), (TWIN.chi_square, two))
        ]
    np.testing.assert_allclose(compiled, plain, rtol=1e-15)
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 1023, 1025, 2051])
@pytest.mark.parametrize(("name", "dtype"), [("draw", np.uint64), ("fill", np.float64), ("fill", np.float32)])
def test_twins_that_fill_arrays(name: str, dtype: type, size: int) -> None:
    results = []
    with np.errstate(over="ignore"):
        for generator in (RIGHT, TWIN):
            state, array = generator.open_stream(KEY, 5, 6, 7, size), np.empty(size, dtype)
            getattr(generator, name)(state, array)
            results.append((state, array))
    for compiled, plain in zip(*results, strict=True):
        np.testing.assert_array_equal(compiled, plain)
