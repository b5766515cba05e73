"""Find METADATA in a wheel of which perhaps only parts are at hand."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import IO

from wheelpin.index.metadata import MAX_METADATA_BYTES, is_dist_info_of
from wheelpin.ports import MetadataUnusableError

_MAX_READ_BYTES = 16 * 1024 * 1024
"""No part of an archive is read in one piece past this: a central directory has about 120 bytes a member."""

# What zipfile and the decompressors raise at bytes that somebody made up.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ValueError,
    ArithmeticError,
    RuntimeError,
    LookupError,
    EOFError,
    OSError,
)


class MissingPart(Exception):
    """Bytes of an archive that have to be fetched before reading can go on."""

    def __init__(self, start: int, stop: int) -> None:
        super().__init__(start, stop)
        self.start, self.stop = start, stop


class ArchiveView:
    """A readable, seekable file over a function that gives the bytes from *start* to *stop*."""

    def __init__(self, size_bytes: int, part: Callable[[int, int], bytes]) -> None:
        self.size_bytes, self._part = size_bytes, part
        self._position = 0

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move as files do; a position before the start is a `ValueError`."""
        position = offset + (0, self._position, self.size_bytes)[whence]
        if position < 0:
            raise ValueError("an address before the start of the archive")
        self._position = position
        return position

    def read(self, count: int = -1) -> bytes:
        """Read as files do; raise `ValueError` for more than an honest archive asks at once."""
        stop = self.size_bytes if count < 0 else min(self.size_bytes, self._position + count)
        body = self.part(self._position, stop)
        self._position += len(body)
        return body

    def part(self, start: int, stop: int) -> bytes:
        """Return the bytes from *start* to *stop*, at most to the end."""
        stop = min(stop, self.size_bytes)
        if stop - start > _MAX_READ_BYTES:
            raise ValueError(f"a part of more than {_MAX_READ_BYTES} bytes")
        return self._part(start, stop) if start < stop else b""


class FetchedParts:
    """The parts of an archive that have been fetched so far."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, bytes]] = []

    def add(self, start: int, body: bytes) -> None:
        """Keep *body*, which stands at *start*."""
        self._parts.append((start, body))

    def __call__(self, start: int, stop: int) -> bytes:
        """Return the bytes from *start* to *stop*; raise `MissingPart` if no part holds them all."""
        for first, body in self._parts:
            if first <= start and stop <= first + len(body):
                return body[start - first : stop - first]
        raise MissingPart(start, stop)


def view_of(stream: IO[bytes]) -> ArchiveView:
    """Return a view of an open file."""

    def part(start: int, stop: int) -> bytes:
        stream.seek(start)
        return stream.read(stop - start)

    return ArchiveView(stream.seek(0, 2), part)


def read_wheel_metadata(view: ArchiveView, filename: str) -> bytes:
    """Return the METADATA of the wheel *filename*.

    Raise `MissingPart` if that takes bytes not at hand, `MetadataUnusableError` if the archive is broken, has not
    exactly one METADATA, or has that of another file.
    """
    try:
        with zipfile.ZipFile(view) as archive:
            member = _metadata_member(archive, filename)
            # All of it at once: zipfile would ask for small pieces, each of them a request. The local header's
            # extra field may be longer than the central one.
            header_size = 30 + 4 * len(member.orig_filename) + len(member.extra) + 512
            view.part(member.header_offset, member.header_offset + header_size + member.compress_size)
            with archive.open(member) as stream:
                return stream.read(MAX_METADATA_BYTES + 1)
    except _BROKEN as error:
        raise MetadataUnusableError(filename, f"the archive is broken: {error}") from error


def _metadata_member(archive: zipfile.ZipFile, filename: str) -> zipfile.ZipInfo:
    # The original names: the cleaned ones differ by the host's path separator.
    members = [info for info in archive.infolist() if ".dist-info/" in info.orig_filename]
    top_level = [(info.orig_filename.partition("/"), info) for info in members]
    folders = {folder for (folder, _, _), _ in top_level if folder.endswith(".dist-info")}
    found = [info for (folder, _, rest), info in top_level if folder in folders and rest == "METADATA"]
    if len(folders) != 1 or len(found) != 1:
        raise MetadataUnusableError(
            filename, f"the archive has {len(folders)} dist-info folders and {len(found)} METADATA in them"
        )
    folder = folders.pop()
    if not is_dist_info_of(folder, filename):
        raise MetadataUnusableError(filename, f"the archive has {folder[:100]} instead of its own dist-info folder")
    if found[0].file_size > MAX_METADATA_BYTES:
        raise MetadataUnusableError(filename, f"it is larger than {MAX_METADATA_BYTES} bytes")
    return found[0]
