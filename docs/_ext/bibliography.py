"""Papers cited by the code and the notes, collected when the pages are built, with where each is used."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from markup import ARXIV
from papers import PAPERS
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def citations() -> dict[str, dict[str, set[str]]]:
    """{arXiv id: {"theory", "sim", "checks" or "notes": modules or notes that name it}}, the oldest paper first."""
    found: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for package in ("theory", "sim", "checks"):
        for path in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            for text in _texts(ast.parse(path.read_text(encoding="utf-8"))):
                for number in ARXIV.findall(text):
                    found[number][package].add(module)
    for path in sorted((ROOT / "docs" / "notes").glob("*.md")):
        for number in ARXIV.findall(path.read_text(encoding="utf-8")):
            if number in PAPERS:  # a number in a note can be just a number
                found[number]["notes"].add(path.stem)
    return {number: dict(found[number]) for number in sorted(found)}


def _texts(tree: ast.Module) -> Iterator[str]:
    """Docstrings, and the `source` of claims and conjectures."""
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED):
            yield ast.get_docstring(node) or ""
        elif isinstance(node, ast.keyword) and node.arg == "source" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


class Bibliography(SphinxDirective):
    """`{bibliography}`: one entry a paper."""

    def run(self) -> list[nodes.Node]:
        """A definition list."""
        self.env.note_reread()  # the code is nothing that Sphinx would watch
        return self.parse_text_to_nodes("\n\n".join(_entry(number, used) for number, used in citations().items()))


def _entry(number: str, used: dict[str, set[str]]) -> str:
    link = f"[arXiv {number}](https://arxiv.org/abs/{number})"
    name = "{}, *{}*, ".format(*PAPERS[number]) if number in PAPERS else ""
    where = [f"{kind}: {', '.join(_place(kind, place) for place in sorted(places))}" for kind, places in used.items()]
    return f"{name}{link}\n: Used in {'; '.join(where)}"


def _place(kind: str, place: str) -> str:
    return f"[{place}](/notes/{place}.md)" if kind == "notes" else f"`{place}`"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("bibliography", Bibliography)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
