"""giantstep completion: what a shell needs to complete the command."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .cli import COMPLETE, giantstep
from .lines import print_line
from .options import json_option

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@json_option
def command(shell: str, as_json: bool) -> None:
    """Print the lines that make SHELL complete verbs, options, claims and conjectures.

    \b
    Example: giantstep completion bash >> ~/.bashrc
             giantstep completion zsh >> ~/.zshrc
             giantstep completion fish > ~/.config/fish/completions/giantstep.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(giantstep, {}, "giantstep", COMPLETE).source()
    if as_json:
        print_line({"schema": 1, "shell": shell, "script": script})
    else:
        click.echo(script)
