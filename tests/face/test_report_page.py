"""The report as a file: complete, self-contained, safe to open whatever names it is given, small."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from math import inf
from pathlib import Path
from types import SimpleNamespace

import pytest
from synthetic import AGREE, DISAGREE, HOSTILE, INCONCLUSIVE, component, one_of_each, verdict

import checks
from checks.campaign import Store, default_path
from checks.face.html import render
from checks.face.report import markdown
from checks.verdict import Interval, Rung, Verdict

SHIPPED = {claim.id: claim for claim in checks.claims()}


class Page(HTMLParser):
    """What a browser would see: every tag with its attributes, ids, text outside style and script, text by article."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, str] = {"": ""}
        self.inside = self.raw = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag == "article":
            self.inside = found["id"]
            self.texts[self.inside] = ""
        self.raw = tag if tag in ("style", "script") else ""

    def handle_endtag(self, tag: str) -> None:
        self.raw = ""
        if tag in ("td", "th", "dt", "dd"):
            self.texts[self.inside] += " "
        if tag == "article":
            self.inside = ""

    def handle_data(self, data: str) -> None:
        if not self.raw:
            self.texts[self.inside] += data

    def all(self, attribute: str) -> list[str]:
        return [found[attribute] for _, found in self.tags if attribute in found]

    @property
    def articles(self) -> list[str]:
        return [" ".join(text.split()) for name, text in self.texts.items() if name]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render(one_of_each()))


def test_every_verdict_is_there_with_all_that_it_rests_on(page: Page) -> None:
    verdicts = one_of_each()
    assert len(page.articles) == len(verdicts)
    for shown, expected in zip(page.articles, verdicts, strict=True):
        claim = SHIPPED[expected.claim]
        assert expected.claim in shown
        assert str(expected.status) in shown
        assert expected.replay in shown
        for word in re.findall(r"[A-Za-z]{4,}", claim.source):
            assert word in shown
        for record in expected.components:
            for part in record.name.split(": "):  # neighbours share what comes before a colon, as a heading
                assert part.partition(",")[0] in shown
        for name, _ in expected.foils:
            assert name in shown
        assert f"{expected.seed}" in shown


def test_numbers_are_those_of_the_record(page: Page) -> None:
    first, second, third, fourth = page.articles
    assert "[0.95, 1.1]" in first
    assert "resolved bias" in first
    assert "twice the learning rate refuted (wrong theory):" in first
    assert "is [0.95, 1.1] where it says 4" in first
    assert "at least 12 tolerances away" in first  # (4 - 1.1) / 0.25 = 11.6
    assert "[\N{MINUS SIGN}0.55, \N{MINUS SIGN}0.45]" in second
    assert "Local slopes" in second
    assert "Local slopes" not in first
    assert "[\N{MINUS SIGN}∞, ∞]" in third
    assert "not refuted (INCONCLUSIVE) (wrong simulator)" in fourth


def test_local_slopes_are_taken_between_neighbouring_sizes(page: Page) -> None:
    """Medians of x^(-1/2) within ten per cent: slope -1/2, within log(1.1/0.9)/log(16) of it."""
    shown = page.articles[1]
    assert "64 1024 \N{MINUS SIGN}0.5 \N{MINUS SIGN}0.5 [\N{MINUS SIGN}0.5724, \N{MINUS SIGN}0.4276]" in shown


def test_an_earlier_record_says_what_it_does_not_hold(page: Page) -> None:
    assert "refuted (by what was not kept)" in page.articles[2]


def test_the_page_asks_for_nothing_from_anywhere() -> None:
    html = render(one_of_each())
    page = Page(html)
    assert {tag for tag, found in page.tags if "src" in found or "srcset" in found or "data" in found} == set()
    for tag, found in page.tags:
        for name in ("href", "xlink:href", "action", "poster"):
            target = found.get(name, "#")
            leaves = tag == "a" and re.fullmatch(r"https://arxiv\.org/abs/\d{4}\.\d{4,5}", target)
            assert leaves or target.startswith(("#", "data:image/svg+xml,")), (tag, target)
    assert not re.search(r"url\((?!#)|@import|@font-face|fetch\(|XMLHttpRequest|import\(", html)
    assert "default-src 'none'" in html


def test_ids_are_unique_and_every_reference_has_its_target(page: Page) -> None:
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    targets = [name for names in page.all("aria-labelledby") + page.all("for") for name in names.split()]
    targets += [target[1:] for target in page.all("href") if target.startswith("#")]
    assert set(targets) <= set(ids)
    assert len(targets) > 10


def test_names_that_would_be_code_are_text() -> None:
    named = [
        replace(
            verdict(f"group/{name}", *(component(f"{name}{i}", AGREE, 0.9, 1.1) for i in range(2))),
            group=name, replay=name, flags=(name,), foils=((name, AGREE),),
        )
        for name in HOSTILE
    ]  # fmt: skip
    own = replace(
        SHIPPED["exactness/descent"], id="group/own", title=HOSTILE[0], statement=HOSTILE[1], blind=HOSTILE[2],
        source="arXiv 2305.18270\"><script>" + HOSTILE[3],
    )  # fmt: skip
    page = Page(render([*named, verdict("group/own", component("x", AGREE, 0.9, 1.1))], [own]))
    plain = Page(render(one_of_each()))
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags}
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    for _, found in page.tags:
        assert not [name for name in found if name.startswith("on")]
        assert not found.get("href", "").startswith("javascript:")
    assert all(name in page.articles[i] for i, name in enumerate(HOSTILE) if name.isprintable())
    assert "49" not in page.articles[HOSTILE.index("{{ 7 * 7 }}")]
    ids = page.all("id")
    assert len(ids) == len(set(ids))


def test_a_theory_and_a_simulator_of_one_name_keep_apart() -> None:
    made = verdict("exactness/descent", component("x", AGREE, 0.9, 1.1))
    names = [replace(fate, name="the other loss") for fate in made.fates]
    (shown,) = Page(
        render([replace(made, fates=tuple(names), foils=tuple((fate.name, DISAGREE) for fate in names))])
    ).articles
    assert "the other loss refuted (wrong theory)" in shown
    assert "the other loss refuted (wrong simulator)" in shown


def test_censored_medians_are_drawn_as_far_as_they_are_known() -> None:
    """Most runs at the larger size never got there: no slope, and no bound for it either."""
    known, never = Rung(64.0, 3.0, Interval(2.0, 9.0)), Rung(256.0, inf, Interval(5.0, inf))
    slope = replace(component("slope", INCONCLUSIVE, -inf, inf), ladder=(known, never))
    (shown,) = Page(render([verdict("exactness/descent", slope, status=INCONCLUSIVE)])).articles
    assert "64 256" in shown


def test_a_claim_of_another_version_is_shown_as_its_record_has_it() -> None:
    (shown,) = Page(render([verdict("older/claim", component("gone", AGREE, 0.9, 1.1))])).articles
    assert "no such claim" in shown
    assert "gone" in shown


def test_the_same_verdicts_give_the_same_page() -> None:
    assert render(one_of_each()) == render(one_of_each())


def test_no_verdict_at_all_is_a_page_as_well() -> None:
    assert "0 of 0 claims" in render([])


def test_a_name_with_bars_stays_one_cell_of_the_markdown_table() -> None:
    lines = markdown([verdict("group/bars", component("|beta|", AGREE, 0.9, 1.1))]).splitlines()
    assert r"\|beta\|" in lines[2]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


def test_a_claim_of_thirty_components_weighs_little() -> None:
    """32 such claims are 5 MB: none of the shipped ones has more than 31 components."""
    many = [
        component(f"case {i // 10}: a number with a long name, d = {i}", AGREE, 0.9, 1.1 + i / 1000) for i in range(31)
    ]
    one, two = (len(render([verdict(f"group/{i}", *many) for i in range(count)]).encode()) for count in (1, 2))
    assert two - one < 5e6 / 32


def test_a_verdict_just_reached_is_reported_by_verify_and_again_from_the_store(
    run: Callable[..., SimpleNamespace], tmp_path: Path
) -> None:
    store, out = str(tmp_path / "results.sqlite"), tmp_path / "out"
    claims = ("giant-step/one-direction",)
    assert run("verify", *claims, "--smoke", "--store", store, "--report", str(out)).returncode == 0
    (line,) = (out / "verdicts.jsonl").read_text().splitlines()
    reached = Verdict.from_json(json.loads(line))
    assert [record.ladder != () for record in reached.components] == [True] * len(reached.components)
    assert {fate.name for fate in reached.fates} == {name for name, _ in reached.foils}
    html = (out / "index.html").read_text()
    assert len(html.encode()) < 5e6 / 32
    (shown,) = Page(html).articles
    assert "singular value" in shown
    assert "two directions" in shown
    again = tmp_path / "again"
    done = run("report", store, "--out", str(again), "--json")
    assert (done.returncode, json.loads(done.stdout)["claims"]) == (0, 1)
    assert (again / "index.html").read_text() == html


def test_a_store_of_an_earlier_version_is_reported(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    """Its records have neither fates nor ladders; the newest verdict on a claim counts."""
    old = verdict("exactness/descent", component("slope", AGREE, 0.9, 1.1)).to_json()
    del old["fates"], old["components"][0]["ladder"]
    with Store(tmp_path / "results.sqlite") as store:
        store.remember("exactness/descent", old | {"seed": 4711})
        store.remember("exactness/descent", old | {"seed": 4712})
    assert run("report", str(tmp_path / "results.sqlite"), "--out", str(tmp_path)).returncode == 0
    (shown,) = Page((tmp_path / "index.html").read_text()).articles
    assert "4712" in shown
    assert "4711" not in shown


def test_without_a_name_the_users_own_store_is_reported(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    assert "there is no store" in run("report", "--out", str(tmp_path)).stderr
    default_path().parent.mkdir(parents=True, exist_ok=True)
    with Store(default_path()) as store:
        store.remember("a/b", verdict("a/b", component("x", AGREE, 0.9, 1.1)).to_json())
    assert run("report", "--out", str(tmp_path)).returncode == 0


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    Store(tmp_path / "empty.sqlite").close()
    (tmp_path / "letter.sqlite").write_text("Dear reader, this is no database. " * 50)
    with Store(tmp_path / "full.sqlite") as store:
        store.remember("a/b", verdict("a/b", component("x", AGREE, 0.9, 1.1)).to_json())
    with Store(tmp_path / "newer.sqlite") as store:
        store.remember("a/b", {"schema": 2})
    return tmp_path


@pytest.mark.parametrize(
    ("name", "out", "said"),
    [
        ("missing.sqlite", "out", "there is no store"),
        (".", "out", "there is no store"),
        ("empty.sqlite", "out", "holds no verdict"),
        ("letter.sqlite", "out", "letter.sqlite"),
        ("newer.sqlite", "out", "schema 1"),
        ("full.sqlite", "letter.sqlite", "cannot be written"),
        ("full.sqlite", "/proc/none", "cannot be written"),
    ],
)
def test_what_cannot_be_reported_is_said_in_one_line(
    run: Callable[..., SimpleNamespace], stores: Path, name: str, out: str, said: str
) -> None:
    done = run("report", str(stores / name), "--out", str(stores / out))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert said in done.stderr
    assert not (stores / "out").exists()
