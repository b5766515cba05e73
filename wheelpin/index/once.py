"""Do a thing once for many who ask, and hand the answer on without blocking a thread."""

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Before = TypeVar("Before")


class Once(Generic[Key, Value]):
    """Start the work for a key when it is first asked for, on the asking thread, and keep the answer.

    *start* gets the key and returns the future of its value; it must not block on work of others.
    """

    def __init__(self, start: Callable[[Key], Future[Value]]) -> None:
        self._start = start
        self._futures: dict[Key, Future[Value]] = {}
        self._lock = threading.Lock()

    def future(self, key: Key) -> Future[Value]:
        """Return the future of the value for *key*, the same one for everybody."""
        known = self._futures.get(key)
        if known is not None:
            return known
        mine: Future[Value] = Future()
        with self._lock:
            known = self._futures.setdefault(key, mine)
        if known is mine:
            try:
                forward(self._start(key), mine)
            except Exception as error:
                mine.set_exception(error)
        return known


def forward(source: Future[Value], target: Future[Value]) -> None:
    """Let *target* end as *source* does."""
    settle(source, target, lambda value: value)


def settle(source: Future[Before], target: Future[Value], step: Callable[[Before], Value]) -> None:
    """Let *target* end with what *step* makes of the value of *source*, on the thread that brings it."""

    def on_done(done: Future[Before]) -> None:
        try:
            value = step(done.result())
        except Exception as error:
            target.set_exception(error)
        else:
            target.set_result(value)

    source.add_done_callback(on_done)


def finished(value: Value) -> Future[Value]:
    """Return a future that has its value."""
    future: Future[Value] = Future()
    future.set_result(value)
    return future


def when_all(sources: Sequence[Future[Any]]) -> Future[None]:
    """Return a future that is done once all *sources* are, however they ended."""
    all_done: Future[None] = Future()
    lock = threading.Lock()
    left = len(sources)

    def on_done(_: Future[Any]) -> None:
        nonlocal left
        with lock:
            left -= 1
            is_last = left == 0
        if is_last:
            all_done.set_result(None)

    for source in sources:
        source.add_done_callback(on_done)
    if not sources:
        all_done.set_result(None)
    return all_done


_waiting = threading.local()


def deliver(source: Future[Value], then: Callable[[Value], None]) -> None:
    """Call *then* with the value of *source* once it is there, on the thread that brings it; errors are left in it.

    What *then* delivers at once in its turn waits until it has returned: a warm cache answers at once all the way
    down a graph of dependencies, and calls inside calls would exhaust the stack.
    """

    def on_done(done: Future[Value]) -> None:
        if done.exception() is None:
            _run(lambda: then(done.result()))

    source.add_done_callback(on_done)


def _run(call: Callable[[], None]) -> None:
    queue: deque[Callable[[], None]] | None = getattr(_waiting, "queue", None)
    if queue is not None:
        queue.append(call)
        return
    _waiting.queue = queue = deque([call])
    try:
        while queue:
            queue.popleft()()
    finally:
        _waiting.queue = None
