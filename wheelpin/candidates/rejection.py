"""Why a file cannot be chosen: reasons as values, ordered by how near the file came."""

from enum import IntEnum

from msgspec import Struct
from packaging.version import Version

from wheelpin.files import IndexFile


class Reason(IntEnum):
    """The first thing that speaks against a file; a higher value is a nearer miss."""

    TAGS = 1
    INTERPRETER = 2
    PLATFORM = 3
    ARCHITECTURE = 4
    ABI = 5
    LIBC = 6
    FORBIDDEN = 7
    REQUIRES_PYTHON = 8
    UPLOADED_LATE = 9
    HASH = 10
    YANKED = 11
    METADATA = 12

    @property
    def label(self) -> str:
        """The reason in the words of reports and JSON."""
        return self.name.lower().replace("_", "-")


class Rejection(Struct, frozen=True, kw_only=True):
    """A file, and the first reason against it."""

    file: IndexFile
    version: Version | None
    """None where the name has no readable version."""
    reason: Reason
    detail: str
    """The reason in words that name both sides: ``needs glibc 2.28, the target has 2.17``."""
    hinges_on_patch: bool = False
    """Another patch release of the target's Python would have decided otherwise."""
