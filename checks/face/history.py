"""What each claim came to last, from a store that is there: the user's own, or one that is named."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from theory.problem import ProblemError

from ..campaign import Store, default_path
from ..campaign.schema import StoreError

PROBES = "probe/"  # how names begin under which a store remembers what probes, not claims, came to


def opened(path: Path, remedy: str) -> Store:
    """The store at `path`, to be read. Raises ProblemError, with what makes one, where there is none or an empty file,
    which opening would turn into one; StoreError as Store does."""
    if not path.is_file():
        raise ProblemError(f"there is no store {path}; {remedy}")
    if not path.stat().st_size:
        raise ProblemError(f"{path} is an empty file, no store; {remedy}")
    return Store(path)


def newest(store: Store) -> dict[str, dict[str, Any]]:
    """The latest verdict on every claim in a store, by its id."""
    return {claim: record for claim, record in store.last_verdicts().items() if not claim.startswith(PROBES)}


def last_verdicts() -> dict[str, str]:
    """{claim id: status of its latest verdict}; a store that cannot be read is said and passed over."""
    if not default_path().exists():
        return {}
    try:
        with Store(default_path()) as store:
            return {claim: str(record["status"]) for claim, record in newest(store).items()}
    except StoreError as error:
        print(f"giantstep: last verdicts are unknown: {error}", file=sys.stderr)
        return {}
