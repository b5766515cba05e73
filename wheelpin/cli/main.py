"""The group of commands, and the one place where errors become words and exit codes."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import cast

import click

from wheelpin.errors import InputError, WheelpinError
from wheelpin.version import __version__

_COMMANDS = {
    "lock": "wheelpin.cli.lock",
    "explain": "wheelpin.cli.explain",
    "target": "wheelpin.cli.target",
    "cache": "wheelpin.cli.cache",
}
INTERRUPTED = 130


class LazyGroup(click.Group):
    """Imports a command's module when the command is used, so that the others cost nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which people meet them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, or None for an unknown name."""
        module = _COMMANDS.get(cmd_name)
        return cast(click.Command, import_module(module).command) if module is not None else None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="wheelpin", message="%(prog)s %(version)s")
def group() -> None:
    r"""Lock, fetch, prove and ship Python wheels for a machine that is not this one.

    \b
    Exit codes: 0 done, 1 a check found a difference, 2 input, 3 nothing fits or conflict,
    4 integrity, 5 index unreachable, 6 build failed.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        result = group(arguments, prog_name="wheelpin", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        return _say_interrupted()
    except click.ClickException as error:
        error.show()
        return InputError.exit_code
    except WheelpinError as error:
        from wheelpin.cli.render import error_text  # noqa: PLC0415 - the way without errors does not pay for it

        click.echo(error_text(error), err=True)
        return error.exit_code
    except KeyboardInterrupt:
        return _say_interrupted()
    except BrokenPipeError:
        # The reader of stdout went away, as head does; what is left to flush must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0


def _say_interrupted() -> int:
    click.echo("interrupted: nothing was written", err=True)
    return INTERRUPTED
