"""What a check found: one value for each thing that is not as it should be."""

from enum import StrEnum

from msgspec import Struct
from packaging.utils import NormalizedName

from wheelpin.values import Origin


class Kind(StrEnum):
    """What a finding is about; the values are for machines."""

    LOCK_MISSING = "lock-missing"
    LOCK_UNREADABLE = "lock-unreadable"
    UNPROVEN = "unproven"
    """The lock does not record what a proof needs: an earlier wheelpin wrote it."""
    TARGET = "target"
    PYTHON = "python"
    NOT_PINNED = "not-pinned"
    UNMET = "unmet"
    EXTRAS = "extras"
    ASKERS = "askers"
    """Other inputs ask for a pin than when it was locked."""
    UNWANTED = "unwanted"
    MISFIT = "misfit"
    RULES = "rules"
    EDITED = "edited"
    HEADER = "header"
    TEXT = "text"
    FILE = "file"
    """A wheel of one's own is another file than was locked."""
    YANKED = "yanked"
    GONE = "gone"
    QUARANTINED = "quarantined"
    HASH = "hash"
    SIZE = "size"
    REQUIRES_PYTHON = "requires-python"
    STATUS = "status"
    """The project is archived or deprecated (PEP 792)."""
    VULNERABLE = "vulnerable"
    """Somebody made a vulnerability of the version known."""
    UNSEEN = "unseen"
    """Nothing can be said of it: of a file without fetching it whole, of a version where nobody keeps a record."""


class Severity(StrEnum):
    """How much a finding weighs; the values are those of annotations."""

    ERROR = "error"
    """The check fails."""
    WARNING = "warning"
    NOTICE = "notice"


class Advisory(Struct, frozen=True, kw_only=True):
    """One vulnerability that somebody made known."""

    name: str
    """Its identifier, such as ``PYSEC-2023-74``."""
    aliases: tuple[str, ...] = ()
    """The same under other identifiers: CVE, GHSA."""
    summary: str = ""
    fixed_in: tuple[str, ...] = ()
    """The versions with a remedy, oldest first; empty if there is none yet."""
    link: str | None = None


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that is wrong, in words that name it."""

    kind: Kind
    message: str
    severity: Severity = Severity.ERROR
    origin: Origin | None = None
    """The line of an input that the lock does not answer; None where it is about the lock itself."""
    project: NormalizedName | None = None
    """The pin that it is about."""
    line: int | None = None
    """The line of the lock, where that is no pin's."""
    advisory: Advisory | None = None
    """What makes the pin vulnerable."""
