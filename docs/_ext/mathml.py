"""Mathematics as MathML, which browsers draw themselves: pages load nothing from a network."""

import html
import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)
PRIMED = re.compile(r"('+)\^(\{[^{}]*\}|\\[A-Za-z]+|.)")  # as in \sigma''^2, which the converter takes for an error
COMMAND = re.compile(r">(\\(?:[A-Za-z]+|.))<")
DELIMITERS = {r"\{": "{", r"\}": "}", r"\|": "‖", r"\langle": "⟨", r"\rangle": "⟩"}  # left so after \big, \Big, ...


def _mathml(node: nodes.Element, display: str) -> str:
    try:
        found = convert(PRIMED.sub(_primes, node.astext()), display=display)
        return COMMAND.sub(lambda match: f">{DELIMITERS[match[1]]}<", found)
    except Exception as error:  # whatever the converter trips over: the page and the formula are named
        logger.warning("not understood as LaTeX: %s (%s)", node.astext(), error, location=node)
        return f"<code>{html.escape(node.astext())}</code>"


def _primes(match: re.Match[str]) -> str:
    return "^{" + r"\prime" * len(match[1]) + f" {match[2]}}}"


def inline(translator, node: nodes.math) -> None:
    """A formula within a line."""
    translator.body.append(_mathml(node, "inline"))
    raise nodes.SkipNode


def block(translator, node: nodes.math_block) -> None:
    """A formula on lines of its own, which scrolls where it is wider than the page."""
    translator.body.append(f'<div class="math-block">{_mathml(node, "block")}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
