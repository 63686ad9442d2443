"""The example in docs/campaigns.md runs as printed, and a second time from its store."""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "campaigns.md"


def test_the_example_runs_as_printed(tmp_path):
    study, main = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)[1:]
    (tmp_path / "study.py").write_text(study)
    (tmp_path / "main.py").write_text(main)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    outputs = [
        subprocess.run(
            [sys.executable, "main.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert outputs[0] == outputs[1]
    assert [line.split()[0] for line in outputs[0].splitlines()] == ["64", "128"]
    assert (tmp_path / "study.sqlite").exists()
