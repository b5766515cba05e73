"""Read the JSON form of a project page (PEP 691, 700, 714, 740, 792)."""

from collections.abc import Iterable, Sequence

import msgspec

from wheelpin.files import IndexFile, ProjectPage, SkippedEntry
from wheelpin.index.entries import (
    PageAddress,
    PageUnreadableError,
    as_sha256,
    check_api_version,
    file_address,
    filename_fault,
    known_status,
    other_hashes,
)


class _Hashes(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The algorithms that indexes give; a struct, because thousands of dictionaries cost twice the time."""

    sha256: str | None = None
    sha512: str | None = None
    sha384: str | None = None
    sha224: str | None = None
    sha1: str | None = None
    md5: str | None = None


_NO_HASHES = _Hashes()


class _Essentials(msgspec.Struct, frozen=True, gc=False, rename="kebab"):
    """The keys of an entry without which, or with nonsense in which, the file cannot be used."""

    filename: str
    url: str
    hashes: _Hashes | None = None
    requires_python: str | None = None
    yanked: bool | str | None = False


class JsonEntry(_Essentials, frozen=True, gc=False, rename="kebab", omit_defaults=True):
    """All keys; what is wrong with the others costs no file."""

    size: int | None = None
    upload_time: str | None = None
    core_metadata: bool | _Hashes | None = None
    dist_info_metadata: bool | _Hashes | None = None
    provenance: str | None = None


class _Meta(msgspec.Struct, rename="kebab"):
    api_version: str = "1.0"


class _Status(msgspec.Struct):
    status: str = "active"
    reason: str | None = None


class _Page(msgspec.Struct, rename="kebab"):
    """A page as it should be."""

    files: list[JsonEntry]
    meta: _Meta = msgspec.field(default_factory=_Meta)
    project_status: _Status = msgspec.field(default_factory=_Status)


class _LoosePage(msgspec.Struct, rename="kebab"):
    """A page of which at least the outline can be used."""

    files: list[msgspec.Raw]
    meta: object = None
    project_status: object = None


_decode_page = msgspec.json.Decoder(_Page).decode
_decode_loose_page = msgspec.json.Decoder(_LoosePage).decode
_decode_entry = msgspec.json.Decoder(JsonEntry).decode
_decode_essentials = msgspec.json.Decoder(_Essentials).decode

# Deeply nested arrays, and strings that are no UTF-8, have errors of their own.
_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)


def parse_json_page(body: bytes, address: PageAddress) -> ProjectPage:
    """Read the page; an entry that cannot be a file is skipped with a reason.

    Raise `PageUnreadableError` for a body that is no such page, `ApiVersionError` for one of another major version.
    """
    skipped: list[SkippedEntry] = []
    try:
        page = _decode_page(body)
    except _UNREADABLE:
        page = _read_loosely(body, address, skipped)
    check_api_version(address.url, page.meta.api_version)
    return ProjectPage(
        project=address.project,
        index=address.index,
        files=JsonEntries(page.files, address.url),
        status=known_status(page.project_status.status),
        status_reason=page.project_status.reason,
        skipped=tuple(skipped),
    )


class JsonEntries:
    """The entries of a page as the index wrote them, checked one by one when they are read."""

    def __init__(self, entries: Sequence[JsonEntry], base: str) -> None:
        """Keep *entries*, whose relative addresses start at *base*."""
        self.entries, self.base = entries, base
        self.names = [entry.filename for entry in entries]

    def read(self, place: int) -> IndexFile:
        """Return the file at *place*; raise `ValueError` with the reason if it cannot be one."""
        return file_of(self.entries[place], self.base)


def file_of(entry: JsonEntry, base: str) -> IndexFile:
    """Check *entry* and turn it around; raise `ValueError` with the reason against it."""
    filename, hashes, yanked = entry.filename, entry.hashes or _NO_HASHES, entry.yanked
    if (fault := filename_fault(filename)) is not None:
        raise ValueError(fault)
    offered = entry.dist_info_metadata if entry.core_metadata is None else entry.core_metadata
    return IndexFile(
        filename=filename,
        url=file_address(entry.url, base),
        sha256=None if hashes.sha256 is None else as_sha256(hashes.sha256),
        other_hashes=() if hashes.sha256 is not None else other_hashes(msgspec.structs.asdict(hashes).items()),
        requires_python=entry.requires_python or None,
        yanked=None if yanked is False or yanked is None else "" if yanked is True else yanked,
        size_bytes=entry.size if entry.size is not None and entry.size >= 0 else None,
        uploaded_at=entry.upload_time,
        sidecar=None if offered is None or offered is False else _sidecar_hash(offered),
        provenance=entry.provenance,
    )


def _sidecar_hash(offered: bool | _Hashes) -> str:
    """Return the sidecar's sha256, ``""`` without one that could be checked."""
    if isinstance(offered, bool):
        return ""
    try:
        return as_sha256(offered.sha256 or "")
    except ValueError:
        return ""


def _read_loosely(body: bytes, address: PageAddress, skipped: list[SkippedEntry]) -> _Page:
    """Read what can be read, entry by entry."""
    try:
        page = _decode_loose_page(body)
    except _UNREADABLE as error:
        raise PageUnreadableError(address.url, str(error)) from error
    meta = page.meta.get("api-version", "1.0") if isinstance(page.meta, dict) else "1.0"
    status = page.project_status if isinstance(page.project_status, dict) else {}
    reason = status.get("reason")
    return _Page(
        files=list(_readable(page.files, skipped)),
        meta=_Meta(api_version=str(meta)),
        project_status=_Status(
            status=known_status(status.get("status")), reason=reason if isinstance(reason, str) else None
        ),
    )


def _readable(entries: Iterable[msgspec.Raw], skipped: list[SkippedEntry]) -> Iterable[JsonEntry]:
    for number, raw in enumerate(entries, start=1):
        try:
            yield _decode_entry(raw)
            continue
        except _UNREADABLE:
            pass
        try:
            core = _decode_essentials(raw)
        except _UNREADABLE as error:
            skipped.append(SkippedEntry(f"entry {number}", str(error)))
            continue
        yield JsonEntry(*(getattr(core, name) for name in _Essentials.__struct_fields__))
