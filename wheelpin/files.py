"""What an index lists: distribution files, a project's page, and a wheel's core metadata.

The structs are msgspec's because a page has thousands of files: they decode straight from the index's
JSON and to and from the cache at native speed, and stay small (no dict, no garbage-collector entry).
"""

from functools import cached_property
from typing import NewType

import msgspec
from packaging.utils import NormalizedName

from wheelpin.values import Sha256

IndexUrl = NewType("IndexUrl", str)
"""The address of an index or a find-links folder, without secrets: what locks and messages name."""


class IndexFile(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One wheel or sdist as an index lists it (PEP 503, 691, 700); nothing in it is checked yet but shape."""

    filename: str
    """The last part of the address, decoded once; has no separator and is neither ``.`` nor ``..``."""
    url: str
    """Absolute address without fragment and user information; may carry a query that a lock must not."""
    sha256: Sha256 | None = None
    other_hashes: tuple[tuple[str, str], ...] = ()
    """Hashes by other algorithms as (algorithm, hexadecimal digest); never enough for a lock."""
    requires_python: str | None = None
    """As the index wrote it; may be no valid specifier."""
    yanked: str | None = None
    """The reason, ``""`` if none was given, None when the file is not yanked (PEP 592)."""
    size_bytes: int | None = None
    uploaded_at: str | None = None
    """Upload time as the index wrote it: ISO 8601, UTC (PEP 700)."""
    sidecar: str | None = None
    """The sha256 of ``URL.metadata``, ``""`` if the index offers one without a hash, None without one (PEP 714)."""
    provenance: str | None = None
    """Address of the file's attestations (PEP 740)."""

    @property
    def is_wheel(self) -> bool:
        """Tell whether the name has a wheel's ending; it may still be no valid wheel name."""
        return self.filename.endswith(".whl")

    @property
    def is_sdist(self) -> bool:
        """Tell whether the name has an sdist's ending, old formats included."""
        return self.filename.endswith((".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar.Z"))


class SkippedEntry(msgspec.Struct, frozen=True, gc=False):
    """An entry of a page that cannot be a distribution file, and why."""

    entry: str
    reason: str


class ShadowedIndex(msgspec.Struct, frozen=True, gc=False):
    """A later index that lists the same project, which the first-index rule leaves unasked."""

    index: IndexUrl
    newest_version: str | None


class ProjectPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """All files of one project on one index; ``dict=True`` lets readers keep what they derive beside it."""

    project: NormalizedName
    index: IndexUrl
    files: tuple[IndexFile, ...]
    """In the index's order, which means nothing."""
    status: str = "active"
    """``active``, ``archived``, ``deprecated`` or ``quarantined`` (PEP 792)."""
    status_reason: str | None = None
    skipped: tuple[SkippedEntry, ...] = ()
    shadowed: tuple[ShadowedIndex, ...] = ()

    @cached_property
    def sdists(self) -> tuple[IndexFile, ...]:
        """The files that have an sdist's ending."""
        return tuple(file for file in self.files if file.is_sdist)


class CoreMetadata(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What a resolver needs of a METADATA file (core metadata 1.0 to 2.5); values are as written there."""

    name: str
    version: str
    requires_python: str | None = None
    requires_dist: tuple[str, ...] = ()
    provides_extra: tuple[str, ...] = ()
    """Normalised (PEP 685)."""
