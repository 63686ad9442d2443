"""giantstep predict: everything theory says."""

from __future__ import annotations

from typing import Any

import click

from theory import Prediction, ProblemError, Setting, predict
from theory.problem.scalars import number
from theory.symmetry import direction_name

from .lines import print_line
from .options import json_option, layer, make_setting, problem_options
from .spikes_predict import NAMES, check_spike_options, print_spikes, spike_options, spikes_json
from .terminal import console, heading, table


@click.command("predict", context_settings={"ignore_unknown_options": True})  # a target may begin with a minus
@problem_options
@click.option("--kappa", help="n = d^kappa samples a step.  [default: 1]")
@click.option("-n", "--samples", "--n", "samples", help="Samples a step, in d and p, in place of --kappa.")
@click.option("--eta", default="p", show_default=True, help="Step size in full, in d, n and p.")
@click.option("--second-layer", default="uniform", show_default=True, help="A law, or 1,-1,..: overlaps as d grows.")
@click.option("--init", default="symmetric", show_default=True, help="symmetric or plain.")
@spike_options
@json_option
def command(
    as_json: bool, kappa: str | None, samples: str | None, second_layer: str, init: str, **options: Any
) -> None:
    """Everything theory says about TARGET, a function of z1, z2, ...

    \b
    Example: giantstep predict "z1 + z1*z2 + z1*z2*z3" --activation "relu(u + 1/2)" --steps 3
             giantstep predict "z1 + He3(z2)" --activation tanh -p 2 --second-layer 1,-1 -n 3d --reuse
             giantstep predict "z1 + He2(z1)/2" --rate-exponent 0.3 --phi 0.5 --psi 0.6 --ridge 0.01 --prefactor 2
    """
    asked = {name: options.pop(name) for name in NAMES}
    check_spike_options(asked)
    student = {"second_layer": layer(second_layer), "init": init}
    setting = make_setting(d=1000, n=_samples(kappa, samples), student=student, **options)
    spikes = {} if asked["rate_exponent"] is None else {"spikes": spikes_json(setting, asked, samples)}
    prediction, limit = predict(setting), _limit(setting)
    if as_json:
        found = {} if limit is None else {"limit": limit.overlaps.tolist()}
        print_line(prediction.to_json() | found | spikes)
        return
    out = console()
    out.print(heading(f"f* = {_short(prediction.setting.target.expr, 100)}"), _facts(prediction))
    out.print(heading(f"what this student learns from {_batches(prediction)}, n of order d"), _stairs(prediction))
    if prediction.floors:
        out.print(heading("error floors ||P_{U*_t, >kappa} f*||^2"), _floors(prediction))
    if limit is not None:
        from .limits import print_prediction

        print_prediction(limit)
    for note in prediction.notes:
        out.print(heading(f"note: {note}"))
    if spikes:
        print_spikes(out, spikes["spikes"])


def _samples(kappa: str | None, n: str | None) -> str:
    if n is not None:
        if kappa is not None:
            raise ProblemError("give --kappa or --samples, not both")
        return n
    value = number("1" if kappa is None else kappa, "kappa")
    if not 0 < value <= 4:
        raise ProblemError(f"kappa = {kappa} is not above 0 and at most 4; n = d^kappa samples a step")
    return f"d**({value})"


def _limit(setting: Setting) -> Any:
    """The trajectory as d grows, if the second layer is given and there is one; NumPy is loaded for nothing else."""
    if isinstance(setting.student.second_layer, str):
        return None
    from .limits import limit_of

    return limit_of(setting)


def _facts(prediction: Prediction) -> Any:
    full, own = prediction.target_staircase, prediction.student_staircase
    student = prediction.setting.student
    c = ", ".join(f"c_{j} = {_short(value)}" for j, value in enumerate(prediction.student_coefficients))
    rows = [
        ("leap index (information exponent)", str(prediction.leap_index)),
        ("leap complexity", "-" if prediction.leap_complexity is None else str(prediction.leap_complexity)),
        ("staircase of the target", _dimensions(full.dimensions, full.complete)),
        ("why stuck", full.why_stuck or "-"),
        *_reuse(prediction),
        (f"staircase with {student.activation.name}", _dimensions(own.dimensions, own.complete)),
        ("why stuck", own.why_stuck or "-"),
        (f"learned after {prediction.setting.regime.steps} steps", _directions(prediction.subspace, 0)),
        (f"coefficients of {student.activation.name}", c),
        (f"first gradient, n = {prediction.setting.regime.n}: cosine with z1..", _gradient(prediction)),
    ]
    return table(("quantity", "value"), rows)


def _batches(prediction: Prediction) -> str:
    return "fresh batches" if prediction.reuse_staircase is None else "one batch used at every step"


def _reuse(prediction: Prediction) -> list[tuple[str, str]]:
    """Rows about the reused batch, if there is one."""
    reuse = prediction.reuse_staircase
    if reuse is None:
        return []
    exponent = prediction.generative_exponent
    return [
        ("its staircase on a reused batch", _dimensions(reuse.dimensions, reuse.complete)),
        ("why stuck", reuse.why_stuck or "-"),
        ("and with O(log d) steps", _dimensions(reuse.late_dimensions, reuse.late_complete)),
        ("generative exponent", "?" if exponent is None else str(exponent)),
    ]


def _gradient(prediction: Prediction) -> str:
    exponents = prediction.gradient_exponents
    return ", ".join("?" if e is None else "Theta(1)" if e == 0 else f"d^({e})" for e in exponents)


def _stairs(prediction: Prediction) -> Any:
    rows, known = [], 0
    for t, basis in enumerate(prediction.student_staircase.subspaces):
        rows.append((str(t), str(basis.cols), _directions(basis, known)))
        known = basis.cols
    return table(("step t", "dim U*_t", "new directions"), rows)


def _floors(prediction: Prediction) -> Any:
    degrees = sorted({kappa for _, kappa in prediction.floors})
    steps = sorted({t for t, _ in prediction.floors})
    rows = [(str(t), *[_short(prediction.floors[t, kappa]) for kappa in degrees]) for t in steps]
    heads = ("after step t", *[f"kappa = {kappa}" for kappa in degrees])
    return table(heads, rows)


def _directions(basis: Any, first: int) -> str:
    return ", ".join(direction_name(list(basis[:, j])) for j in range(first, basis.cols)) or "-"


def _dimensions(dimensions: tuple[int, ...], complete: bool) -> str:
    return " -> ".join(map(str, dimensions)) + (" (complete)" if complete else " (stuck)")


def _short(value: Any, limit: int = 24) -> str:
    text = str(value)
    if len(text) <= limit:
        return text
    return f"{float(value):.6g}" if not getattr(value, "free_symbols", None) else text[: limit - 3] + "..."
