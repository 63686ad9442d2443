"""The example of a conjecture of one's own, extracted from its page, runs as the page says."""

import importlib
import re
import sys
from pathlib import Path

from checks.probe import probe, replay

PAGE = Path(__file__).parents[2] / "docs" / "conjectures.md"


def test_the_example_of_your_own_is_refuted_as_the_page_says(tmp_path, monkeypatch):
    section = PAGE.read_text(encoding="utf-8").split("## Add your own")[1].split("\n## ")[0]
    (source,) = re.findall(r"```python\n(.*?)```", section, re.S)
    assert len([line for line in source.splitlines() if line.strip()]) <= 30
    (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    try:
        found = probe("mine:Alone", tasks=50)
        assert found.status == "REFUTED"
        (term,) = found.counterexample.setting.target.terms
        assert term == (2,)
        assert replay(found.counterexample, seed=1).status == "REFUTED"
    finally:
        sys.modules.pop("mine", None)
