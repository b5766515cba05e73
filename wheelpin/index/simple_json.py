"""Read the JSON form of a project page (PEP 691, 700, 714, 740, 792)."""

from collections.abc import Iterable

import msgspec

from wheelpin.files import ProjectPage, SkippedEntry
from wheelpin.index.entries import PageAddress, PageUnreadableError, check_api_version, known_status
from wheelpin.index.json_entries import (
    UNREADABLE,
    JsonEntries,
    JsonEntry,
    PageText,
    Unpacked,
    body_of,
    lines_of,
    read_entry,
)


class _Named(msgspec.Struct, frozen=True, gc=False):
    """An entry's name; the rest is read when somebody looks at the entry."""

    filename: str


class _Meta(msgspec.Struct, rename="kebab"):
    api_version: str = "1.0"


class _Status(msgspec.Struct):
    status: str = "active"
    reason: str | None = None


class _Page(msgspec.Struct, rename="kebab"):
    """A page as it should be."""

    files: list[_Named]
    meta: _Meta = msgspec.field(default_factory=_Meta)
    project_status: _Status = msgspec.field(default_factory=_Status)


class _LoosePage(msgspec.Struct, rename="kebab"):
    """A page of which at least the outline can be used."""

    files: list[msgspec.Raw]
    meta: object = None
    project_status: object = None


_decode_page = msgspec.json.Decoder(_Page).decode
_decode_loose_page = msgspec.json.Decoder(_LoosePage).decode


def parse_json_page(
    body: bytes, address: PageAddress, *, packed: bytes | None = None, unpacked: Unpacked | None = None
) -> ProjectPage:
    """Read the page; an entry that cannot be a file is skipped with a reason.

    *packed* is the body as gzip data: then it alone is kept, and what was read last in *unpacked*.
    Raise `PageUnreadableError` for a body that is no such page, `ApiVersionError` for one of another major version.
    """
    try:
        page = _decode_page(body)
    except UNREADABLE:
        return _read_loosely(body, address)
    check_api_version(address.url, page.meta.api_version)
    unpacked = unpacked or Unpacked()
    text = PageText(
        lines=lines_of([entry.filename for entry in page.files]),
        body=body if packed is None else packed,
        is_packed=packed is not None,
        base=address.url,
    )
    entries = JsonEntries(text, unpacked=unpacked)
    unpacked.hold(entries, len(body), body)
    return ProjectPage(
        project=address.project,
        index=address.index,
        files=entries,
        status=known_status(page.project_status.status),
        status_reason=page.project_status.reason,
    )


def _read_loosely(body: bytes, address: PageAddress) -> ProjectPage:
    """Read what can be read, entry by entry."""
    try:
        page = _decode_loose_page(body)
    except UNREADABLE as error:
        raise PageUnreadableError(address.url, str(error)) from error
    check_api_version(address.url, page.meta.get("api-version", "1.0") if isinstance(page.meta, dict) else "1.0")
    skipped: list[SkippedEntry] = []
    entries = list(_readable(page.files, skipped))
    status = page.project_status if isinstance(page.project_status, dict) else {}
    reason = status.get("reason")
    return ProjectPage(
        project=address.project,
        index=address.index,
        files=JsonEntries(
            PageText(
                lines=lines_of([entry.filename for entry in entries]),
                body=body_of(entries),
                is_packed=False,
                base=address.url,
            )
        ),
        status=known_status(status.get("status")),
        status_reason=reason if isinstance(reason, str) else None,
        skipped=tuple(skipped),
    )


def _readable(entries: Iterable[msgspec.Raw], skipped: list[SkippedEntry]) -> Iterable[JsonEntry]:
    for number, raw in enumerate(entries, start=1):
        try:
            yield read_entry(raw)
        except ValueError as error:
            skipped.append(SkippedEntry(f"entry {number}", str(error)))
