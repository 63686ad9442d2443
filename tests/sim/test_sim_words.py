"""Words of a stream: what NumPy's Philox and SFC64 give, and random to every test that has been tried."""

import numpy as np
import pytest
from numpy.random import SFC64, Philox
from sim_battery import KEY, LEVEL, PLAIN, RIGHT, bits, correlations, planted, shared_words

from sim.random import normals, philox, words
from sim.random.streams import Streams, seed_sequence

ADDRESSES = [(0, 0, 0, 0), (2, 3, 5, 7), (2**40 + 1, 10, 2**62 + 3, 2**50)]


def numpy_philox(key: np.ndarray, counter: tuple[int, int, int, int]) -> np.ndarray:
    """Four words at a counter; NumPy counts before it draws."""
    number = sum(int(word) << (64 * place) for place, word in enumerate(counter))
    return Philox(key=key, counter=(number - 1) % 2**256).random_raw(4)


def numpy_lane(key: np.ndarray, address: tuple[int, int, int, int], lane: int) -> SFC64:
    """NumPy's generator of one lane, ready to draw."""
    replica, purpose, batch, block = address
    generator = SFC64(0)
    state = generator.state
    seeds = numpy_philox(key, (replica, purpose + (lane << 32), batch, block))[:3]
    state["state"]["state"] = np.append(seeds, np.uint64(1))
    generator.state = state
    generator.random_raw(12)
    return generator


@pytest.mark.parametrize("counter", [*ADDRESSES, (2**64 - 1, 2**64 - 1, 0, 2**63)])
def test_philox_is_that_of_numpy(counter: tuple[int, int, int, int]) -> None:
    for key in (KEY, np.array([2**64 - 1, 1], np.uint64)):
        arguments = (key, *(np.uint64(word) for word in counter))
        expected = [int(word) for word in numpy_philox(key, counter)]
        assert [int(word) for word in philox.philox(*arguments)] == expected
        with np.errstate(over="ignore"):
            assert [int(word) for word in philox._philox(*arguments)] == expected


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_lane_and_the_spare_are_generators_of_numpy(address: tuple[int, int, int, int]) -> None:
    state = words.open_stream(KEY, *address)
    first, second = np.empty(1000 * words.LANES, np.uint64), np.empty(50, np.uint64)
    for array in (first, second):
        words.draw(state, array)
    for lane in range(words.LANES):
        generator = numpy_lane(KEY, address, lane)
        np.testing.assert_array_equal(first[lane :: words.LANES], generator.random_raw(1000))
        np.testing.assert_array_equal(
            second[lane :: words.LANES], generator.random_raw(len(second[lane :: words.LANES]))
        )
    spare = numpy_lane(KEY, address, words.LANES).random_raw(1000)
    np.testing.assert_array_equal([words.spare(state) for _ in range(1000)], spare)


def test_words_are_random() -> None:
    array = np.empty(2**21, np.uint64)
    words.draw(words.open_stream(KEY, 0, 0, 0, 0), array)
    state = words.open_stream(KEY, 0, 0, 0, 0)
    spare = np.array([words.spare(state) for _ in range(2**18)], np.uint64)
    for p_values in (bits(array), bits(spare)):
        assert min(p_values.values()) > LEVEL, p_values


def test_words_that_are_not_random_are_noticed() -> None:
    count = np.arange(2**18, dtype=np.uint64)
    multiples = count * np.uint64(0x9E3779B97F4A7C15)  # Weyl's sequence: spacings of its upper bits repeat
    assert bits(multiples)["birthdays, upper"] < LEVEL
    assert bits(multiples & ~np.uint64(2**40))["bits"] < LEVEL


def test_streams_of_neighbouring_addresses_are_independent() -> None:
    p_values = {**shared_words(RIGHT, 3, 2048), **correlations(RIGHT, 3, 2048)}
    assert min(p_values.values()) > LEVEL, p_values


@pytest.mark.parametrize(
    "lost", ["key[1]", "np.uint64(purpose) | ", "np.uint64(replica)", "np.uint64(batch)", "(block)"]
)
def test_an_address_that_loses_a_part_is_noticed(lost: str) -> None:
    instead = {"key[1]": "key[0]", "np.uint64(purpose) | ": "", "(block)": "(7)"}.get(lost, "_1")
    with np.errstate(over="ignore"):
        assert shared_words(planted(PLAIN, (lost, instead)), 2, 8) == {"shared words": 0.0}
        assert shared_words(planted(PLAIN), 2, 8) == {"shared words": 1.0}


def test_streams_open_what_their_address_says() -> None:
    streams = Streams(seed_sequence(3), 5)
    np.testing.assert_array_equal(streams.open(2, 7, 11), words.open_stream(streams.key, 5, 2, 7, 11))
    np.testing.assert_array_equal(streams.key, Streams(seed_sequence(3), 6).key)
    assert not np.isin(streams.key, Streams(seed_sequence(4), 5).key).any()
    array = np.empty((3, 4))
    normals.fill(streams.open(2, block=11), array)
    np.testing.assert_array_equal(streams.normals(2, 11, (3, 4)), array)
