"""Work that nobody waits for, done while a run waits for its answers."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_T = TypeVar("_T")


class Chores:
    """What there is to do, in the order in which it came; any thread may add to it."""

    def __init__(self) -> None:
        self._left: deque[Callable[[], None]] = deque()

    def add(self, chore: Callable[[], None]) -> None:
        """Have *chore* done at some time, on a thread that waits or at the end."""
        self._left.append(chore)

    def until(self, future: Future[_T]) -> _T:
        """Return what *future* brings, doing chores as long as it is not there."""
        while not future.done() and self._do_next():
            pass
        return future.result()

    def finish(self) -> None:
        """Do what is left."""
        while self._do_next():
            pass

    def _do_next(self) -> bool:
        try:
            chore = self._left.popleft()
        except IndexError:
            return False
        chore()
        return True
