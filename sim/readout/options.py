"""How a readout is asked for, checked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theory.problem import ProblemError
from theory.problem.regime import MAX_SAMPLES, SIZES, size_expression
from theory.problem.scalars import finite, integer

from ..inputs import special
from ..run import Run

CHOICES = ("leave-one-out", "validation")


@dataclass(frozen=True)
class Options:
    """Arguments of ``fit_readout``, evaluated. validation: samples, 0 for none. position: of the step in the run."""

    n: int
    ridges: np.ndarray
    position: int
    replicas: int
    validation: int
    preprocess: int | None
    test_samples: int
    chunk_bytes: int | None

    @property
    def leaves_out(self) -> bool:
        """Whether leave-one-out decides."""
        return len(self.ridges) > 1 and not self.validation


def read_options(
    run: Run,
    n: int | str,
    ridge: float | Sequence[float],
    at: int | None,
    choose: str,
    validation: int | str | None,
    preprocess: int | None,
    test_samples: int,
    replicas: int | None,
    chunk_bytes: int | None,
) -> Options:
    """Raises ProblemError for whatever is not as ``fit_readout`` says."""
    check_run(run)
    if choose not in CHOICES:
        raise ProblemError(f"choose = {choose!r}; known: {', '.join(CHOICES)}")
    if validation is not None and choose != "validation":
        raise ProblemError("validation is the size of the validation batch: it needs choose='validation'")
    if preprocess is not None and (type(preprocess) is not int or preprocess not in (0, 1)):
        raise ProblemError(f"preprocess = {preprocess!r}; known: None, 0 (mean), 1 (mean and linear part)")
    samples = read_samples(run, n, "n")
    ridges = _ridges(ridge, choose)
    position = read_position(run, run.at[-1] if at is None else at)
    wanted = len(ridges) > 1 and choose == "validation"
    return Options(
        n=samples,
        ridges=ridges,
        position=position,
        replicas=read_replicas(run, replicas),
        validation=read_samples(run, n if validation is None else validation, "validation") if wanted else 0,
        preprocess=preprocess,
        test_samples=integer(test_samples, "test_samples", 4, MAX_SAMPLES),
        chunk_bytes=None if chunk_bytes is None else integer(chunk_bytes, "chunk_bytes", 1),
    )


def _ridges(ridge: float | Sequence[float], choose: str) -> np.ndarray:
    many = (isinstance(ridge, np.ndarray) and ridge.ndim > 0) or (
        isinstance(ridge, Sequence) and not isinstance(ridge, str)
    )
    grid = list(ridge) if many else [ridge]  # type: ignore[arg-type]
    if not grid:
        raise ProblemError("ridge: an empty grid")
    ridges = np.array([finite(value, "ridge", low=0) for value in grid])
    if len(ridges) > 1 and choose == "leave-one-out" and not ridges.all():
        raise ProblemError("ridge: leave-one-out needs a grid above 0 (or choose='validation')")
    return ridges


def check_run(run: Run) -> None:
    """Raises ProblemError for what is no Run, or one whose biases have another shape than it says."""
    if not isinstance(run, Run):
        raise ProblemError(f"run is not a Run but {type(run).__name__}")
    if special(run.setting):
        raise ProblemError(
            "a second layer and feature matrices are for Gaussian inputs with the teacher along the axes"
        )
    expected = (len(run.alpha), run.setting.student.p)
    if np.shape(run.bias) != expected:
        raise ProblemError(f"the run's bias has shape {np.shape(run.bias)}; expected {expected}")


def read_position(run: Run, step: int) -> int:
    """Where `step` stands among the run's."""
    if isinstance(step, bool) or not isinstance(step, int | np.integer) or step not in run.at:
        raise ProblemError(f"at = {step!r}; the run holds the steps {', '.join(map(str, run.at))}")
    return run.at.index(step)


def read_replicas(run: Run, replicas: int | None) -> int:
    """The number asked for, by default all."""
    everyone = len(run.alpha)
    return everyone if replicas is None else integer(replicas, "replicas", 1, everyone)


def read_samples(run: Run, value: int | str, name: str) -> int:
    """A number, or an expression in d and p, evaluated."""
    if not isinstance(value, str):
        return integer(value, name, 1, MAX_SAMPLES)
    sizes = {SIZES["d"]: run.setting.regime.d, SIZES["p"]: run.setting.student.p}
    number = finite(size_expression(value, "n").subs(sizes), f"{name} = {value}")
    return integer(round(number), name, 1, MAX_SAMPLES)
