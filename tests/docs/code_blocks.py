"""The code blocks of the README and of docs/, and how they are run as a reader would run them."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
PATIENCE = 300  # seconds until a page that hangs is given up
FENCE = re.compile(r"^( *)(```+)([\w-]*)[^`]*$")
NOT_RUN = re.compile(r"<!-- not run: (.+) -->")
SHELL = ("", "sh", "bash", "console", "shell")
SHELL_SIGNS = (">", ">>", "|", "&&", ";", "<")
MODULE = re.compile(r"# ([\w/]+\.py)\n")
COMMAND = re.compile(r"^(?:\$ )?(?:.*(?:&& |uv run ))?giantstep (.*)$")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the number of its first line, and why it is not run, if it is not."""

    language: str
    text: str
    line: int
    not_run: str | None


def pages() -> list[str]:
    """The README and all pages, relative to the root; the gallery is executed when the documentation is built."""
    found = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").rglob("*.md"))]
    return ["README.md", *(page for page in found if not page.startswith(("docs/gallery/", "docs/_")))]


def blocks(page: str) -> list[Block]:
    """All fenced blocks of a page."""
    found: list[Block] = []
    opened: re.Match[str] | None = None
    before = ""  # the last line with something on it
    body: list[str] = []
    for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), 1):
        fence = FENCE.match(line)
        if opened is None and fence:
            opened, body = fence, []
        elif opened is not None and fence and fence[2] == opened[2] and not fence[3]:
            reason = NOT_RUN.search(before)
            text = dedent("\n".join(body)) + "\n"
            found.append(Block(opened[3], text, number - len(body), reason[1] if reason else None))
            opened, before = None, ""
        elif opened is not None:
            body.append(line)
        elif line.strip():
            before = line
    assert opened is None, f"{page}: a block is not closed"
    return found


def python_blocks(page: str) -> list[Block]:
    """What the page has of Python, less what it says it is not run."""
    return [block for block in blocks(page) if block.language == "python" and not block.not_run]


def commands(page: str) -> Iterator[tuple[int, list[str]]]:
    """(line, arguments) of every call of giantstep in a shell block."""
    for block in blocks(page):
        if block.language in SHELL and not block.not_run:
            text = block.text.replace("\\\n", " ")
            for offset, line in enumerate(text.splitlines()):
                if match := COMMAND.match(line):
                    yield block.line + offset, _arguments(match[1])


def _arguments(text: str) -> list[str]:
    """The words of a command, up to where a shell would send its output or begin another."""
    words = shlex.split(text, comments=True)
    return words[: next((i for i, word in enumerate(words) if word in SHELL_SIGNS), len(words))]


def run_page(page: str, folder: Path) -> str:
    """Run the Python of a page in `folder`, as one script whose line numbers are the page's; what it prints.

    A block that begins with "# name.py" is written to that file instead; pytest runs it if the name is test_*.py.
    """
    lines = [""] * len((ROOT / page).read_text(encoding="utf-8").splitlines())
    for block in python_blocks(page):
        if name := MODULE.match(block.text):
            (folder / name[1]).parent.mkdir(parents=True, exist_ok=True)
            (folder / name[1]).write_text(block.text, encoding="utf-8")
        else:
            body = block.text.splitlines()
            lines[block.line - 1 : block.line - 1 + len(body)] = body
    script = folder / f"{Path(page).stem}_page.py"
    script.write_text("\n".join(lines), encoding="utf-8")
    for test in sorted(folder.glob("test_*.py")):
        run_python(folder, "-m", "pytest", "-q", "-p", "checks.plugin", "-p", "no:cacheprovider", test.name)
    return run_python(folder, script.name)


def run_python(folder: Path, *arguments: str) -> str:
    """What a process of Python prints that runs in `folder`; an AssertionError with its output if it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    path = os.pathsep.join([str(folder), str(ROOT), *sys.path])
    added = {"PYTHONPATH": path, "MPLBACKEND": "Agg", "XDG_DATA_HOME": str(folder / "data")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=kept | added, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, f"{' '.join(arguments)}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout
