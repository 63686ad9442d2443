"""A browser, if there is one: tests that need it skip with the reason where it is missing."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium, as installed on this machine."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed, and pages open in nothing else; .ci/run installs one")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of verdicts in every status."""
    from synthetic import one_of_each

    from checks.face.html import render

    path = tmp_path_factory.mktemp("report") / "index.html"
    path.write_text(render(one_of_each()), encoding="utf-8")
    return path


class Complaints(list[str]):
    """What a page may not do: say something on the console, fail, or ask for anything but itself."""


@pytest.fixture
def opened(browser: Any, report: Path) -> Iterator[Callable[..., Any]]:
    """Opens the report from its file, in a context with the given options; at the end nobody may have complained."""
    contexts, complaints, addresses = [], Complaints(), []

    def open_it(path: Path = report, **options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url))
        addresses.append(path.as_uri())
        page.goto(addresses[-1])
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert [said for said in complaints if not said.startswith("data:")] == addresses
