"""What an index lists: distribution files, a project's page, and a wheel's core metadata.

The structs are msgspec's because a page has thousands of files: they decode straight from the index's
JSON and to and from the cache at native speed, and stay small (no dict, no garbage-collector entry).
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Protocol

import msgspec
from packaging.utils import NormalizedName

from wheelpin.values import IndexUrl, Sha256


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


class Entries(Protocol):
    """The entries of a page, each read when it is looked at: a page has thousands, and few are."""

    @property
    def lines(self) -> str:
        """The file names, one a line, in the index's order, which means nothing; not checked yet."""
        ...

    @property
    def found(self) -> dict[str, dict[int, str]]:
        """Places and names of files that somebody looked for, under whatever he calls them: he may note them here."""
        ...

    def read_before(self, filename: str) -> IndexFile | None:
        """Return the file of that name, None if nobody has read it, here or in an earlier run."""
        ...

    def read(self, place: int, filename: str | None = None) -> IndexFile:
        """Return the file of the line at *place*, which reads *filename* if that is given: it is found sooner then.

        Raise `ValueError` with the reason if it cannot be one.
        """
        ...


class ReadEntries:
    """Entries that were read and found good."""

    def __init__(self, files: Iterable[IndexFile]) -> None:
        self.files = tuple(files)
        self.lines = "".join(f"{file.filename}\n" for file in self.files)
        self.found: dict[str, dict[int, str]] = {}

    def read_before(self, filename: str) -> IndexFile | None:
        """Return the file of that name."""
        return next((file for file in self.files if file.filename == filename), None)

    def read(self, place: int, filename: str | None = None) -> IndexFile:
        """Return the file at *place*."""
        return self.files[place]


class ProjectPage:
    """All files of one project on one index."""

    def __init__(
        self,
        *,
        project: NormalizedName,
        index: IndexUrl,
        files: Entries | Iterable[IndexFile],
        status: str = "active",
        status_reason: str | None = None,
        skipped: tuple[SkippedEntry, ...] = (),
        shadowed: tuple[ShadowedIndex, ...] = (),
    ) -> None:
        """Make a page of *files*; *skipped* is what was found unfit before."""
        self.project, self.index = project, index
        self.entries: Entries = files if not isinstance(files, Iterable) else ReadEntries(files)
        self.status, self.status_reason = status, status_reason
        """``active``, ``archived``, ``deprecated`` or ``quarantined`` (PEP 792), and why."""
        self.skipped_before = skipped
        self.shadowed = shadowed

    def replaced(
        self, *, files: Iterable[IndexFile] | None = None, shadowed: tuple[ShadowedIndex, ...] | None = None
    ) -> "ProjectPage":
        """Return the page with other files, or with what it shadows."""
        return ProjectPage(
            project=self.project,
            index=self.index,
            files=self.entries if files is None else files,
            status=self.status,
            status_reason=self.status_reason,
            skipped=self.skipped_before if files is None else self.skipped,
            shadowed=self.shadowed if shadowed is None else shadowed,
        )

    def names(self) -> list[str]:
        """Return the name of every entry: a long list, for whoever does without the lines."""
        names = self.entries.lines.split("\n")
        names.pop()
        return names

    def matching(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
        """Yield place and name of the entries in whose names *pattern* is found, without looking at the others."""
        return self._lines_at(match.start() for match in pattern.finditer(self.entries.lines))

    def beginning_with(self, start: str) -> Iterator[tuple[int, str]]:
        """Yield place and name of the entries whose names begin with *start*, without looking at the others."""
        return self._lines_at(_iter_lines_from(self.entries.lines, start))

    def _lines_at(self, offsets: Iterable[int]) -> Iterator[tuple[int, str]]:
        lines, end, place, counted = self.entries.lines, 0, 0, 0
        for at in offsets:
            if at >= end:
                start = lines.rfind("\n", 0, at) + 1
                end = lines.index("\n", at)
                place, counted = place + lines.count("\n", counted, start), start
                yield place, lines[start:end]

    @cached_property
    def _read(self) -> tuple[tuple[IndexFile, ...], tuple[SkippedEntry, ...]]:
        files: list[IndexFile] = []
        skipped: list[SkippedEntry] = []
        for place, name in enumerate(self.names()):
            try:
                files.append(self.entries.read(place))
            except ValueError as error:
                skipped.append(SkippedEntry(name, str(error)))
        return tuple(files), tuple(skipped)

    @property
    def files(self) -> tuple[IndexFile, ...]:
        """Every file, all read."""
        return self._read[0]

    @property
    def skipped(self) -> tuple[SkippedEntry, ...]:
        """Every entry that cannot be a file, all read."""
        return self.skipped_before + self._read[1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ProjectPage) and self._facts == other._facts

    __hash__ = None  # type: ignore[assignment]  # compared by content, which is large

    @property
    def _facts(self) -> tuple[object, ...]:
        said = (self.project, self.index, self.status, self.status_reason, self.shadowed)
        return (*said, self.files, self.skipped)


def _iter_lines_from(lines: str, start: str) -> Iterator[int]:
    if lines.startswith(start):
        yield 0
    at = lines.find(f"\n{start}")
    while at >= 0:
        yield at + 1
        at = lines.find(f"\n{start}", at + 1)


class CoreMetadata(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What a resolver needs of a METADATA file (core metadata 1.0 to 2.5); values are as written there."""

    name: str
    version: str
    requires_python: str | None = None
    requires_dist: tuple[str, ...] = ()
    provides_extra: tuple[str, ...] = ()
    """Normalised (PEP 685)."""
