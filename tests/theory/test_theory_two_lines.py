"""Closed parts of activations that are two lines, against quadrature between kinks."""

import numpy as np
import pytest

from theory import Activation
from theory.fresh.functions import function
from theory.ridge.conditional import _parts
from theory.ridge.two_lines import two_lines

TWO = {
    "relu": (0, 0, 0, 0, 1),
    "relu(u) - 1/sqrt(2*pi)": (0, -1 / np.sqrt(2 * np.pi), 0, 0, 1),
    "abs(2*u - 1)": (0.5, 0, -2, 0, 4),
    "sign": (0, -1, 0, 2, 0),
    "Max(u, 1 - u)": (0.5, 0.5, -1, 0, 2),
    "3*u - 2*Min(0, u + 1) + sign(u + 1)": (-1, -4, 1, 2, 2),
}


@pytest.mark.parametrize("text", [*TWO, "leaky_relu"])
def test_two_lines_have_the_parts_that_quadrature_finds(text: str) -> None:
    activation = Activation(text)
    lines = two_lines(activation)
    assert lines is not None
    if text in TWO:
        np.testing.assert_allclose(
            (lines.kink, lines.level, lines.slope, lines.jump, lines.bend), TWO[text], atol=1e-15
        )
    shift, scale = (x.ravel() for x in np.meshgrid(np.linspace(-6, 6, 49), [1e-3, 0.2, 1.0, 4.0]))
    np.testing.assert_allclose(lines.parts(shift, scale), _parts(activation, shift, scale, 4), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("text", TWO)
def test_nothing_random_leaves_the_activation(text: str) -> None:
    activation = Activation(text)
    lines = two_lines(activation)
    assert lines is not None
    shift = np.array([-300.0, -1.0, -0.5, 0.0, 0.5, 1.0, 300.0])
    for scale in (0.0, 1e-306):
        mean, linear, rest = lines.parts(shift, np.full(7, scale))
        np.testing.assert_allclose(mean, function(activation.expr, [activation.symbol])(shift), atol=1e-13)
        assert not rest[[0, -1]].any()
        if not scale:
            assert not linear.any()
            assert not rest.any()


@pytest.mark.parametrize(
    "text", ["tanh", "u**2", "u", "relu(u)**2", "abs(u) + relu(u - 1)", "abs(u) + tanh(u)", "u*sign(u - 1)*u"]
)
def test_what_is_no_two_lines(text: str) -> None:
    assert two_lines(Activation(text)) is None
