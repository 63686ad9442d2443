"""Plain text of docstrings and claims as markup in which nothing is markup but quotes and references."""

import re
from collections.abc import Callable

ARXIV = re.compile(r"(?<![\d.])(\d{4}\.\d{4,5})(?![\d.]*\d)")
NOTE = re.compile(r"(?:docs/)?notes/(\w+)\.md|(?<![\w/])(\w+)\.md")
QUOTED = re.compile(r"``(.+?)``|`([^`]+)`")


def rst(text: str) -> str:
    """The text in reStructuredText."""
    note = r":doc:`\1 </notes/\1>`"
    return _outside_quotes(text, lambda plain: _rst_plain(plain, note))


def _rst_plain(text: str, note: str) -> str:
    text = re.sub(r"([\\*|`])", r"\\\1", text)
    text = re.sub(r"_(?=\W|$)", r"\\_", text)
    text = re.sub(r"(?:docs/)?notes/(\w+)\.md", note, text)
    return ARXIV.sub(r"`\1 <https://arxiv.org/abs/\1>`__", text)


def markdown(text: str) -> str:
    """The text in Markdown."""
    return _outside_quotes(text, _markdown_plain)


def _markdown_plain(text: str) -> str:
    text = re.sub(r"([\\*_`|<>$\[\]^~#{}])", r"\\\1", text)
    text = re.sub(r"(?:docs/)?notes/([\w\\]+)\.md", lambda m: _note(m.group(1)), text)
    return ARXIV.sub(r"[\1](https://arxiv.org/abs/\1)", text)


def _note(escaped: str) -> str:
    return f"[{escaped}](/notes/{escaped.replace(chr(92), '')}.md)"


def _outside_quotes(text: str, change: Callable[[str], str]) -> str:
    """`change` where the text is not quoted; quotes become literals."""
    found, end = [], 0
    for match in QUOTED.finditer(text):
        found += [change(text[end : match.start()]), f"``{match.group(1) or match.group(2)}``"]
        end = match.end()
    return "".join([*found, change(text[end:])])
