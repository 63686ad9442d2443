"""Where compiled kernels are kept.

numba renews a cached kernel when the file it stands in changes, not when a kernel it calls from another file does.
So kernels of different versions of this package are kept in different folders, named by what the files say.
"""

import hashlib
import os
import sys
from pathlib import Path


def keep_kernels_apart() -> None:
    """Point numba to a folder of this version's own, unless the user has chosen one or it cannot be written."""
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    from platformdirs import user_cache_path

    folder = user_cache_path("giantstep", appauthor=False) / "kernels" / _digest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:
        sys.modules["numba"].config.reload_config()  # it has read the variable already


def _digest() -> str:
    found = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]
