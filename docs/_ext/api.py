"""The public names of a package; docstrings, which are plain text, become reStructuredText."""

import inspect
import re
from importlib import import_module

import markup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

NAME = r"\*?[A-Za-z]\w*(?:\[[^\]]*\])?(?: \([^()]*(?:\([^()]*\)[^()]*)*\))?"
ITEM = re.compile(rf"({NAME}(?:, {NAME})*): (?=\S)")  # "overlaps (T + 1, p, k): ..."
PARAGRAPH = re.compile(r"(Raises|Derived|Sources?:?|See) ")
SENTENCE_ENDS = re.compile(r"[.;:]\)?$")


class PublicNames(SphinxDirective):
    """`{api} theory`: every name in `theory.__all__`, functions first; `{api} a.b a`: those that `a` has not got."""

    required_arguments = 1
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Autodoc's directives, one a name."""
        package, *others = map(import_module, self.arguments)
        elsewhere = {name for other in others for name in other.__all__}
        lines = ["```{eval-rst}"]
        for kind in ("function", "class", "data"):
            for name in sorted({*package.__all__} - elsewhere):
                if _kind(getattr(package, name)) == kind:
                    options = ["   :members:"] if kind == "class" else []
                    lines += [f".. auto{kind}:: {package.__name__}.{name}", *options, ""]
        return self.parse_text_to_nodes("\n".join([*lines, "```"]))


def _kind(value: object) -> str:
    return "class" if inspect.isclass(value) else "function" if inspect.isroutine(value) else "data"


def plain_text(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Paragraphs, and a list where lines begin with "name: "."""
    blocks: list[str] = []
    for line in lines:
        text, indented = line.strip(), line.startswith(" ")
        last = blocks[-1] if blocks else ""
        begins = not indented and SENTENCE_ENDS.search(last) and (ITEM.match(text) or PARAGRAPH.match(text))
        if not text or not last or begins:
            blocks.append(text)
        else:
            blocks[-1] += f" {text}"
    lines[:] = [line for block in blocks if block for line in (_written(block), "")]


def _written(block: str) -> str:
    item = ITEM.match(block)
    if item and not PARAGRAPH.match(block):
        return f"* ``{item[1]}``: {markup.rst(block[item.end() :])}"
    return markup.rst(block)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register both."""
    app.add_directive("api", PublicNames)
    app.connect("autodoc-process-docstring", plain_text)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
