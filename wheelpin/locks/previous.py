"""The lock that stands where a new one will go, for the pins in it."""

from wheelpin.locks.kinds import is_own_pylock, is_pylock
from wheelpin.locks.model import Lock
from wheelpin.locks.parse import parse_lock, without_conflict
from wheelpin.target import Target
from wheelpin.values import Origin


def parse_previous(text: str, origin: Origin, target: Target) -> Lock | None:
    """Read what a lock says for *target*, None where it was made for others only; raise as `parse_lock` does.

    Of one that a merge left with both sides, the pins of both count: what no longer answers is not kept anyway.
    """
    if "\n>>>>>>>" not in text:
        return _parse(text, origin, target)
    from wheelpin.locks.merged import joined, sides_of  # noqa: PLC0415 - most locks are whole

    if (sides := sides_of(text)) is None:
        return _parse(text, origin, target)
    ours, theirs = (_parse(side, origin, target) for side in sides)
    return joined(ours, theirs)


def _parse(text: str, origin: Origin, target: Target) -> Lock | None:
    if not is_pylock(text):
        return parse_lock(text, origin)
    text = without_conflict(text, origin)
    from wheelpin.locks.pylock_form import LockNotForTargetError, NotAWheelError, parse_pylock_for  # noqa: PLC0415
    from wheelpin.locks.pylock_own import own_lock_for  # noqa: PLC0415 - most locks are none

    if is_own_pylock(text):
        return own_lock_for(text, origin, target)
    try:
        return parse_pylock_for(text, origin, target)
    except (LockNotForTargetError, NotAWheelError):
        return None
