"""When to try again, and after how long."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event
from typing import Protocol, TypeVar

from wheelpin.transport.failures import Transient

_T = TypeVar("_T")

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 60.0


class Clock(Protocol):
    """Time as retries see it."""

    def now(self) -> datetime:
        """Tell the time, in UTC."""
        ...

    def pause(self, seconds: float, closing: Event) -> None:
        """Let *seconds* go by, less if *closing* is set meanwhile."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Tell the time, in UTC."""
        return datetime.now(UTC)

    def pause(self, seconds: float, closing: Event) -> None:
        """Sleep, but wake when *closing* is set."""
        closing.wait(seconds)


def with_retries(
    attempt: Callable[[], _T], *, retries: int, clock: Clock, closing: Event, setback: Transient | None = None
) -> _T:
    """Call *attempt* until it raises no `Transient`; after *retries* repetitions raise what that one holds.

    A *setback* is what a first try ended with that was made elsewhere.
    """
    tries = 0 if setback is None else 1
    while True:
        if setback is not None:
            if tries > retries or closing.is_set():
                raise setback.error.after(tries) from setback.__cause__
            clock.pause(_pause_s(tries, setback.retry_after_s), closing)
        tries += 1
        try:
            return attempt()
        except Transient as error:
            setback = error


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Read a Retry-After header: seconds or a date (RFC 9110); None if there is no sense in it."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return float(header)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - 3 ms for what hardly ever comes

    try:
        time = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (time.replace(tzinfo=time.tzinfo or UTC) - now).total_seconds())


def _pause_s(tries: int, asked_s: float | None) -> float:
    import random  # noqa: PLC0415 - most requests need no second try

    # The jitter keeps many requests that failed together from coming back together.
    doubled_s = _FIRST_PAUSE_S * 2.0 ** (tries - 1) * random.uniform(0.75, 1.25)
    return min(max(doubled_s, asked_s or 0.0), _LONGEST_PAUSE_S)
