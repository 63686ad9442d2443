"""Claims as the registry has them, at the time of building: no page can fall behind the code."""

from docutils import nodes
from docutils.parsers.rst import directives
from markup import markdown
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import checks


class Claims(SphinxDirective):
    """`{claims} giant-step/* readout/floors`: their statements; with `:blind:` what the checks cannot see instead."""

    required_arguments = 1
    optional_arguments = 99
    option_spec = {"blind": directives.flag}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """A definition list, one entry a claim."""
        write = blind if "blind" in self.options else statement
        text = "\n\n".join(write(claim) for claim in checks.select(self.arguments))
        return self.parse_text_to_nodes(text)


def statement(claim: checks.Claim) -> str:
    """What is claimed, of whom, where it holds, and by what the check is tested."""
    dims = ", ".join(map(str, claim.plan("quick").dims))
    parts = (
        (markdown(claim.title), claim.statement),
        ("Source", claim.source),
        ("Domain", " ".join((claim.domain.__doc__ or "").split())),
        ("Input dimensions", dims),
        ("Wrong simulators it has to refute, beside wrong theories", ", ".join(claim.mutants)),
        ("Cannot see", claim.blind),
    )
    return _entry(claim, parts)


def blind(claim: checks.Claim) -> str:
    """What the check cannot see."""
    return _entry(claim, ((markdown(claim.title), claim.blind),))


def _entry(claim: checks.Claim, parts: tuple[tuple[str, str], ...]) -> str:
    lines = [
        f"**{head}**: {markdown(text)}" if i else f"*{head}.* {markdown(text)}" for i, (head, text) in enumerate(parts)
    ]
    return "\n".join([f"`{claim.id}`", f": {lines[0]}", *(f"\n  {line}" for line in lines[1:])])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("claims", Claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
