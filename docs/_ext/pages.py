"""Pages nobody listed: in the index, the word OTHER-PAGES stands for every page of this folder it does not name."""

from pathlib import Path

from sphinx.application import Sphinx


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Write their names where the index says so: a new guide needs no second place to be listed in."""
    if docname == "index":
        named = set(source[0].split())
        there = sorted(path.stem for path in Path(app.srcdir).glob("*.md") if path.stem != "index")
        source[0] = source[0].replace("OTHER-PAGES", "\n".join(page for page in there if page not in named))


def setup(app: Sphinx) -> dict[str, bool]:
    """Before the index is read."""
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
