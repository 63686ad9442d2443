"""The student: a two-layer network whose second layer and biases stay frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .activation import Activation
from .errors import ProblemError, show
from .scalars import finite, integer
from .serial import fields

SECOND_LAYERS = ("uniform", "rademacher", "gaussian")
BIASES = ("uniform", "gaussian")
INITS = ("symmetric", "plain")
SCALINGS = ("mean-field", "ntk")


@dataclass(frozen=True)
class Student:
    """f(z) = p^(-1/2) sum_i a_i sigma(<w_i, z> + b_i), a_i = alpha_i / sqrt(p), rows w_i uniform on the unit sphere.

    activation: name, expression in u, or Activation.
    p: number of neurons; even when init is "symmetric" (w_{p+1-i} = w_i, alpha_{p+1-i} = -alpha_i, so that f = 0 at
        the start).
    second_layer: law of alpha_i: "uniform" on [-1, 1], "rademacher" (+-1), "gaussian", or the p values themselves.
    bias: a number for every b_i, "uniform" on [-1, 1], "gaussian", or the p values themselves.
    scaling: "mean-field" as above; "ntk" is sum_i a_i sigma(.).
    Raises ProblemError on any other value.
    """

    activation: Activation
    p: int
    second_layer: str | tuple[float, ...] = "uniform"
    init: str = "symmetric"
    bias: float | str | tuple[float, ...] = 0.0
    scaling: str = "mean-field"

    if TYPE_CHECKING:  # what the constructor takes, where it is wider than what the fields hold

        def __init__(
            self,
            activation: Activation | str,
            p: int,
            second_layer: str | Sequence[float] = "uniform",
            init: str = "symmetric",
            bias: float | str | Sequence[float] = 0.0,
            scaling: str = "mean-field",
        ) -> None: ...

    def __post_init__(self) -> None:
        set_ = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        set_("activation", Activation(self.activation))
        set_("p", integer(self.p, "p", low=1))
        _choice(self.init, "init", INITS)
        _choice(self.scaling, "scaling", SCALINGS)
        if self.init == "symmetric" and self.p % 2:
            raise ProblemError(
                f"p = {self.p}: symmetric initialisation pairs the neurons: p must be even (or init='plain')"
            )
        set_("second_layer", _law(self.second_layer, "second_layer", SECOND_LAYERS, self.p))
        set_("bias", self.bias if _is_number(self.bias) else _law(self.bias, "bias", BIASES, self.p))
        if _is_number(self.bias):
            set_("bias", finite(self.bias, "bias"))
        if self.init == "symmetric":
            self._check_pairs()

    def _check_pairs(self) -> None:
        alpha, bias = self.second_layer, self.bias
        if isinstance(alpha, tuple) and any(a != -b for a, b in zip(alpha, reversed(alpha), strict=True)):
            raise ProblemError(
                "second_layer: symmetric initialisation needs alpha_{p+1-i} = -alpha_i (or init='plain')"
            )
        if isinstance(bias, tuple) and bias != bias[::-1]:
            raise ProblemError("bias: symmetric initialisation needs b_{p+1-i} = b_i (or init='plain')")

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` turns back into an equal student."""
        listed = lambda value: list(value) if isinstance(value, tuple) else value  # noqa: E731
        return {
            "activation": self.activation.to_json(),
            "p": self.p,
            "second_layer": listed(self.second_layer),
            "init": self.init,
            "bias": listed(self.bias),
            "scaling": self.scaling,
        }

    @classmethod
    def from_json(cls, value: Any) -> "Student":
        """The student that `to_json` wrote."""
        names = {"activation", "p", "second_layer", "init", "bias", "scaling"}
        return cls(**fields(value, "student", names, {"activation", "p"}))


def _is_number(value: Any) -> bool:
    return not isinstance(value, str | Sequence) and not hasattr(value, "__len__")


def _choice(value: Any, name: str, known: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in known:
        raise ProblemError(f"{name} = {show(value)}; known: {', '.join(known)}")


def _law(value: Any, name: str, known: tuple[str, ...], p: int) -> str | tuple[float, ...]:
    if isinstance(value, str):
        _choice(value, name, known)
        return value
    if _is_number(value):
        raise ProblemError(f"{name} = {show(value)}; known: {', '.join(known)}, or {p} numbers")
    values = tuple(finite(v, f"{name}[{i}]") for i, v in enumerate(value))
    if len(values) != p:
        raise ProblemError(f"{name} has {len(values)} values for p = {p} neurons")
    return values
