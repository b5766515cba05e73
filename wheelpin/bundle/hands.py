"""Processes that lay files beside this one, where they are quick and safe to have: unpacking takes more than a core.

They are forks, made before this process has threads, so that they know all that is loaded and start in no time.
"""

import marshal
import os
import signal
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Condition, Lock
from typing import BinaryIO

from wheelpin.bundle.batches import Batch, Report, lay_batch, lay_batch_here
from wheelpin.folders.forks import count_cores, leave_unless, may_fork
from wheelpin.folders.kept_files import KeptFiles

_MOST = 4
_BATCHES_AHEAD = 3
"""What a process knows to do, so that it need not wait for this one; reports on them all fit into a pipe."""
_THREADS = 2
"""Unpacking and hashing run beside the interpreter's lock; more threads were slower."""
_LENGTH = struct.Struct("<Q")


class HandLostError(Exception):
    """A process ended before its work was done; what it has laid is not known."""


class Hand:
    """A process that lays one batch after the other."""

    def __init__(self, pid: int, orders: BinaryIO, reports: BinaryIO) -> None:
        self.pid = pid
        self._orders, self._reports = orders, reports
        self._sending, self._turns = Lock(), Condition()
        self._sent = self._received = 0

    def lay(self, batch: Batch) -> tuple[Report, ...]:
        """Have *batch* laid and wait for that, on any thread; raise `HandLostError`."""
        try:
            with self._sending:
                # Both ends are one program, so that the quickest form will do.
                send(self._orders, marshal.dumps(batch))
                turn, self._sent = self._sent, self._sent + 1
            with self._turns:
                self._turns.wait_for(lambda: self._received == turn)
                try:
                    answer = receive(self._reports)
                finally:
                    self._received += 1
                    self._turns.notify_all()
        except OSError:
            answer = None
        if answer is None:
            raise HandLostError
        reports: tuple[Report, ...] = marshal.loads(answer)
        return reports

    def let_go(self) -> None:
        """Close what leads to the process, which then ends."""
        for stream in (self._orders, self._reports):
            with suppress(OSError):
                stream.close()


class Hands:
    """Who lays batches: idle processes, or the calling thread where there are none."""

    def __init__(self, hands: tuple[Hand, ...] = ()) -> None:
        self._ready: SimpleQueue[Hand] = SimpleQueue()
        for hand in hands * _BATCHES_AHEAD:
            self._ready.put(hand)
        self.count = len(hands)
        """How many processes there are."""
        self.most_batches = len(hands) * _BATCHES_AHEAD or _THREADS
        """How many batches it is of use to lay at a time."""

    def lay(self, batch: Batch, *, goes_on: Callable[[], bool]) -> tuple[Report, ...]:
        """Lay *batch*, on any thread; raise `HandLostError`."""
        if self.count == 0:
            return lay_batch(batch, KeptFiles(batch[2]), goes_on=goes_on)
        hand = self._ready.get()
        try:
            return hand.lay(batch)
        finally:
            self._ready.put(hand)


@contextmanager
def open_hands() -> Iterator[Hands]:
    """Start as many processes as this one may use cores; leaving the context ends them, whatever they do."""
    hands: list[Hand] = []
    try:
        if may_fork() and count_cores() > 1:
            for _ in range(min(count_cores(), _MOST)):
                hands.append(_start(hands))
        yield Hands(tuple(hands))
    finally:
        for hand in hands:
            hand.let_go()
            with suppress(ProcessLookupError):
                os.kill(hand.pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(hand.pid, 0)


def _start(others: list[Hand]) -> Hand:
    orders, to_hand = os.pipe()
    from_hand, reports = os.pipe()
    parent = os.getpid()
    try:
        pid = os.fork()
        if pid == 0:  # pragma: no cover - another process, where nothing is measured
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            for hand in others:
                hand.let_go()
            os.close(to_hand)
            os.close(from_hand)
            serve(os.fdopen(orders, "rb"), os.fdopen(reports, "wb"), goes_on=lambda: os.getppid() == parent)
    finally:
        leave_unless(parent)
    os.close(orders)
    os.close(reports)
    return Hand(pid, os.fdopen(to_hand, "wb"), os.fdopen(from_hand, "rb"))


def serve(orders: BinaryIO, reports: BinaryIO, *, goes_on: Callable[[], bool]) -> None:
    """Lay batch after batch, each in its folder, until there are no more or it does not go on.

    A folder that is removed or renamed meanwhile stays the one that is written to: what takes its name is safe.
    """
    folder, kept = None, KeptFiles(None)
    while (order := receive(orders)) is not None:
        batch: Batch = marshal.loads(order)
        if batch[0] != folder:
            folder = batch[0]
            os.chdir(folder)
            # Made once: what nothing was kept in at first has nothing to look for in it later.
            kept = KeptFiles(batch[2])
        send(reports, marshal.dumps(lay_batch_here(batch, kept, goes_on=goes_on)))


def send(stream: BinaryIO, data: bytes) -> None:
    """Write *data* for `receive`."""
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO) -> bytes | None:
    """Read what `send` wrote, None at the end of the stream."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(head)
    data = stream.read(size)
    return data if len(data) == size else None
