"""The report as a reader has it: opened from its file, filtered, sorted, by mouse and by keyboard, on paper, by ear."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from synthetic import AGREE, component, verdict

import checks
from checks.face.html import render

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
PHONE = {"viewport": {"width": 375, "height": 720}}
CLAIMS = ["giant-step/one-step-norm", "giant-step/one-direction", "reuse/trajectory", "exactness/descent"]
Open = Callable[..., Any]


def shown(page: Any) -> list[str]:
    """The claims in the overview, from top to bottom; their articles must be the same."""
    rows = page.locator("#overview tbody tr:visible").evaluate_all("rows => rows.map(row => row.dataset.claim)")
    articles = page.locator("article:visible .id code").all_text_contents()
    assert sorted(rows) == sorted(articles)
    return rows


def test_all_claims_are_shown_without_a_word_on_the_console(opened: Open) -> None:
    page = opened()
    assert shown(page) == CLAIMS
    assert page.locator("#count").inner_text() == "4 of 4 claims shown"
    assert page.locator("math").count() > 30
    assert page.locator("math").first.evaluate("node => node.getBoundingClientRect().width") > 0


def until(page: Any, condition: str) -> None:
    """Wait until it holds. The page forbids the means by which Playwright itself would wait."""
    for _ in range(500):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"never came true: {condition}")


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("#filter-group", "reuse", CLAIMS[2:3]),
        ("#filter-paper", "2402.03220", CLAIMS[2:3]),
        ("#filter-verdict", "DISAGREE", CLAIMS[1:2]),
        ("#filter-verdict", "POWERLESS", CLAIMS[3:]),
        ("#filter-text", "SINGULAR overlap", CLAIMS[1:2]),
        ("#filter-text", "no such words", []),
    ],
)
def test_filters_leave_what_fits_and_say_how_many(opened: Open, field: str, value: str, left: list[str]) -> None:
    page = opened()
    if field == "#filter-text":
        page.fill(field, value)
    else:
        page.select_option(field, value)
    assert shown(page) == left
    count = page.locator("#count")
    assert count.inner_text() == f"{len(left)} of 4 claims shown"
    assert count.get_attribute("aria-live") == "polite"
    assert page.locator("#none").is_visible() == (not left)
    page.click("button[type=reset]")
    until(page, "document.getElementById('count').textContent.startsWith('4 of 4')")
    assert shown(page) == CLAIMS


def test_filters_act_together(opened: Open) -> None:
    page = opened()
    page.select_option("#filter-group", "giant-step")
    assert shown(page) == CLAIMS[:2]
    page.select_option("#filter-verdict", "AGREE")
    assert shown(page) == CLAIMS[:1]


def test_columns_sort_both_ways_and_say_so(opened: Open) -> None:
    page = opened()
    head = page.locator("#overview th[data-key=claim]")
    assert head.get_attribute("aria-sort") is None
    head.locator("button").click()
    assert (shown(page), head.get_attribute("aria-sort")) == (sorted(CLAIMS), "ascending")
    head.locator("button").click()
    assert (shown(page), head.get_attribute("aria-sort")) == (sorted(CLAIMS, reverse=True), "descending")
    used = page.locator("#overview th[data-key=used]")
    used.locator("button").click()  # as numbers: 0.04, 0.6, 5.6 and infinity
    assert shown(page) == [CLAIMS[3], CLAIMS[0], CLAIMS[1], CLAIMS[2]]
    assert (head.get_attribute("aria-sort"), used.get_attribute("aria-sort")) == (None, "ascending")


def test_the_keyboard_alone_will_do(opened: Open) -> None:
    """The first Tab offers to skip to the claims; every control has a visible focus; Enter sorts and filters."""
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    visited = []
    for _ in range(24):
        page.keyboard.press("Tab")
        visited.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", visited[-1]
        if visited[-1] == "Verdict":
            page.keyboard.press("Enter")
            break
    order = ["filter-text", "filter-group", "filter-paper", "filter-verdict", "Show all", "Claim", "Verdict"]
    assert [name for name in visited if name in order] == order
    assert shown(page)[0] == "giant-step/one-step-norm"
    assert page.evaluate("document.activeElement.parentNode.getAttribute('aria-sort')") == "ascending"
    page.focus("#filter-text")
    page.keyboard.type("wrong words")
    assert shown(page) == []
    page.focus("summary")
    page.keyboard.press("Enter")
    assert page.locator(".legend ul").is_visible()


def test_the_replay_line_is_copied_or_else_selected(opened: Open) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    page.locator("button.copy").first.click()
    until(page, "document.querySelector('button.copy').textContent.startsWith('Copied')")
    assert page.evaluate("navigator.clipboard.readText()") == f"giantstep verify {CLAIMS[0]} --seed 7 --no-store"
    page.evaluate("navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false")
    page.locator("button.copy").nth(1).click()
    until(page, "document.querySelectorAll('button.copy')[1].textContent.startsWith('Selected')")
    assert page.evaluate("getSelection().toString()") == f"giantstep verify {CLAIMS[1]} --seed 7 --no-store"


def test_without_scripts_nothing_is_missing_and_no_dead_control_is_shown(opened: Open) -> None:
    page = opened(java_script_enabled=False)
    assert page.locator("article:visible").count() == 4
    assert page.locator("#overview tbody tr:visible").count() == 4
    assert page.locator("#filters:visible, button:visible").count() == 0


def test_a_phone_needs_no_sideways_scrolling(opened: Open) -> None:
    page = opened(**PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


def test_a_formula_that_no_phone_is_wide_enough_for_is_scrolled_by_the_keyboard(opened: Open, tmp_path: Path) -> None:
    (claim,) = (claim for claim in checks.claims() if claim.id == "exactness/descent")
    sides = " ".join(f"c_{{k+{i}}} C_{i}" for i in range(40))
    own = replace(claim, id="own/wide", statement=f"The sum is {{{sides}}} for all k.")
    path = tmp_path / "index.html"
    path.write_text(render([verdict(own.id, component("x", AGREE, 0.9, 1.1))], [own]), encoding="utf-8")
    page = opened(path, **PHONE)
    page.locator(".statement").scroll_into_view_if_needed()
    until(page, "document.querySelector('.statement').tabIndex === 0")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
    page.focus(".statement")
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('.statement').scrollLeft > 0")


def test_paper_shows_every_number_and_no_control(opened: Open) -> None:
    page = opened()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details table:visible").count() == page.locator("details table").count() > 0
    assert page.locator(".filters:visible, .copy:visible").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_no_violation_that_axe_can_find(opened: Open, scheme: str, size: dict[str, Any]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = opened(color_scheme=scheme, **size)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    page.add_style_tag(content=".claim { content-visibility: visible; }")  # laid out, though far below the window
    page.locator("#overview th[data-key=claim] button").click()
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found = axe.Axe().run(page, options={"runOnly": {"type": "tag", "values": LEVELS}})
    broken = [(v["id"], v["impact"], [node["target"] for node in v["nodes"][:3]]) for v in found.response["violations"]]
    assert broken == []
    assert len(found.response["passes"]) > 15


def test_time_to_open(opened: Open, report: Path, record_property: Callable[[str, object], None]) -> None:
    """Until all is laid out; shown with -rP. How long that may take is no matter of right and wrong."""
    page = opened()
    timing = "performance.getEntriesByType('navigation')[0]"
    until(page, f"{timing}.loadEventEnd > 0")
    milliseconds = page.evaluate(f"{timing}.loadEventEnd")
    record_property("milliseconds", milliseconds)
    print(f"{report.stat().st_size / 1e6:.2f} MB opened in {milliseconds:.0f} ms")
    assert milliseconds > 0
