"""What each claim came to last, from the user's store."""

from __future__ import annotations

import sys

from ..campaign import Store, default_path
from ..campaign.schema import StoreError


def last_verdicts() -> dict[str, str]:
    """{claim id: status of its latest verdict}; a store that cannot be read is said and passed over."""
    if not default_path().exists():
        return {}
    try:
        with Store(default_path()) as store:
            return {claim: str(record["status"]) for claim, record in store.last_verdicts().items()}
    except StoreError as error:
        print(f"giantstep: last verdicts are unknown: {error}", file=sys.stderr)
        return {}
