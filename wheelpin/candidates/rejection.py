"""Why a file cannot be chosen: reasons as values, ordered by how near the file came."""

from dataclasses import dataclass
from enum import IntEnum

from packaging.version import Version

from wheelpin.files import IndexFile


class Reason(IntEnum):
    """The first thing that speaks against a file; a higher value is a nearer miss."""

    UNREADABLE_NAME = 1
    INTERPRETER = 2
    ABI = 3
    PLATFORM = 4
    LIBC = 5
    FORBIDDEN = 6
    REQUIRES_PYTHON = 7
    UPLOADED_LATE = 8
    HASH = 9
    YANKED = 10
    METADATA = 11

    @property
    def label(self) -> str:
        """The reason in the words of reports and JSON."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A file, and the first reason against it."""

    file: IndexFile
    version: Version | None
    """None where the name has no readable version."""
    reason: Reason
    detail: str
    """The reason in words that name both sides: ``needs glibc 2.28, the target has 2.17``."""
    hinges_on_patch: bool = False
    """Another patch release of the target's Python would have decided otherwise."""
