"""What a run says while it works: warnings, details, one line of progress on a terminal."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from wheelpin.cli.status_lines import StatusLines


def print_data(text: str) -> None:
    r"""Print *text* on standard output as UTF-8 with ``\n``, whatever the host's habits."""
    shown = text if _wants_colour(sys.stdout) else click.unstyle(text)
    # The reader may go away, as head does: what is left to say is then for nobody.
    try:
        click.echo(shown.encode("utf-8"), nl=False)
    except BrokenPipeError:
        drop_output()


def drop_output() -> None:
    """Send the rest of standard output nowhere, so that writing it at exit does not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Print a line for people on standard error."""
    click.echo(text, err=True, color=_wants_colour(sys.stderr))


def label(text: str, colour: str) -> str:
    """Spell ``error:`` and its like so that they stand out."""
    return click.style(f"{text}:", fg=colour, bold=True)


def counted(number: int, thing: str) -> str:
    """Spell ``1 wheel`` and ``2 wheels``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether somebody watches *stream*; a closed one is None."""
    return stream is not None and stream.isatty()


def _wants_colour(stream: TextIO | None) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or is_terminal(stream)


class Volume(IntEnum):
    """How much a run says on standard error."""

    QUIET = 0
    """Errors only."""
    NORMAL = 1
    VERBOSE = 2
    """Every skipped file and every fallback too."""


class Console:
    """The command line's `Reporter`; data goes to standard output, everything for people to standard error."""

    def __init__(self, volume: Volume) -> None:
        self.volume = volume
        self._lock = threading.Lock()
        self._said: dict[str, None] = {}
        self._status: StatusLines | None = None

    @property
    def wants_details(self) -> bool:
        """Tell whether `detail` prints."""
        return self.volume >= Volume.VERBOSE

    def warning(self, text: str) -> None:
        """Print a warning, once."""
        with self._lock:
            if self.volume >= Volume.NORMAL and text not in self._said:
                self._said[text] = None
                say(f"{label('warning', 'yellow')} {text}")

    @property
    def said(self) -> tuple[str, ...]:
        """The warnings that were printed, in order."""
        return tuple(self._said)

    def detail(self, text: str) -> None:
        """Print what only ``--verbose`` wants."""
        if self.wants_details:
            with self._lock:
                say(text)

    def note(self, text: str) -> None:
        """Print what was done."""
        if self.volume >= Volume.NORMAL:
            with self._lock:
                say(text)

    def progress(self, text: str) -> None:
        """Show *text* on the line of progress, if there is one."""
        if self._status is not None:
            self._status.say(text)

    def watch(self, line: str) -> None:
        """Show a line of a build's log: all of them where details are wanted, the last below the line of progress."""
        if self.wants_details:
            self.detail(line)
        elif self._status is not None:
            self._status.watch(line)

    @contextmanager
    def working(self, text: str) -> Iterator[None]:
        """Show a line of progress on a terminal while the body runs; nothing elsewhere."""
        if self.volume is Volume.QUIET or not is_terminal(sys.stderr):
            yield
            return
        from wheelpin.cli.status_lines import StatusLines  # noqa: PLC0415 - rich takes 70 ms that only a terminal pays

        with StatusLines(text) as status:
            self._status = status
            try:
                yield
            finally:
                self._status = None
