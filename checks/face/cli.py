"""The command `giantstep`: its verbs, its exit codes, and one line for whatever goes wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click
from click.shell_completion import CompletionItem

from theory.problem import ProblemError

EXIT_DISAGREE, EXIT_BAD_INPUT, EXIT_INCONCLUSIVE, EXIT_INTERNAL, EXIT_INTERRUPTED = 1, 2, 3, 4, 130
EXIT_PIPE = 141
VERBS = ("predict", "simulate", "plot", "claims", "verify", "report", "probe", "replay", "store", "completion")
COMPLETE = "_GIANTSTEP_COMPLETE"  # set by a shell that asks how to go on: click answers in place of a verb


class Verbs(click.Group):
    """A group whose verbs are imported when called: predicting must not wait for what simulating needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of a first session."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's click command."""
        if cmd_name not in VERBS:
            return None
        return import_module(f".{cmd_name}_verb", __package__).command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs that begin so, without importing any of them."""
        verbs = [CompletionItem(verb) for verb in VERBS if verb.startswith(incomplete)]
        return verbs if not incomplete.startswith("-") else super().shell_complete(ctx, incomplete)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="giantstep")
def giantstep() -> None:
    """Check the theory of feature learning in two-layer networks against real gradient descent.

    \b
    giantstep predict "z1 + z1*z2"           what theory says
    giantstep simulate "z1 + z1*z2" -d 512   what gradient descent does
    giantstep verify                         whether they agree
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, 1 (DISAGREE, POWERLESS), 2 (bad input), 3 (INCONCLUSIVE),
    4 (internal error), 130 (interrupted) or 141 (nobody reads the output)."""
    try:
        code = giantstep.main(arguments, prog_name="giantstep", standalone_mode=False)
    except (ProblemError, OSError) as error:
        return _fail(str(error), EXIT_BAD_INPUT)
    except click.exceptions.NoArgsIsHelpError as help_asked:
        click.echo(help_asked.format_message())
        return 0
    except click.ClickException as error:
        return _fail(error.format_message(), EXIT_BAD_INPUT)
    except (KeyboardInterrupt, click.Abort):
        return _fail("interrupted", EXIT_INTERRUPTED)
    except SystemExit as left:
        if COMPLETE in os.environ:  # answered
            return int(left.code or 0)
        # else how click and rich leave when nobody reads their output any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return EXIT_PIPE
    except MemoryError as error:
        return _fail(f"not enough memory: {error or 'this problem is too large for this machine'}", EXIT_BAD_INPUT)
    except Exception as error:
        if os.environ.get("GIANTSTEP_TRACEBACK"):
            raise
        return _fail(
            f"internal error: {type(error).__name__}: {error} (this is a bug: run again with GIANTSTEP_TRACEBACK=1 "
            "and report the traceback together with the command)",
            EXIT_INTERNAL,
        )
    return code if isinstance(code, int) else 0


def _fail(message: str, code: int) -> int:
    print(f"giantstep: {' '.join(message.split())}", file=sys.stderr)
    return code
