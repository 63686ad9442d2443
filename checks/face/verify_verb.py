"""giantstep verify: decide claims."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from theory.problem import ProblemError

from ..verdict import Budget, Status, Verdict, beta_beside
from ..verification import select, verify_all
from .campaigns import campaign_options, open_campaign, told
from .cli import EXIT_DISAGREE, EXIT_INCONCLUSIVE, EXIT_INTERRUPTED
from .lines import print_line
from .options import among, json_option
from .report import HEADS, check_writable, row, write_report
from .terminal import console, heading, quiet, table

SMOKE = Budget(alpha_suite=1e-2, beta_suite=1e-1)


@click.command("verify")
@click.argument("claims", nargs=-1, shell_complete=among(lambda: [claim.id for claim in select()]))
@click.option("--smoke", is_flag=True, help="Loose error rates, a short run.")
@click.option("--deep", is_flag=True, help="Larger d, longer runs.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of every random stream.")
@click.option("--alpha", type=float, help="Probability of any wrong verdict in the run.  [default: 1e-4]")
@click.option(
    "--beta",
    type=float,
    help="Probability of any missing verdict in the run.  [default: 1e-2, or 10 alpha where that is more, up to 0.9]",
)
@click.option("--report", type=click.Path(path_type=Path), help="Folder for index.html, verdicts.jsonl, verdicts.md.")
@campaign_options
@json_option
def command(
    claims: tuple[str, ...], smoke: bool, deep: bool, seed: int, alpha: float | None, beta: float | None,
    report: Path | None, as_json: bool, **where: Any,
) -> int:  # fmt: skip
    """Decide CLAIMS (ids or patterns such as "giant-step/*"; all by default).

    \b
    Example: giantstep verify "exactness/*" giant-step/staircase --report out

    Results are kept as they arrive: after an interruption the same command goes on where it stopped.
    Exit code: 0 all AGREE, 1 any DISAGREE or POWERLESS, 3 any INCONCLUSIVE, 130 interrupted.
    """
    if smoke and deep:
        raise ProblemError("--smoke and --deep exclude each other: a short run, or a long one")
    depth, budget = "smoke" if smoke else "deep" if deep else "quick", _budget(smoke, alpha, beta)
    chosen = select(claims)
    if report is not None:
        check_writable(report)
    if where["workers"] is None and where["dask"] is None and len(chosen) > 1:
        where["workers"] = one_a_core(len(chosen))
    verdicts: list[Verdict] = []
    answered: str | None = None
    try:
        with open_campaign(**where) as campaign:
            for verdict in verify_all(chosen, budget, seed=seed, depth=depth, campaign=campaign):
                verdicts.append(verdict)
                if campaign.store is not None:
                    campaign.store.remember(verdict.claim, verdict.to_json())
                if as_json:
                    print_line(verdict.to_json())
                elif len(chosen) > 1 and not quiet():  # the table comes last, and that may be hours away
                    print(f"{verdict.claim}: {verdict.status}", file=sys.stderr)  # which a bar moves aside for
            answered = told(campaign)
    except KeyboardInterrupt:
        if not verdicts:
            raise
        return EXIT_INTERRUPTED
    finally:  # whatever happened, what was decided is shown and kept; nothing takes the place of an earlier report
        if verdicts:
            _show(verdicts, len(chosen), budget, as_json, answered)
        if verdicts and report is not None:
            write_report(report, verdicts)
    return exit_code(verdicts)


def _budget(smoke: bool, alpha: float | None, beta: float | None) -> Budget:
    """As asked for; what is not said is the default, of beta one that goes with alpha."""
    default = SMOKE if smoke else Budget()
    alpha = default.alpha_suite if alpha is None else alpha
    return Budget(alpha, beta_beside(alpha, default.beta_suite) if beta is None else beta)


def one_a_core(most: int) -> int | None:
    """Processes that keep this machine busy, at most `most`; None where one does. A claim's stages are too small for
    all cores, but other claims need not wait for them."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, most) if cores > 1 else None


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """0 all AGREE; 1 any DISAGREE or POWERLESS; else 3."""
    statuses = {verdict.status for verdict in verdicts}
    if statuses & {Status.DISAGREE, Status.POWERLESS}:
        return EXIT_DISAGREE
    return EXIT_INCONCLUSIVE if Status.INCONCLUSIVE in statuses else 0


def _show(verdicts: Sequence[Verdict], chosen: int, budget: Budget, as_json: bool, answered: str | None) -> None:
    out = console(stderr=as_json)  # with --json, stdout holds JSON lines only
    if not as_json:
        out.print(table(HEADS, [row(verdict) for verdict in verdicts]))
        for verdict in verdicts:
            if verdict.status is not Status.AGREE:
                _explain(out, verdict)
    if any(verdict.flags for verdict in verdicts):
        out.print("* a finite-size bias is visible, within its allowance")
    if len(verdicts) < chosen:
        out.print(f"stopped early: {len(verdicts)} of {chosen} claims decided")
    if answered:
        out.print(answered, soft_wrap=True)
    out.print(f"any wrong verdict: probability at most {budget.alpha_suite:g}; any missing one: {budget.beta_suite:g}")


def _explain(out: Any, verdict: Verdict) -> None:
    out.print(heading(f"{verdict.claim}: {verdict.status}"))
    for c in verdict.components:
        if c.status is not Status.AGREE:
            out.print(
                heading(
                    f"  {c.name}: [{c.interval.lo:.4g}, {c.interval.hi:.4g}] against {c.prediction:.4g}, {c.status}"
                )
            )
    for name, status in verdict.foils:
        if status is not Status.DISAGREE:
            out.print(heading(f"  the wrong theory or simulator {name!r} came to {status}"))
    out.print(heading(f"  {verdict.replay}"), soft_wrap=True)
