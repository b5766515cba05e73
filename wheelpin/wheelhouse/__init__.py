"""Verified wheels on disk: what a lock names, in a folder that pip and the bundling rooms can use."""

from wheelpin.wheelhouse.digests import read_present, sha256_of
from wheelpin.wheelhouse.download import (
    DigestMismatchError,
    Housed,
    How,
    MissingWheelFileError,
    NoAddressError,
    SizeMismatchError,
    Supply,
    run,
)
from wheelpin.wheelhouse.fill import fill_wheelhouse, gather_wheels
from wheelpin.wheelhouse.locate import LockSource, NoSuchWheelError, locate
from wheelpin.wheelhouse.plan import (
    Copy,
    Download,
    FilenameConflictError,
    Reuse,
    Step,
    UnsafeFilenameError,
    WantedWheel,
    plan,
)
from wheelpin.wheelhouse.static_index import write_static_index
from wheelpin.wheelhouse.store import WheelStore

__all__ = [
    "Copy",
    "DigestMismatchError",
    "Download",
    "FilenameConflictError",
    "Housed",
    "How",
    "LockSource",
    "MissingWheelFileError",
    "NoAddressError",
    "NoSuchWheelError",
    "Reuse",
    "SizeMismatchError",
    "Step",
    "Supply",
    "UnsafeFilenameError",
    "WantedWheel",
    "WheelStore",
    "fill_wheelhouse",
    "gather_wheels",
    "locate",
    "plan",
    "read_present",
    "run",
    "sha256_of",
    "write_static_index",
]
