"""The command `giantstep` in a process of its own, as users have it."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

GIANTSTEP = Path(sys.executable).parent / "giantstep"
PATIENCE = 300  # seconds until a process that hangs is given up


def process(*arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    """The command when it has ended."""
    line = [GIANTSTEP, *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False, **options)


def begun(*arguments: str, **options: Any) -> "subprocess.Popen[str]":
    """The command under way. It hears Ctrl-C also in the background of a shell, where it would be ignored."""
    heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731
    pipe = subprocess.PIPE
    return subprocess.Popen([GIANTSTEP, *arguments], stdout=pipe, stderr=pipe, text=True, preexec_fn=heed, **options)
