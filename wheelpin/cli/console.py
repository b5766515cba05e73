"""What a run says while it works: warnings, details, one line of progress on a terminal."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.status import Status


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
        self._said: set[str] = set()
        self._status: Status | None = None

    @property
    def wants_details(self) -> bool:
        """Tell whether `detail` prints."""
        return self.volume >= Volume.VERBOSE

    def warning(self, text: str) -> None:
        """Print a warning, once."""
        with self._lock:
            if self.volume >= Volume.NORMAL and text not in self._said:
                self._said.add(text)
                click.echo(f"{click.style('warning:', fg='yellow')} {text}", err=True)

    def detail(self, text: str) -> None:
        """Print what only ``--verbose`` wants."""
        if self.wants_details:
            with self._lock:
                click.echo(text, err=True)

    def note(self, text: str) -> None:
        """Print what was done."""
        if self.volume >= Volume.NORMAL:
            with self._lock:
                click.echo(text, err=True)

    def progress(self, text: str) -> None:
        """Show *text* on the line of progress, if there is one."""
        if self._status is not None:
            self._status.update(text)

    @contextmanager
    def working(self, text: str) -> Iterator[None]:
        """Show a line of progress on a terminal while the body runs; nothing elsewhere."""
        if self.volume is Volume.QUIET or not sys.stderr.isatty():
            yield
            return
        from rich.console import Console as RichConsole  # noqa: PLC0415 - 70 ms that only a terminal pays
        from rich.status import Status  # noqa: PLC0415

        self._status = Status(text, console=RichConsole(stderr=True))
        try:
            with self._status:
                yield
        finally:
            self._status = None
