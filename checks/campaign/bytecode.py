"""What a module defines, as text that is the same in every process that imported the same source."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import CodeType, FunctionType
from typing import Any

PLAIN = (int, float, complex, str, bytes, type(None), type(...))  # constants that print alike in every process


def code_texts(values: Mapping[str, Any], module: str, place: str = "") -> Iterator[str]:
    """One text for each function among named values, and in classes among them, that `module` itself defines; in the
    order of the names. Decorators that say what they wrap are seen through. place: of a class's own, "Class."."""
    for name in sorted(values):
        for value in map(_unwrapped, _behind(values[name])):
            if getattr(value, "__module__", None) != module:
                continue
            if isinstance(value, FunctionType):
                yield f"{place}{name}: {_function(value)}"
            elif isinstance(value, type) and value.__qualname__ == place + name:  # not another name of it
                yield from code_texts(vars(value), module, f"{place}{name}.")


def _behind(value: Any) -> tuple[Any, ...]:
    """The functions behind an attribute of a class; the value itself where it is something else."""
    if isinstance(value, property):
        return value.fget, value.fset, value.fdel
    if isinstance(value, staticmethod | classmethod):
        return (value.__func__,)
    return (value.func,) if isinstance(value, cached_property) else (value,)


def _unwrapped(value: Any) -> Any:
    """What a decorator was given; looked for where functools.wraps leaves it, as objects may answer to any name."""
    return inspect.unwrap(value) if "__wrapped__" in getattr(value, "__dict__", ()) else value


def _function(function: FunctionType) -> str:
    defaults = [function.__defaults__ or (), *sorted((function.__kwdefaults__ or {}).items())]
    return _text(function.__code__) + _constant(tuple(defaults))


def _text(code: CodeType) -> str:
    """A code object without the path and the lines where it stands."""
    return repr((code.co_code.hex(), code.co_names, code.co_varnames, [_constant(value) for value in code.co_consts]))


def _constant(value: Any) -> str:
    """A set has no order of its own, and an object of somebody's kind perhaps an address."""
    if isinstance(value, CodeType):
        return _text(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_constant, value))})"
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(map(_constant, value)))}}}"
    return repr(value) if isinstance(value, PLAIN) else type(value).__qualname__
