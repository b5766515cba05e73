"""Threads that wait for the network, and never keep a program from ending."""

from collections.abc import Callable
from concurrent.futures import Future
from heapq import heappop, heappush
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

_T = TypeVar("_T")

_LAST_WORDS_S = 0.5


class Workers:
    """Run functions on at most *limit* threads, started as needed: those with little work first.

    The standard pool's threads are joined when the interpreter ends, so that Ctrl-C would wait for a silent
    server's timeout. These are daemons.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._calls: SimpleQueue[bool] = SimpleQueue()
        """True where there is something to do, False to end a thread."""
        self._waiting: list[tuple[int, int, Future[Any], Callable[[], Any]]] = []
        """A heap by work and order of arrival."""
        self._arrived = 0
        self._threads: list[Thread] = []
        self._unclaimed = 0
        """Idle threads minus queued functions."""
        self._is_closed = False

    def submit(self, work: Callable[[], _T]) -> Future[_T]:
        """Run *work* soon; its future is cancelled if `close` comes first."""
        future: Future[_T] = Future()
        self.run(work, future)
        return future

    def run(self, work: Callable[[], _T], future: Future[_T], *, effort: int = 0) -> None:
        """Do as `submit` does, for a *future* that somebody waits for already; what takes less *effort* goes first."""
        with self._lock:
            if not self._is_closed:
                self._arrived += 1
                heappush(self._waiting, (effort, self._arrived, future, work))
                self._calls.put(True)
                self._unclaimed -= 1
                if self._unclaimed < 0 and len(self._threads) < self._limit:
                    thread = Thread(target=self._run, name=f"wheelpin-fetch-{len(self._threads)}", daemon=True)
                    self._threads.append(thread)
                    self._unclaimed += 1
                    thread.start()
                return
        future.cancel()
        future.set_running_or_notify_cancel()

    def close(self) -> None:
        """Cancel what has not begun, let idle threads end, and leave busy ones to themselves."""
        with self._lock:
            self._is_closed = True
            waiting, self._waiting = self._waiting, []
            for _ in self._threads:
                self._calls.put(False)
        for *_, future, _ in waiting:
            future.cancel()
            future.set_running_or_notify_cancel()
        for thread in self._threads:
            if thread.is_alive():  # one whose start was interrupted cannot be waited for
                thread.join(_LAST_WORDS_S / len(self._threads))

    def _run(self) -> None:
        while self._calls.get() and (found := self._next()) is not None:
            future, work = found
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:
                    future.set_exception(error)
            # Nothing of the answer may live on while the thread waits for more work.
            del found, future, work
            with self._lock:
                self._unclaimed += 1

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        with self._lock:
            return heappop(self._waiting)[2:] if self._waiting else None
