"""What a terminal shows while something is done: a line of progress, and below it the end of a build's log."""

from collections import deque
from threading import Lock
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.status import Status
from rich.text import Text

_LINES = 6


class StatusLines:
    """A context; nothing stays of it on the terminal."""

    def __init__(self, text: str, terminal: Console | None = None) -> None:
        self._text = text
        self._tail: deque[str] = deque(maxlen=_LINES)
        self._lock = Lock()
        self._status = Status(self.shown(), console=terminal or Console(stderr=True))

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._status.stop()

    def say(self, text: str) -> None:
        """Tell what is done now; the log of what was done before goes."""
        with self._lock:
            self._text = text
            self._tail.clear()
            self._status.update(self.shown())

    def watch(self, line: str) -> None:
        """Show a line of a log below those that came before."""
        with self._lock:
            self._tail.append(line)
            self._status.update(self.shown())

    def shown(self) -> RenderableType:
        """Return what the terminal shows now."""
        tail = (Text(line, style="dim", no_wrap=True, overflow="ellipsis") for line in self._tail)
        return Group(Text(self._text), *tail)
