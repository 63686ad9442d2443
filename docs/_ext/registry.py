"""Claims as the registry has them, at the time of building: no page can fall behind the code."""

from docutils import nodes
from docutils.parsers.rst import directives
from markup import ARXIV, markdown
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import checks
from checks.face.html.mathematics import lines, segments
from theory import ProblemError


class Claims(SphinxDirective):
    """`{claims} giant-step/* readout/floors`: their statements; with `:blind:` what the checks cannot see instead."""

    required_arguments = 1
    optional_arguments = 99
    option_spec = {"blind": directives.flag}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """A definition list, one entry a claim."""
        self.env.note_reread()  # the registry is no file that Sphinx would watch
        write = blind if "blind" in self.options else statement
        try:
            chosen = checks.select(self.arguments)
        except ProblemError as reason:
            raise self.error(str(reason)) from None
        return self.parse_text_to_nodes("\n\n".join(write(claim) for claim in chosen))


def statement(claim: checks.Claim) -> str:
    """What is claimed, of whom, where it holds, and by what the check is tested."""
    more = {
        "Source": claim.source,
        "Domain": " ".join((claim.domain.__doc__ or "").split()),
        "Input dimensions": ", ".join(map(str, claim.plan("quick").dims)),
        "Wrong simulators it has to refute, beside wrong theories": ", ".join(claim.mutants),
        "Cannot see": claim.blind,
    }
    return _entry(claim, claim.statement, more)


def blind(claim: checks.Claim) -> str:
    """What the check cannot see."""
    return _entry(claim, claim.blind, {})


def _entry(claim: checks.Claim, text: str, more: dict[str, str]) -> str:
    first = [f"`{claim.id}`", f": *{markdown(claim.title)}.* {formulas(text)}"]
    return "\n".join(first + [f"\n  **{head}**: {formulas(value)}" for head, value in more.items()])


def formulas(text: str) -> str:
    """The text in Markdown, with LaTeX for the formulas in it, and for no arXiv number."""
    pieces = (
        " ".join(f"${piece}$" for piece in lines(latex)) if latex and not ARXIV.search(plain) else markdown(plain)
        for latex, plain in segments(text)
    )
    return "".join(pieces)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("claims", Claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
