"""What pages lack for keyboards and screen readers: headings have a level, what scrolls can be reached."""

from typing import Any

from sphinx.application import Sphinx

PARTS = ("body", "furo_navigation_tree")
CHANGES = (
    ('class="caption" role="heading">', 'class="caption" role="heading" aria-level="2">'),
    ("<pre>", '<pre tabindex="0">'),
    ('<div class="math-block">', '<div class="math-block" tabindex="0">'),
)


def mend(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """The same text in the body of a page and in the navigation beside it."""
    for part in PARTS:
        for old, new in CHANGES:
            if isinstance(context.get(part), str):
                context[part] = context[part].replace(old, new)


def setup(app: Sphinx) -> dict[str, bool]:
    """After the theme has made its navigation."""
    app.connect("html-page-context", mend, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
