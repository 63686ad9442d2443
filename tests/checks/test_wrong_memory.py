"""Wrong memories are wrong by what they say, and by nothing else."""

import numpy as np
import pytest

from checks.catalogue.reuse.wrong_memory import NewNoise, SharedMemory, wrong_limit
from theory import Regime, Setting, Student, Target, solve_dmft
from theory.dmft.batch import Batch

LINEAR = Student("u", 1, (1.0,), init="plain")


def setting(steps, student=LINEAR, batch="reused"):
    return Setting(Target("z1"), student, Regime(100, n="2*d", eta="p", steps=steps, batch=batch))


def agree(wrong, right):
    for name in ("overlaps", "gram", "train_error"):
        np.testing.assert_allclose(getattr(wrong, name), getattr(right, name), atol=1e-9)


@pytest.mark.parametrize("memory", [Batch, NewNoise, SharedMemory])
def test_on_fresh_batches_there_is_no_memory_to_be_wrong_about(memory):
    agree(wrong_limit(setting(3, batch="fresh"), memory), solve_dmft(setting(3, batch="fresh"), samples=2**14))


@pytest.mark.parametrize("memory", [Batch, SharedMemory])
def test_one_neuron_shares_its_memory_with_nobody(memory):
    agree(wrong_limit(setting(3), memory), solve_dmft(setting(3), samples=2**14))


def test_noise_drawn_again_forgets_the_covariance_of_the_first_fields_with_the_second_gradient():
    """sigma(u) = u, v = 1, n = 2d, eta = 1, no noise: e_0 = u - g_0, so w_1 = w* + nu/sqrt(2) with a new axis nu, and
    h_1 = u + zeta/sqrt(2) + e_0/2 on the batch. e_1 = -zeta/sqrt(2) - e_0/2 has E[e_1 u] = -1/2 in either theory and
    E[e_1 g_0] = 1/2 in the right one: a part 1/2 along w_0 of w_2, where w_1 has none, and 1/4 of its squared norm.
    """
    right, wrong = wrong_limit(setting(2), Batch), wrong_limit(setting(2), NewNoise)
    np.testing.assert_allclose(wrong.overlaps, right.overlaps, atol=1e-9)
    np.testing.assert_allclose(right.gram[2, 0, 0] - wrong.gram[2, 0, 0], 0.25, atol=1e-2)


def test_a_mirrored_pair_that_shares_its_memory_has_none_after_the_first_step():
    pair = setting(2, Student("tanh", 2, (1.0, -1.0)))
    shared, fresh = wrong_limit(pair, SharedMemory), wrong_limit(setting(2, pair.student, "fresh"), Batch)
    np.testing.assert_allclose(shared.overlaps[2], fresh.overlaps[2], atol=0.02)
    assert np.abs(wrong_limit(pair, Batch).overlaps[2] - fresh.overlaps[2]).max() > 0.05
