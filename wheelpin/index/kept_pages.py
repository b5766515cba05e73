"""The one compact form in which the cache keeps a page: names at hand, entries read when they are looked at."""

import zlib
from collections.abc import Sequence

import msgspec
from packaging.utils import NormalizedName

from wheelpin.files import IndexFile, ProjectPage, ReadEntries, SkippedEntry
from wheelpin.index.simple_json import JsonEntries, JsonEntry, file_of
from wheelpin.values import IndexUrl

PAGES = "pages-2"
"""Counts up with the form of the content."""

FRESHNESS = "freshness-1"
"""Kept apart from the content, so that an unchanged page costs a few bytes to confirm."""


class Freshness(msgspec.Struct, frozen=True, array_like=True):
    """Until when a page holds unasked, and how to ask whether it still does."""

    etag: str | None
    last_modified: str | None
    fresh_until: float
    """Seconds since 1970."""
    content: int | None
    """Checksum of the kept content; None where the index says that there is no such page."""


class _Outline(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    project: NormalizedName
    index: IndexUrl
    status: str
    status_reason: str | None
    skipped: tuple[SkippedEntry, ...]
    base: str | None
    """Where relative addresses of entries as the index wrote them start; None for entries that were checked."""
    names: Sequence[str]


class _Written(_Outline, frozen=True, array_like=True, kw_only=True):
    entries: Sequence[JsonEntry] | Sequence[IndexFile]


class _Found(_Outline, frozen=True, array_like=True, kw_only=True):
    entries: list[msgspec.Raw]


_encode = msgspec.msgpack.Encoder().encode
_decode_page = msgspec.msgpack.Decoder(_Found).decode
_decode_freshness = msgspec.msgpack.Decoder(Freshness).decode
_decode_json_entry = msgspec.msgpack.Decoder(JsonEntry).decode
_decode_file = msgspec.msgpack.Decoder(IndexFile).decode


def checksum(blob: bytes) -> int:
    """Return what ties a page's content to its freshness."""
    return zlib.crc32(blob)


def encode_freshness(freshness: Freshness) -> bytes:
    """Write *freshness* for the cache."""
    return _encode(freshness)


def decode_freshness(blob: bytes) -> Freshness | None:
    """Read what `encode_freshness` wrote; None for anything else."""
    try:
        return _decode_freshness(blob)
    except (msgspec.MsgspecError, ValueError):
        return None


def encode_page(page: ProjectPage) -> bytes:
    """Write *page* for the cache."""
    return _encode(_written(page))


def decode_page(blob: bytes) -> ProjectPage | None:
    """Read what `encode_page` wrote; None for anything else."""
    try:
        found = _decode_page(blob)
    except (msgspec.MsgspecError, ValueError):
        return None
    return ProjectPage(
        project=found.project,
        index=found.index,
        files=_KeptEntries(found),
        status=found.status,
        status_reason=found.status_reason,
        skipped=found.skipped,
    )


class _KeptEntries:
    """The entries of a kept page, decoded one by one when they are read."""

    def __init__(self, found: _Found) -> None:
        self.found = found
        self.names = found.names

    def read(self, place: int) -> IndexFile:
        raw, base = self.found.entries[place], self.found.base
        return _decode_file(raw) if base is None else file_of(_decode_json_entry(raw), base)


def _written(page: ProjectPage) -> _Outline:
    match page.entries:
        case _KeptEntries(found=found):
            return found
        case JsonEntries(entries=entries, base=base, names=names):
            return _outline(page, base, names, entries)
        case ReadEntries(files=files, names=names):
            return _outline(page, None, names, files)
        case entries:
            read = ReadEntries(page.files)
            return _outline(page, None, read.names, read.files)


def _outline(
    page: ProjectPage, base: str | None, names: Sequence[str], entries: Sequence[JsonEntry] | Sequence[IndexFile]
) -> _Written:
    return _Written(
        project=page.project,
        index=page.index,
        status=page.status,
        status_reason=page.status_reason,
        skipped=page.skipped_before,
        base=base,
        names=names,
        entries=entries,
    )
