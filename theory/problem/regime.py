"""The regime: dimension, samples, step size, and how batches follow each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from .errors import ProblemError, show
from .parse import Grammar, parse, spell_products
from .scalars import finite, integer, number
from .serial import fields

BATCHES = ("fresh", "reused")
LOSSES = ("squared", "correlation")
DATA_SETS = ("digits", "breast-cancer", "diabetes")
INPUTS = ("gaussian", "rademacher", "uniform", "laplace", "mixture", "elliptical", "power-law", *DATA_SETS)
TEACHERS = ("axis", "dense")
# Chi-squared numbers of d degrees and sums over n samples are taken in float64, which is exact for whole numbers to
# 2**53 = 9e15; and a batch of 10**12 samples would take days.
MAX_DIMENSION, MAX_SAMPLES = 10**15, 10**12
SIZES = {name: sympy.Symbol(name, positive=True) for name in ("d", "n", "p")}


@dataclass(frozen=True)
class Regime:
    """How the student is trained.

    d: input dimension, at most 10**15. n: samples a step, at most 10**12, a number or an expression in d and p.
    steps: T.
    eta: step size in full, never rescaled, a number or an expression in d, n and p; a step is
        w_i <- (1 - eta weight_decay) w_i + eta (a_i / sqrt(p)) (1/n) sum z sigma'(.) (y - f),
        descent on (1/2n) sum (y - f)^2 + (weight_decay/2) sum |w_i|^2.
    batch: "fresh", "reused", or one batch id a step (the same id is the same data).
    loss: "squared"; "correlation" puts y in place of y - f.
    normalize_rows: rows are scaled back to norm one after every step.
    preprocess: None; 0 removes the mean of y, 1 also its linear part z.mean(y z), both estimated on the
    batch.
    inputs: "gaussian", i.e. N(0, I_d); "rademacher", "uniform", "laplace": independent coordinates, mean 0, variance 1;
    "mixture": two clusters, covariance I; "elliptical": Gaussian times a random number that the coordinates of a
    sample share, covariance I; "power-law": Gaussian, variances falling as j^(-1/2), mean 1;
    "digits", "breast-cancer", "diabetes": whitened rows of these data sets, independent ones side by side where d is
    larger than one of them, covariance I; simulating them takes the extra giantstep[data]. See ``sim.inputs``.
    teacher: "axis", the first k coordinate axes; "dense", k random orthonormal directions, anew in every replica. For
    Gaussian inputs the law of everything measured is the same; of power-law inputs no axis has variance 1.
    extragradient: rho, a number or an expression like eta; above 0 the gradient is taken not at w but, on the same
    batch, at w_i + rho (a_i / sqrt(p)) (1/n) sum z sigma'(.) (y - f) (arXiv 2405.15459 looks ahead like this).
    Raises ProblemError on any other value. Expressions are evaluated by Setting, which knows p.
    """

    d: int
    n: int | str
    eta: float | str
    steps: int = 1
    batch: str | tuple[int, ...] = "fresh"
    loss: str = "squared"
    weight_decay: float = 0.0
    normalize_rows: bool = False
    preprocess: int | None = None
    inputs: str = "gaussian"
    extragradient: float | str = 0.0
    teacher: str = "axis"

    def __post_init__(self) -> None:
        set_ = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        set_("d", integer(self.d, "d", low=1, high=MAX_DIMENSION))
        set_("n", _one_spelling(self.n, "n") if isinstance(self.n, str) else _samples(self.n))
        set_("eta", _one_spelling(self.eta, "eta") if isinstance(self.eta, str) else positive(self.eta, "eta"))
        ahead = self.extragradient
        set_("extragradient", _one_spelling(ahead, "extragradient") if isinstance(ahead, str) else _rate(ahead))
        set_("steps", integer(self.steps, "steps", low=1))
        set_("weight_decay", finite(self.weight_decay, "weight_decay", low=0))
        if not isinstance(self.batch, str):
            ids = _sequence(self.batch, "batch")
            set_("batch", tuple(integer(batch, "a batch id", low=0, high=2**63 - 1) for batch in ids))
            if len(self.batch) != self.steps:
                raise ProblemError(f"batch names {len(self.batch)} batches for {self.steps} steps; one id a step")
        elif self.batch not in BATCHES:
            raise ProblemError(f"batch = {show(self.batch)}; known: fresh, reused, or one batch id a step")
        if not isinstance(self.loss, str) or self.loss not in LOSSES:
            raise ProblemError(f"loss = {show(self.loss)}; known: {', '.join(LOSSES)}")
        if not isinstance(self.inputs, str) or self.inputs not in INPUTS:
            raise ProblemError(f"inputs = {show(self.inputs)}; known: {', '.join(INPUTS)}")
        if not isinstance(self.teacher, str) or self.teacher not in TEACHERS:
            raise ProblemError(f"teacher = {show(self.teacher)}; known: {', '.join(TEACHERS)}")
        if self.inputs == "power-law" and self.teacher == "axis":
            raise ProblemError("power-law inputs have variance 1 along no axis: give teacher='dense'")
        if self.preprocess is not None and (type(self.preprocess) is not int or self.preprocess not in (0, 1)):
            raise ProblemError(f"preprocess = {show(self.preprocess)}; known: None, 0 (mean), 1 (mean and linear part)")
        if not isinstance(self.normalize_rows, bool):
            raise ProblemError(f"normalize_rows = {show(self.normalize_rows)} is neither True nor False")

    @property
    def batch_ids(self) -> tuple[int, ...]:
        """The batch of every step: equal ids are the same data."""
        if self.batch == "fresh":
            return tuple(range(self.steps))
        return (0,) * self.steps if self.batch == "reused" else tuple(self.batch)  # type: ignore[arg-type]

    @property
    def repeats_batches(self) -> bool:
        """Whether a batch serves several steps."""
        if isinstance(self.batch, str):
            return self.batch == "reused" and self.steps > 1
        return len(set(self.batch)) < len(self.batch)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` turns back into an equal regime."""
        value = {name: getattr(self, name) for name in self.__dataclass_fields__}
        if self.teacher == "axis":  # not written: settings keep the identity they had before there was a choice
            del value["teacher"]
        return {**value, "batch": list(self.batch) if isinstance(self.batch, tuple) else self.batch}

    @classmethod
    def from_json(cls, value: Any) -> "Regime":
        """The regime that `to_json` wrote."""
        return cls(**fields(value, "regime", set(cls.__dataclass_fields__), {"d", "n", "eta"}))


def _one_spelling(text: str, name: str) -> int | float | str:
    """The number a text stands for, or its expression as sympy prints it: "2d" and "2*d" are one statement."""
    expr = size_expression(text, name)
    if expr.free_symbols or (name == "n" and not expr.is_Integer):
        return sympy.sstr(expr)
    if name == "n":
        return _samples(expr)
    return positive(expr, "eta") if name == "eta" else _rate(expr)


def _samples(value: Any) -> int:
    return integer(value, "n", low=1, high=MAX_SAMPLES)


def _rate(value: Any) -> float:
    return finite(value, "extragradient", low=0)


def positive(value: Any, name: str) -> float:
    """`value` as a finite float above 0."""
    result = finite(value, name)
    if result <= 0:
        raise ProblemError(f"{name} = {show(value)} is not above 0")
    return result


def size_expression(value: int | float | str, name: str) -> sympy.Expr:
    """`n`, `eta` or `extragradient` as an expression in d, p (and, for the rates, n); "2d" is read as "2*d"."""
    if not isinstance(value, str):
        return number(value, name)
    known = ("d", "p") if name == "n" else ("d", "n", "p")
    variable = lambda text: SIZES[text] if text in known else None  # noqa: E731
    hint = f"write {name} in {', '.join(known)}, such as {'2*d' if name == 'n' else 'p*sqrt(n/d)'}"
    grammar = Grammar(name, variable, hint, {"sqrt": sympy.sqrt}, divide_by_variables=True)
    return parse(spell_products(value), grammar)


def _sequence(value: Any, name: str) -> Sequence[Any]:
    if isinstance(value, Sequence) or hasattr(value, "__len__"):
        return value
    raise ProblemError(f"{name} = {show(value)}; known: fresh, reused, or one batch id a step")
