"""The one compact form in which the cache keeps a page: names at hand, entries read when they are looked at."""

from collections.abc import Sequence

import msgspec
from packaging.utils import NormalizedName

from wheelpin.files import IndexFile, IndexUrl, ProjectPage, ReadEntries, SkippedEntry
from wheelpin.index.simple_json import JsonEntries, JsonEntry, file_of

KIND = "pages-2"
"""Counts up with the form."""


class KeptPage(msgspec.Struct, frozen=True):
    """A page, and how to ask whether it still holds."""

    etag: str | None
    last_modified: str | None
    fresh_until: float
    """Seconds since 1970."""
    page: ProjectPage | None
    """None where the index says that there is none."""


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


class _Blob(msgspec.Struct, frozen=True, array_like=True):
    etag: str | None
    last_modified: str | None
    fresh_until: float
    page: msgspec.Raw


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Blob).decode
_decode_page = msgspec.msgpack.Decoder(_Found | None).decode
_decode_json_entry = msgspec.msgpack.Decoder(JsonEntry).decode
_decode_file = msgspec.msgpack.Decoder(IndexFile).decode


def encode_kept(kept: KeptPage) -> bytes:
    """Write *kept* for the cache."""
    page = _encode(None if kept.page is None else _written(kept.page))
    return _encode(_Blob(kept.etag, kept.last_modified, kept.fresh_until, msgspec.Raw(page)))


def decode_kept(blob: bytes) -> KeptPage | None:
    """Read what `encode_kept` wrote; None for anything else."""
    try:
        kept = _decode(blob)
        found = _decode_page(kept.page)
    except (msgspec.MsgspecError, ValueError):
        return None
    page = None
    if found is not None:
        page = ProjectPage(
            project=found.project,
            index=found.index,
            files=_KeptEntries(found),
            status=found.status,
            status_reason=found.status_reason,
            skipped=found.skipped,
        )
    return KeptPage(kept.etag, kept.last_modified, kept.fresh_until, page)


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
