"""Ctrl-C, taken where it does no harm. This module loads next to nothing, because every run begins with it.

Python raises KeyboardInterrupt between any two instructions of the main thread. Between those that take or give back
a lock it leaves the lock taken, and other threads wait for it for ever: none of them can import anything any more,
say. Within what the garbage collector calls it is lost. So it waits for a better moment there, or comes once more.
"""

import sys
from time import monotonic

TYPE_CHECKING = False  # as typing has it
if TYPE_CHECKING:
    import signal
    from types import FrameType
    from typing import Self
else:
    import _signal as signal  # the other one's names are enumerations, which take 4 ms

_SOON_S = 0.001
_SAME_PRESS_S = 1.0
"""Who passes a terminal's signal on, as many runners do, sends it a second time."""
_NEVER = -_SAME_PRESS_S
_DELICATE_MODULES = frozenset({"_frozen_importlib", "importlib._bootstrap", "threading", __name__})
_DELICATE_FUNCTIONS = frozenset({"__enter__", "__exit__"})


class Interrupts:
    """While the context lasts, decide when an interrupt is raised; afterwards there are none any more.

    For a process that ends with the context. Where the system has no timers, or whoever started the process wants no
    interrupts, nothing changes.
    """

    def __init__(self) -> None:
        self._raised_at = _NEVER
        self._seen: tuple[FrameType, int] | None = None
        """Where the main thread was when it could not be interrupted."""
        self._is_heeded = hasattr(signal, "setitimer") and signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def __enter__(self) -> "Self":
        if self._is_heeded:
            sys.unraisablehook = self.come_again
            for number in (signal.SIGALRM, signal.SIGINT):
                signal.signal(number, self.take)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._is_heeded:
            for number in (signal.SIGINT, signal.SIGALRM):
                signal.signal(number, signal.SIG_IGN)
        if self._raised_at != _NEVER and kind is not None and issubclass(kind, Exception):
            # Whatever went wrong after an interrupt did so because of it: __set_name__ makes a RuntimeError of it, say.
            raise KeyboardInterrupt from None

    def take(self, _: int, frame: "FrameType | None") -> None:
        """Raise KeyboardInterrupt, now or soon: the handler of the signal, and of the timer that brings it back."""
        if monotonic() - self._raised_at < _SAME_PRESS_S:
            return
        place = (frame, frame.f_lasti) if frame is not None and _is_delicate(frame) else None
        # Who is still at the same instruction is not about to have a lock but waits for it: that ends in order.
        if place is not None and place != self._seen:
            self._seen = place
            signal.setitimer(signal.ITIMER_REAL, _SOON_S)
            return
        self._seen = None
        self._raised_at = monotonic()
        if "threading" in sys.modules:
            import threading  # noqa: PLC0415 - it is there

            # What others meet in the end, such as a module that is not loaded after all, is nothing to tell.
            threading.excepthook = _say_nothing
        raise KeyboardInterrupt

    def come_again(self, lost: "sys.UnraisableHookArgs") -> None:
        """Raise an interrupt once more that was raised where nobody could pass it on: the hook for what is lost."""
        if lost.exc_type is not KeyboardInterrupt:
            sys.__unraisablehook__(lost)
            return
        self._raised_at = _NEVER
        signal.setitimer(signal.ITIMER_REAL, _SOON_S)


def _say_nothing(_: object) -> None:
    pass


def _is_delicate(frame: "FrameType") -> bool:
    return frame.f_globals.get("__name__") in _DELICATE_MODULES or frame.f_code.co_name in _DELICATE_FUNCTIONS
