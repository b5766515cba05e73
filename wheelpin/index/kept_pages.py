"""The compact form in which the cache keeps a page: what runs ask of it at hand, and apart from that all that it lists.

A run that wants of a page what earlier ones wanted reads a few hundred bytes of it, where some pages have millions. The
text is kept by its content, so that a page at hand and its text belong together whoever writes meanwhile.
"""

import struct
import zlib

import msgspec
from packaging.utils import NormalizedName

from wheelpin.files import IndexFile, ProjectPage, SkippedEntry
from wheelpin.index.json_entries import JsonEntries, PageText, body_of, lines_of
from wheelpin.values import IndexUrl

PAGES = "pages-6"
"""The kind of what is at hand; counts up with its form."""

TEXTS = "page-texts-1"
"""The same for texts."""


class Freshness(msgspec.Struct, frozen=True, array_like=True):
    """Until when a page holds unasked, and how to ask whether it still does."""

    etag: str | None
    last_modified: str | None
    fresh_until: float
    """Seconds since 1970."""
    content: int | None
    """Checksum of the text; None where the index says that there is no such page."""


class PageFacts(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What a page says beside its entries, and what runs looked for among these."""

    project: NormalizedName
    index: IndexUrl
    status: str
    status_reason: str | None
    skipped: tuple[SkippedEntry, ...]
    known: dict[int, IndexFile]
    """Entries by place that earlier runs read: the next one will want the same."""
    found: dict[str, dict[int, str]]
    """Places and names of what earlier runs looked for."""


class KeptPage(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """A page as it is kept."""

    freshness: Freshness
    facts: PageFacts | None
    """None where the index says that there is no such page."""
    content_before: int | None = None
    """Checksum of the text that it had before, which runs that began then may still read."""


class _TextHead(msgspec.Struct, frozen=True, array_like=True):
    lines_bytes: int
    is_packed: bool
    base: str | None


_SIZE = struct.Struct(">I")
"""Of the encoded head of a text, which is followed by names and body."""
_ENDING_BYTES = 1024

_encode = msgspec.msgpack.Encoder().encode
_decode_page = msgspec.msgpack.Decoder(KeptPage).decode
_decode_text_head = msgspec.msgpack.Decoder(_TextHead).decode


def entries_to_keep(page: ProjectPage) -> JsonEntries:
    """Return the entries of *page* in the form that is kept."""
    if isinstance(page.entries, JsonEntries):
        return page.entries
    files = page.files
    lines = lines_of([file.filename for file in files])
    return JsonEntries(PageText(lines=lines, body=body_of(files), is_packed=False, base=None))


def content_of(text: PageText) -> int:
    """Return what ties a page to its text."""
    if text.is_packed:
        # The data end with the checksum of all that they hold, which was found to be right.
        return zlib.crc32(text.body[-_ENDING_BYTES:], len(text.body))
    return zlib.crc32(text.body)


def text_key(page_key: str, content: int) -> str:
    """Return the key of the text of a page."""
    return f"{page_key} {content}"


def facts_of(page: ProjectPage, entries: JsonEntries) -> PageFacts:
    """Return what is to be at hand of *page*, whose entries to keep are *entries*."""
    return PageFacts(
        project=page.project,
        index=page.index,
        status=page.status,
        status_reason=page.status_reason,
        skipped=page.skipped_before,
        known=entries.known.copy(),
        found=entries.found.copy(),
    )


def page_of(facts: PageFacts, entries: JsonEntries) -> ProjectPage:
    """Return the page that `facts_of` took apart."""
    return ProjectPage(
        project=facts.project,
        index=facts.index,
        files=entries,
        status=facts.status,
        status_reason=facts.status_reason,
        skipped=facts.skipped,
    )


def encode_page(kept: KeptPage) -> bytes:
    """Write *kept* for the cache."""
    return _encode(kept)


def decode_page(blob: bytes) -> KeptPage | None:
    """Read what `encode_page` wrote; None for anything else."""
    try:
        return _decode_page(blob)
    except (msgspec.MsgspecError, ValueError):
        return None


def encode_text(text: PageText) -> tuple[bytes | memoryview, ...]:
    """Write *text* for the cache, in parts, because the body is large and need not be copied."""
    lines = text.lines.encode()
    head = _encode(_TextHead(len(lines), text.is_packed, text.base))
    return _SIZE.pack(len(head)), head, lines, text.body


def decode_text(blob: bytes) -> PageText | None:
    """Read what `encode_text` wrote; None for anything else."""
    whole = memoryview(blob)
    try:
        (head_bytes,) = _SIZE.unpack_from(whole)
        lines_at = _SIZE.size + head_bytes
        head = _decode_text_head(whole[_SIZE.size : lines_at])
        body_at = lines_at + head.lines_bytes
        lines = str(whole[lines_at:body_at], "utf-8")
    except (msgspec.MsgspecError, struct.error, ValueError):
        return None
    return PageText(lines=lines, body=whole[body_at:], is_packed=head.is_packed, base=head.base)
