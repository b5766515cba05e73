"""What was decided for a target, pinned file by file, and its text in the forms that installers read."""

from wheelpin.lock.errors import LockSyntaxError, PinWithoutAddressError
from wheelpin.lock.formats import LockFormat, to_text
from wheelpin.lock.model import Lock, LockedFile, LockedTarget, Pin, UnnamedFile
from wheelpin.lock.parse import parse_lock

__all__ = [
    "Lock",
    "LockFormat",
    "LockSyntaxError",
    "LockedFile",
    "LockedTarget",
    "Pin",
    "PinWithoutAddressError",
    "UnnamedFile",
    "parse_lock",
    "to_text",
]
