"""giantstep claims: the registry."""

from __future__ import annotations

import click

from ..catalogue import claims
from .history import last_verdicts
from .lines import print_line
from .options import json_option
from .terminal import console, table


@click.command("claims")
@json_option
def command(as_json: bool) -> None:
    """The claims that `giantstep verify` decides, and what each came to last.

    \b
    Example: giantstep claims --json
    """
    last = last_verdicts()
    if as_json:
        for claim in claims():
            record = {name: getattr(claim, name) for name in ("id", "group", "title", "statement", "source", "blind")}
            domain = (claim.domain.__doc__ or "").strip()
            print_line({"schema": 1, **record, "domain": domain, "last_verdict": last.get(claim.id)})
        return
    rows = [(claim.id, claim.title, claim.source, last.get(claim.id) or "-") for claim in claims()]
    console().print(table(("claim", "statement", "source", "last verdict"), rows))
