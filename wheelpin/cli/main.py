"""The group of commands, and the one place where errors become words and exit codes."""

import errno
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

import click

from wheelpin.cli.console import drop_output, label, say
from wheelpin.errors import InputError, WheelpinError
from wheelpin.version import __version__

_COMMANDS = {
    "init": "wheelpin.cli.init",
    "lock": "wheelpin.cli.lock",
    "diff": "wheelpin.cli.diff",
    "export": "wheelpin.cli.export",
    "download": "wheelpin.cli.download",
    "vendor": "wheelpin.cli.vendor",
    "bundle": "wheelpin.cli.bundle",
    "build": "wheelpin.cli.build",
    "publish": "wheelpin.cli.publish",
    "audit": "wheelpin.cli.audit",
    "explain": "wheelpin.cli.explain",
    "matrix": "wheelpin.cli.matrix",
    "target": "wheelpin.cli.target",
    "cache": "wheelpin.cli.cache",
}


class UndecodableWordError(InputError):
    """A word of the command line, such as a file's name, is no text in the system's encoding."""

    hint = "spell it in UTF-8: rename the file, or run under a UTF-8 locale"

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word

    def __str__(self) -> str:
        from wheelpin.values import text_without_secrets  # noqa: PLC0415 - `--version` does without

        return f"command line: {text_without_secrets(repr(self.word))} is not UTF-8"


class FolderGoneError(InputError):
    """The working folder was removed."""

    def __str__(self) -> str:
        return "the working folder is not there any more"


class LazyGroup(click.Group):
    """Imports a command's module when the command is used, so that the others cost nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which people meet them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, or None for an unknown name."""
        module = _COMMANDS.get(cmd_name)
        return cast(click.Command, import_module(module).command) if module is not None else None


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 a check found a difference, 2 the input is wrong, 3 nothing fits or demands conflict,"
    " 4 wrong bytes, 5 an index is unreachable, 6 a build failed.",
)
@click.version_option(__version__, prog_name="wheelpin", message="%(prog)s %(version)s")
def group() -> None:
    """Lock, fetch, prove and ship Python wheels for a machine that is not this one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; raise KeyboardInterrupt."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _check_text(words)
        _check_folder()
        result = group(words, prog_name="wheelpin", standalone_mode=False, obj=words)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None  # that is how click names it
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return InputError.exit_code
    except click.ClickException as error:
        _say_misused(error)
        return InputError.exit_code
    except WheelpinError as error:
        from wheelpin.cli.render import error_text  # noqa: PLC0415 - the way without errors does not pay for it

        say(error_text(error))
        return error.exit_code
    except OSError as error:
        # Files have names; what is full is where standard output goes.
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        drop_output()
        say(f"{label('error', 'red')} cannot write standard output: {error.strerror}")
        return InputError.exit_code
    return result if isinstance(result, int) else 0


def _check_text(words: Sequence[str]) -> None:
    # A lock repeats the command that made it, and it has to be text.
    for word in words:
        try:
            word.encode("utf-8")
        except UnicodeEncodeError:
            raise UndecodableWordError(word) from None


def _check_folder() -> None:
    try:
        Path.cwd()
    except FileNotFoundError:
        raise FolderGoneError from None


def _say_misused(error: click.ClickException) -> None:
    say(f"{label('error', 'red')} {error.format_message()}")
    if isinstance(error, click.UsageError):
        command = "wheelpin" if error.ctx is None else error.ctx.command_path
        say(f"{label('hint', 'cyan')} {_meant(error) or f'see {command} --help'}")


def _meant(error: click.UsageError) -> str | None:
    """Return what somebody means who tries another tool's option with ``wheelpin lock``."""
    if not isinstance(error, click.NoSuchOption) or error.ctx is None or error.ctx.info_name != "lock":
        return None
    from wheelpin.cli.foreign_words import MEANT  # noqa: PLC0415 - for words that are wrong

    return MEANT.get(error.option_name)
