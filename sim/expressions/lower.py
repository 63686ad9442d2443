"""Turns sympy expressions into a register program for ``sim.expressions.evaluate``."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from theory.problem import ProblemError

from . import evaluate as ev

_UNARY = {
    sympy.Abs: ev.ABSOLUTE,
    sympy.sign: ev.SIGN,
    sympy.exp: ev.EXP,
    sympy.erf: ev.ERF,
    sympy.tanh: ev.TANH,
    sympy.sin: ev.SIN,
    sympy.cos: ev.COS,
    sympy.sinh: ev.SINH,
    sympy.cosh: ev.COSH,
}
_FOLDS = {sympy.Add: ev.ADD, sympy.Mul: ev.MULTIPLY, sympy.Max: ev.MAXIMUM, sympy.Min: ev.MINIMUM}


@dataclass(frozen=True, eq=False)
class Program:
    """Several expressions of the same arguments, ready to run; see ``sim.expressions.evaluate`` for the arrays."""

    code: np.ndarray
    constants: np.ndarray
    results: np.ndarray
    registers: int

    def as_tuple(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        """code, constants, results and the number of registers: what a kernel that runs the program needs."""
        return self.code, self.constants, self.results, self.registers

    def __call__(self, inputs: np.ndarray, outputs: np.ndarray) -> None:
        """Fill `outputs` (expressions, n) from `inputs` (>= arguments, n), both C-ordered."""
        work = np.empty((self.registers, min(ev.BLOCK, inputs.shape[1])))
        ev.evaluate(self.code, self.constants, self.results, work, inputs, outputs)


@lru_cache(maxsize=256)
def lower(expressions: tuple[sympy.Expr, ...], symbols: tuple[sympy.Symbol, ...]) -> Program:
    """The program that evaluates `expressions` of `symbols`; equal subexpressions are evaluated once.

    Known: sums, products, powers with a constant exponent, Max, Min, Abs, sign, Heaviside, exp, log(1 +
    exp(.)), erf, tanh, sin, cos, sinh, cosh and real constants. Raises ProblemError, which names the culprit,
    for others.
    """
    assembler = _Assembler(symbols)
    results = [assembler.value(expression) for expression in expressions]
    return _allocate(assembler, results)


class _Assembler:
    """Lists the operations an expression needs; a value is named by a number, and every value is made once."""

    def __init__(self, symbols: Sequence[sympy.Symbol]) -> None:
        self.arguments = {symbol: i for i, symbol in enumerate(symbols)}
        self.constants: dict[float, int] = {}
        self.lines: dict[tuple[int, int, int], int] = {}  # (operation, operands) -> value
        self.known: dict[sympy.Expr, int] = dict(self.arguments)
        self.values = len(symbols)

    def value(self, expr: sympy.Expr) -> int:
        """The number of the value of `expr`."""
        if expr not in self.known:
            self.known[expr] = self._new_value(expr)
        return self.known[expr]

    def _new_value(self, expr: sympy.Expr) -> int:
        if not expr.free_symbols:
            return self._constant(expr)
        if expr.func in _FOLDS:
            first, *others = expr.args
            result = self.value(first)
            for other in others:
                result = self._line(_FOLDS[expr.func], result, self.value(other))
            return result
        if expr.func in _UNARY:
            return self._line(_UNARY[expr.func], self.value(expr.args[0]))
        if expr.is_Pow and not expr.exp.free_symbols:
            return self._power(self.value(expr.base), expr.exp)
        if isinstance(expr, sympy.Heaviside):
            return self._line(ev.STEP, self.value(expr.args[0]), self.value(expr.args[1]))
        if isinstance(expr, sympy.log) and (inner := _softplus_argument(expr)) is not None:
            return self._line(ev.SOFTPLUS, self.value(inner))
        raise ProblemError(f"{expr} cannot be simulated: {expr.func.__name__} is not one of the known functions")

    def _constant(self, expr: sympy.Expr) -> int:
        number = sympy.N(expr, 30)  # far beyond double, so that the conversion below rounds once
        if not number.is_real or not np.isfinite(float(number)):
            raise ProblemError(f"the constant {expr} is not a finite real number")
        return self._number(float(number))

    def _number(self, number: float) -> int:
        if number not in self.constants:
            self.constants[number] = self._count()
        return self.constants[number]

    def _power(self, base: int, exponent: sympy.Expr) -> int:
        if not exponent.is_Integer:
            return self._line(ev.POWER, base, self._constant(exponent))
        power = self._natural_power(base, abs(int(exponent)))
        return power if exponent > 0 else self._line(ev.RECIPROCAL, power)

    def _natural_power(self, base: int, exponent: int) -> int:
        """By repeated multiplication; the powers met on the way are shared with other terms."""
        if exponent == 1:
            return base
        half = self._natural_power(base, exponent // 2)
        square = self._line(ev.MULTIPLY, half, half)
        return square if exponent % 2 == 0 else self._line(ev.MULTIPLY, square, base)

    def _line(self, operation: int, a: int, b: int | None = None) -> int:
        line = (operation, a, a if b is None else b)
        if line not in self.lines:
            self.lines[line] = self._count()
        return self.lines[line]

    def _count(self) -> int:
        self.values += 1
        return self.values - 1


def _softplus_argument(expr: sympy.log) -> sympy.Expr | None:
    """a where `expr` is log(1 + exp(a)), else None."""
    inner = expr.args[0]
    if inner.is_Add and len(inner.args) == 2 and inner.args[0] == 1 and isinstance(inner.args[1], sympy.exp):
        return inner.args[1].args[0]
    return None


def _allocate(assembler: _Assembler, results: list[int]) -> Program:
    """Give every value a register. Constants, arguments and results keep theirs; others pass it on after use."""
    last_use = {value: line for line, (_, a, b) in enumerate(assembler.lines) for value in (a, b)}
    pinned = [*assembler.constants.values(), *assembler.arguments.values()]
    register = {value: i for i, value in enumerate(pinned)}
    total = len(pinned)
    free: list[int] = []
    code: list[tuple[int, int, int, int]] = []
    for line, ((operation, a, b), value) in enumerate(assembler.lines.items()):
        if not free:
            free.append(total)
            total += 1
        register[value] = free.pop()
        code.append((operation, register[value], register[a], register[b]))
        free += [register[v] for v in {a, b} - set(pinned) - set(results) if last_use[v] == line]
    return Program(
        code=np.array(code, dtype=np.int64).reshape(-1, 4),
        constants=np.array(list(assembler.constants), dtype=np.float64),
        results=np.array([len(assembler.arguments), *(register[value] for value in results)], dtype=np.int64),
        registers=max(total, 1),
    )
