"""Text to sympy without eval: a walk over Python's syntax tree that knows a short list of nodes.

sympy's own `sympify` and `parse_expr` evaluate their input as Python. A target may come from a stranger,
so nothing here calls them, looks up an attribute, or builds a number or a power of unbounded size.
"""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import sympy

from .errors import ProblemError, show
from .functions import Function

MAX_LENGTH = 10_000
MAX_DEPTH = 40  # sympy itself recurses several frames a level
MAX_EXPONENT = 64
MAX_BITS = 4096
MAX_NODES = 50_000
MAX_ARGUMENTS = 16  # sympy compares the arguments of Max and Min in pairs
_LARGEST = 1e300  # of a constant: everything downstream is a double


_CONSTANTS = {"pi": sympy.pi, "E": sympy.E}  # as sympy prints them


@dataclass(frozen=True)
class Grammar:
    """What a text may say: `variable` turns a name into a symbol or None."""

    what: str
    variable: Callable[[str], sympy.Symbol | None]
    hint: str
    functions: Mapping[str, Function]
    divide_by_variables: bool = False


def parse(text: str, grammar: Grammar) -> sympy.Expr:
    """The expression written in `text`.

    Raises ProblemError, with the place and what would be right, for anything outside `grammar`.
    """
    if len(text) > MAX_LENGTH:
        raise ProblemError(
            f"{grammar.what} is {len(text)} characters long; at most {MAX_LENGTH}: give longer ones as a "
            "sympy Poly or as {exponents: coefficient}"
        )
    if not text.strip():
        raise ProblemError(f"{grammar.what} is empty")
    if not text.isascii():  # Python would read look-alikes such as fullwidth letters as plain ones
        odd = next(c for c in text if not c.isascii())
        raise ProblemError(f"{grammar.what} {show(text)} holds the character {odd!a}; write plain ASCII")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise ProblemError(f"{grammar.what} {show(text)} cannot be read: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise ProblemError(f"{grammar.what} {show(text)} is nested too deeply to be read") from None
    return _Walker(grammar, text).walk(tree.body, 0)


class _Walker:
    def __init__(self, grammar: Grammar, text: str) -> None:
        self.grammar = grammar
        self.text = text

    def refuse(self, why: str) -> ProblemError:
        return ProblemError(f"{self.grammar.what} {show(self.text)}: {why}")

    def walk(self, node: ast.expr, depth: int) -> sympy.Expr:
        if depth > MAX_DEPTH:
            raise self.refuse(f"nested more than {MAX_DEPTH} deep")
        match node:
            case ast.Constant(value=value):
                return self.number(value)
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.walk(operand, depth + 1)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.walk(operand, depth + 1)
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self.sum(node, depth)
            case ast.BinOp():
                return self.product(node, depth)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.call(name, args, depth)
        kind = node.op if isinstance(node, ast.UnaryOp) else node
        raise self.refuse(f"{type(kind).__name__} is not allowed; {self.grammar.hint}")

    def sum(self, node: ast.expr, depth: int) -> sympy.Expr:
        """A sum leans to the left in the syntax tree: walk down its spine, so that length is not nesting."""
        terms = []
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            term = self.walk(node.right, depth + 1)
            terms.append(term if isinstance(node.op, ast.Add) else -term)
            node = node.left
        return self.bounded(sympy.Add(self.walk(node, depth + 1), *reversed(terms)))

    def product(self, node: ast.expr, depth: int) -> sympy.Expr:
        """Products, quotients and the rest; those written in a row lean to the left too."""
        factors = []
        while isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Add | ast.Sub):
            factors.append((node.op, self.walk(node.right, depth + 1)))
            node = node.left
        value = self.walk(node, depth + 1)
        for op, right in reversed(factors):
            value = self.binary(op, value, right)
        return value

    def number(self, value: object) -> sympy.Expr:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(f"{show(value)} is not a real number")
        if isinstance(value, int):
            if value.bit_length() > MAX_BITS:
                raise self.refuse(f"a number has more than {MAX_BITS} bits")
            return sympy.Integer(value)
        if value in (float("inf"), float("-inf")):
            raise self.refuse("a number is too large")
        exact = Fraction(repr(value))  # 0.1 means one tenth, not the nearest double
        return sympy.Rational(exact.numerator, exact.denominator)

    def name(self, name: str) -> sympy.Expr:
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        symbol = self.grammar.variable(name)
        if symbol is None:
            raise self.refuse(f"unknown name {show(name)}; {self.grammar.hint}")
        return symbol

    def call(self, name: str, nodes: list[ast.expr], depth: int) -> sympy.Expr:
        function = self.grammar.functions.get(name)
        if function is None:
            known = [known for known in self.grammar.functions if not known.startswith("He")]
            raise self.refuse(f"unknown function {show(name)}; known: {', '.join(known)}, He0 .. He20")
        if not nodes or (len(nodes) != 1 and name not in ("Max", "Min")):
            raise self.refuse(f"{name} takes one argument, got {len(nodes)}")
        if len(nodes) > MAX_ARGUMENTS:
            raise self.refuse(f"{name} takes at most {MAX_ARGUMENTS} arguments, got {len(nodes)}")
        args = [self.walk(node, depth + 1) for node in nodes]
        if name == "sqrt" and not self.grammar.divide_by_variables and not args[0].is_nonnegative:
            raise self.refuse("sqrt takes a number that is not negative")
        return self.bounded(function(*args))

    def binary(self, op: ast.operator, left: sympy.Expr, right: sympy.Expr) -> sympy.Expr:
        match op:
            case ast.Mult():
                return self.bounded(left * right)
            case ast.Div():
                return self.quotient(left, right)
            case ast.Pow():
                return self.power(left, right)
            case ast.BitXor():
                raise self.refuse("write ** for a power, not ^")
        raise self.refuse(f"the operator {type(op).__name__} is not allowed; use + - * / **")

    def quotient(self, left: sympy.Expr, right: sympy.Expr) -> sympy.Expr:
        if right.free_symbols and not self.grammar.divide_by_variables:
            raise self.refuse("divides by an expression; only division by a number is possible")
        if right.is_zero:
            raise self.refuse("divides by zero")
        return self.bounded(left / right)

    def power(self, base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
        if not exponent.is_Rational or abs(exponent) > MAX_EXPONENT:
            raise self.refuse(f"the exponent {show(exponent)} is not a number of size at most {MAX_EXPONENT}")
        natural = exponent.is_Integer and exponent >= 0
        if base.free_symbols and not natural and not self.grammar.divide_by_variables:
            raise self.refuse(f"the exponent {exponent} of an expression is not a natural number")
        if base.is_zero and exponent < 0:
            raise self.refuse("divides by zero")
        if base.is_negative and not exponent.is_Integer:
            raise self.refuse("a root of a negative number")
        if base.is_Rational and abs(exponent) * max(base.p.bit_length(), base.q.bit_length()) > MAX_BITS:
            raise self.refuse(f"a number has more than {MAX_BITS} bits")
        return self.bounded(base**exponent)

    def check_constant(self, value: sympy.Expr) -> None:
        """Refuse towers of powers and exponentials, part by part, before anything evaluates or expands them."""
        if _bits(value) > MAX_BITS:
            raise self.refuse(f"a number has more than {MAX_BITS} bits")
        if not value.is_Rational and not abs(value.evalf(15)) < _LARGEST:
            raise self.refuse(f"a constant is not below {_LARGEST:g}")

    def bounded(self, value: sympy.Expr) -> sympy.Expr:
        for count, _ in enumerate(sympy.preorder_traversal(value)):
            if count > MAX_NODES:
                raise self.refuse(f"it expands to more than {MAX_NODES} operations")
        if not value.free_symbols:
            self.check_constant(value)
        if value.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.I):
            raise self.refuse("is not a finite real expression")
        return value


def _bits(value: sympy.Expr) -> float:
    """A bound for the bits of the rationals met while a constant is expanded."""
    if value.is_Rational:
        return max(value.p.bit_length(), value.q.bit_length())
    if value.is_Pow and value.exp.is_Rational:
        return _bits(value.base) * max(1, abs(value.exp))
    return sum(_bits(arg) for arg in value.args)


_IMPLICIT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*(?=[dnp]\b)")


def spell_products(text: str) -> str:
    """`2d` and `0.5 n` become `2*d` and `0.5*n`: the shorthand of batch sizes and step sizes."""
    return _IMPLICIT.sub(r"\1*", text)
