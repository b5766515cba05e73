"""The entries of a page, as the index wrote them until somebody looks at one."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from threading import Lock

import msgspec

from wheelpin.files import IndexFile
from wheelpin.index.entries import as_sha256, file_address, filename_fault, other_hashes
from wheelpin.transport.bodies import read_body

MAX_PAGE_BYTES = 128 * 1024 * 1024

_MOST_UNPACKED_BYTES = 16 * 1024 * 1024
_MOST_CUT = 16
"""From so many entries of a page on, all of them are told apart at once."""
_LONGEST_CUT_BYTES = 8192
"""Longer entries are read with all others."""
_MOST_BRACES = 6
_FIRST_LOOK_BYTES = 1 << 16
_MOST_KNOWN = 256
"""So many read entries of a page are remembered for other runs; a search that needs more has other worries."""


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


class _Named(msgspec.Struct, frozen=True, gc=False):
    filename: str


class _Body(msgspec.Struct):
    files: list[msgspec.Raw]


_decode_body = msgspec.json.Decoder(_Body).decode
_decode_entry = msgspec.json.Decoder(JsonEntry).decode
_decode_essentials = msgspec.json.Decoder(_Essentials).decode
_decode_named = msgspec.json.Decoder(_Named).decode
_decode_file = msgspec.json.Decoder(IndexFile).decode

# Deeply nested arrays, and strings that are no UTF-8, have errors of their own.
UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)


def lines_of(names: Sequence[str]) -> str:
    """Join file names, one a line; a line break in a name, which no file can have, becomes another odd sign."""
    lines = "\n".join([*names, ""])
    return lines if lines.count("\n") == len(names) else lines_of([name.replace("\n", "\0") for name in names])


def body_of(entries: Iterable[JsonEntry] | Iterable[IndexFile]) -> bytes:
    """Write *entries* as a body that `JsonEntries` reads."""
    return msgspec.json.encode({"files": list(entries)})


class Unpacked:
    """Bodies that were read last, as far as they fit into *most_bytes*: the others stay compressed."""

    def __init__(self, most_bytes: int = _MOST_UNPACKED_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._held: OrderedDict[JsonEntries, tuple[int, bytes | memoryview | list[msgspec.Raw]]] = OrderedDict()
        self._held_bytes = 0

    def hold(self, page: "JsonEntries", size_bytes: int, body: bytes | memoryview | list[msgspec.Raw]) -> None:
        """Keep *body* at hand until others need its room."""
        with self._lock:
            self._drop(page)
            self._held[page] = size_bytes, body
            self._held_bytes += size_bytes
            while self._held_bytes > self._most_bytes and len(self._held) > 1:
                self._drop(next(iter(self._held)))

    def entries_of(self, page: "JsonEntries") -> list[msgspec.Raw]:
        """Return the entries of *page*, each as it is written there."""
        if isinstance(body := self.body_of(page), list):
            return body
        entries = _decode_body(body).files
        self.hold(page, len(body), entries)
        return entries

    def body_of(self, page: "JsonEntries") -> bytes | memoryview | list[msgspec.Raw]:
        """Return the body of *page*, or its entries if somebody asked for all of them."""
        with self._lock:
            _, body = self._held.get(page, (0, b""))
        if not body:
            body = page.unpacked()
            self.hold(page, len(body), body)
        return body

    def _drop(self, page: "JsonEntries") -> None:
        size_bytes, _ = self._held.pop(page, (0, b""))
        self._held_bytes -= size_bytes


class PageText(msgspec.Struct, frozen=True, kw_only=True):
    """All that a page lists: large, and mostly a few lines of it are looked at."""

    lines: str
    """The file names, one a line."""
    body: bytes | memoryview
    """All entries in the index's own form, JSON."""
    is_packed: bool
    """The body is gzip data."""
    base: str | None
    """Where relative addresses of entries as the index wrote them start; None for entries that were checked."""


class JsonEntries:
    """The entries of one page, checked one by one when they are read."""

    def __init__(
        self,
        text: PageText | Callable[[], PageText],
        *,
        unpacked: Unpacked | None = None,
        known: dict[int, IndexFile] | None = None,
        found: dict[str, dict[int, str]] | None = None,
    ) -> None:
        """*text* may be what brings it: who finds what he looks for in *known* and *found* does without."""
        self._given = text
        self._unpacked = unpacked or Unpacked()
        self.known = known if known is not None else {}
        """Entries by place that were read, here or by an earlier run."""
        self.found = found if found is not None else {}

    @cached_property
    def text(self) -> PageText:
        """What the page lists; raise `IndexUnavailableError` if the cache has lost it and nobody can bring it."""
        return self._given if isinstance(self._given, PageText) else self._given()

    @property
    def lines(self) -> str:
        """The file names, one a line; see `text`."""
        return self.text.lines

    def read(self, place: int, filename: str | None = None) -> IndexFile:
        """Return the file at *place*, sooner if it is known to have *filename*.

        Raise `ValueError` with the reason if it cannot be one. See `text`.
        """
        file = self.known.get(place)
        if file is None:
            raw = self._cut_out(filename) if filename is not None and len(self.known) < _MOST_CUT else None
            if raw is None:
                raw = self._unpacked.entries_of(self)[place]
            base = self.text.base
            file = _decode_file(raw) if base is None else file_of(read_entry(raw), base)
            if len(self.known) < _MOST_KNOWN:
                self.known[place] = file
        return file

    def _cut_out(self, filename: str) -> bytes | None:
        body = self._unpacked.body_of(self)
        return cut_out(body, filename) if isinstance(body, bytes) and self._is_alone(filename) else None

    def _is_alone(self, filename: str) -> bool:
        line = f"{filename}\n"
        return self.lines.count(line) == 1

    def read_before(self, filename: str) -> IndexFile | None:
        """Return the file of that name, None if nobody has read it, here or in an earlier run."""
        return next((file for file in tuple(self.known.values()) if file.filename == filename), None)

    @property
    def notes(self) -> int:
        """Count what other runs may save themselves."""
        return len(self.known) + len(self.found)

    def unpacked(self) -> bytes | memoryview:
        """Return the body itself."""
        text = self.text
        if not text.is_packed:
            return text.body
        return read_body([text.body], encoding="gzip", url=text.base or "", max_bytes=MAX_PAGE_BYTES)


def cut_out(body: bytes, filename: str) -> bytes | None:
    """Return the object of *body*'s list of files that has *filename*, None where it is not plain to see.

    An index whose entries hold further entries of the same names, as none does, would be taken at its word for either.
    """
    name = filename.encode(errors="replace")
    if (at := _find(body, b'"filename":"%s"' % name)) < 0:
        at = _find(body, b'"filename": "%s"' % name)
    start = end = at
    while start >= 0:
        start = body.rfind(b"{", max(0, at - _LONGEST_CUT_BYTES), start)
        # The brace of an entry stands in a list, those of its hashes stand behind a colon.
        if body[max(0, start - 2) : max(0, start)].strip()[-1:] in (b",", b"["):
            break
    for _ in range(_MOST_BRACES if start >= 0 else 0):
        end = body.find(b"}", end, at + _LONGEST_CUT_BYTES) + 1
        if not end:
            break
        try:
            if _decode_named(body[start:end]).filename == filename:
                return body[start:end]
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue  # that brace ends something within the entry
    return None


def _find(body: bytes, wanted: bytes) -> int:
    """Return where *wanted* stands, -1 if nowhere; look at the end first, where the newest files mostly are."""
    size_bytes = _FIRST_LOOK_BYTES
    while (at := body.find(wanted, max(0, len(body) - size_bytes))) < 0 and size_bytes < len(body):
        size_bytes *= 4
    return at


def read_entry(raw: msgspec.Raw | bytes) -> JsonEntry:
    """Read an entry, its other keys only if they make sense; raise `ValueError` if it cannot be used."""
    try:
        return _decode_entry(raw)
    except UNREADABLE:
        pass
    try:
        core = _decode_essentials(raw)
    except UNREADABLE as error:
        raise ValueError(str(error)) from error
    return JsonEntry(*(getattr(core, name) for name in _Essentials.__struct_fields__))


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
