"""Options that several verbs share, and the setting they describe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from theory.problem import ProblemError, Regime, Setting, Student, Target

from .terminal import QUIET


def _be_quiet(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[QUIET] = value


quiet_option = click.option(
    "--quiet", is_flag=True, expose_value=False, callback=_be_quiet, help="No progress and no remarks on stderr."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")


def among(names: Callable[[], Sequence[str]]) -> Callable[..., list[str]]:
    """What completes an argument that is one of `names`."""
    return lambda context, parameter, incomplete: [name for name in names() if name.startswith(incomplete)]


def problem_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that describe target and student."""
    for option in reversed(_PROBLEM):
        command = option(command)
    return command


_PROBLEM = (
    click.argument("target"),
    click.option("--k", type=int, help="Number of teacher directions; default: the largest index in TARGET."),
    click.option("--noise", type=float, default=0.0, show_default=True, help="Standard deviation of the label noise."),
    click.option("--activation", default="relu", show_default=True, help="Name, or an expression in u."),
    click.option("--bias", default="0", show_default=True, help='Number, "uniform" or "gaussian".'),
    click.option("-p", "--width", "p", type=int, default=16, show_default=True, help="Number of neurons p."),
    click.option("--steps", type=int, default=2, show_default=True, help="Number of gradient steps T."),
    click.option("--normalize-rows", is_flag=True, help="Scale rows back to norm one after every step."),
    click.option("--reuse", is_flag=True, help="Use one batch for all steps; default: a fresh one each step."),
)


def make_setting(
    *,
    target: str,
    k: int | None,
    noise: float,
    activation: str,
    bias: str,
    p: int,
    reuse: bool,
    student: dict[str, Any] | None = None,
    **regime: Any,
) -> Setting:
    """The setting that the options describe. Raises ProblemError as Setting does."""
    pupil = Student(activation, p, bias=_bias(bias), **(student or {}))
    batch = "reused" if reuse else "fresh"
    return Setting(Target(target, k=k, noise=noise), pupil, Regime(batch=batch, **regime))


def layer(text: str) -> Any:
    """A law by its name, or the numbers in "1,-1,..."."""
    if text in ("uniform", "rademacher", "gaussian"):
        return text
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise ProblemError(
            f"second-layer = {text!r}; give uniform, rademacher, gaussian, or p numbers separated by commas"
        ) from None


def _bias(text: str) -> float | str:
    if text in ("uniform", "gaussian"):
        return text
    try:
        return float(text)
    except ValueError:
        raise ProblemError(f"bias = {text!r}; give a number, uniform or gaussian") from None
