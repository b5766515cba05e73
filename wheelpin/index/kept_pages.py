"""The one compact form in which the cache keeps a page: names and what was read at hand, the rest as it came."""

import struct
import zlib

import msgspec
from packaging.utils import NormalizedName

from wheelpin.files import IndexFile, ProjectPage, SkippedEntry
from wheelpin.index.json_entries import JsonEntries, Unpacked, body_of, lines_of
from wheelpin.values import IndexUrl

PAGES = "pages-5"
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


class KeptPage(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """A page as it is kept."""

    content: int
    """Checksum of the body, which ties the page to its freshness."""
    project: NormalizedName
    index: IndexUrl
    status: str
    status_reason: str | None
    skipped: tuple[SkippedEntry, ...]
    base: str | None
    """Where relative addresses of entries as the index wrote them start; None for entries that were checked."""
    known: dict[int, IndexFile]
    """Entries by place that earlier runs read: the next one will want the same."""
    found: dict[str, dict[int, str]]
    """Places and names of what earlier runs looked for."""
    is_packed: bool
    """The body is gzip data."""


_SIZES = struct.Struct(">QQ")
"""Of the encoded page and of the names, one a line, which stand before the body: all entries in the index's own form,
JSON. Who finds in the page what he looks for reads neither names nor body, and they are large."""
_ENDING_BYTES = 1024

_encode = msgspec.msgpack.Encoder().encode
_decode_page = msgspec.msgpack.Decoder(KeptPage).decode
_decode_freshness = msgspec.msgpack.Decoder(Freshness).decode


def encode_freshness(freshness: Freshness) -> bytes:
    """Write *freshness* for the cache."""
    return _encode(freshness)


def decode_freshness(blob: bytes) -> Freshness | None:
    """Read what `encode_freshness` wrote; None for anything else."""
    try:
        return _decode_freshness(blob)
    except (msgspec.MsgspecError, ValueError):
        return None


def entries_to_keep(page: ProjectPage) -> JsonEntries:
    """Return the entries of *page* in the form that is kept."""
    if isinstance(page.entries, JsonEntries):
        return page.entries
    files = page.files
    lines = lines_of([file.filename for file in files])
    return JsonEntries(lines=lines, body=body_of(files), is_packed=False, base=None)


def content_of(entries: JsonEntries) -> int:
    """Return what ties the content of a page to its freshness."""
    if entries.is_packed:
        # The data end with the checksum of all that they hold, which was found to be right.
        return zlib.crc32(entries.body[-_ENDING_BYTES:], len(entries.body))
    return zlib.crc32(entries.body)


def encode_page(page: ProjectPage, entries: JsonEntries, content: int) -> tuple[bytes | memoryview, ...]:
    """Write *page* for the cache, with the *entries* and the *content* that the functions above gave for it.

    It comes in parts, because the body is large and need not be copied.
    """
    encoded = _encode(
        KeptPage(
            content=content,
            project=page.project,
            index=page.index,
            status=page.status,
            status_reason=page.status_reason,
            skipped=page.skipped_before,
            base=entries.base,
            known=entries.known.copy(),
            found=entries.found.copy(),
            is_packed=entries.is_packed,
        )
    )
    lines = entries.encoded_lines
    return _SIZES.pack(len(encoded), len(lines)), encoded, lines, entries.body


def decode_page(blob: bytes, content: int, unpacked: Unpacked) -> ProjectPage | None:
    """Read what `encode_page` wrote of *content*; None for anything else."""
    whole = memoryview(blob)
    try:
        size_bytes, lines_bytes = _SIZES.unpack_from(whole)
        lines_at = _SIZES.size + size_bytes
        body_at = lines_at + lines_bytes
        kept = _decode_page(whole[_SIZES.size : lines_at])
    except (msgspec.MsgspecError, struct.error, ValueError):
        return None
    if kept.content != content:
        return None
    return ProjectPage(
        project=kept.project,
        index=kept.index,
        files=JsonEntries(
            lines=whole[lines_at:body_at],
            body=whole[body_at:],
            is_packed=kept.is_packed,
            base=kept.base,
            unpacked=unpacked,
            known=kept.known,
            found=kept.found,
        ),
        status=kept.status,
        status_reason=kept.status_reason,
        skipped=kept.skipped,
    )
