"""What was decided for a target, pinned file by file, and its text in the forms that installers read."""

from wheelpin.locks.errors import LockSyntaxError, PinWithoutAddressError
from wheelpin.locks.formats import to_text
from wheelpin.locks.model import Identity, Lock, LockedFile, LockedTarget, Pin, Proof, UnnamedFile
from wheelpin.locks.parse import parse_lock
from wheelpin.locks.provenance import Provenance
from wheelpin.values import LockFormat

__all__ = [
    "Identity",
    "Lock",
    "LockFormat",
    "LockSyntaxError",
    "LockedFile",
    "LockedTarget",
    "Pin",
    "PinWithoutAddressError",
    "Proof",
    "Provenance",
    "UnnamedFile",
    "parse_lock",
    "to_text",
]
