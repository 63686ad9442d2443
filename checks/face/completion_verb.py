"""giantstep completion: what a shell needs to complete the command."""

from __future__ import annotations

import json

import click
from click.shell_completion import get_completion_class

from .cli import COMPLETE, giantstep
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
    click.echo(json.dumps({"schema": 1, "shell": shell, "script": script}) if as_json else script)
