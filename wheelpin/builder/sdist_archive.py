"""Read single files of an sdist without unpacking it: it is hostile until proven otherwise, and nothing of it runs."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast

from wheelpin.builder.errors import SourceRefusedError

WANTED = ("PKG-INFO", "pyproject.toml")
"""What stands in an sdist's one top folder and is read."""
SDIST_ENDINGS = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")

MOST_PACKED_BYTES = 2 * 1024**3
_MOST_UNPACKED_BYTES = 8 * 1024**3
_MOST_MEMBERS = 250_000
_MOST_READ_BYTES = 8 * 1024**2
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
)


def read_sdist(path: Path) -> Mapping[str, bytes]:
    """Return the content of those of `WANTED` that the sdist has; raise `SourceRefusedError`."""
    try:
        if path.stat().st_size > MOST_PACKED_BYTES:
            raise SourceRefusedError(path.name, f"it has more than {MOST_PACKED_BYTES:,} bytes")
        if path.name.endswith(".zip"):
            return _read_zip(path)
        with _unpacked(path) as stream:
            return _read_tar(path.name, stream)
    except _BROKEN as error:
        raise SourceRefusedError(
            path.name, f"the archive cannot be read: {str(error) or type(error).__name__}"
        ) from error


def _unpacked(path: Path) -> IO[bytes]:
    if path.name.endswith((".tar.gz", ".tgz")):
        return cast(IO[bytes], gzip.open(path, "rb"))
    if path.name.endswith(".tar.bz2"):
        return cast(IO[bytes], bz2.open(path, "rb"))
    if path.name.endswith(".tar.xz"):
        return cast(IO[bytes], lzma.open(path, "rb"))
    raise SourceRefusedError(path.name, f"an sdist's name ends in {', '.join(SDIST_ENDINGS)}")


def _read_tar(name: str, stream: IO[bytes]) -> Mapping[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=cast(IO[bytes], _Capped(name, stream)), mode="r|") as archive:
        for count, member in enumerate(archive):
            if count > _MOST_MEMBERS:
                raise SourceRefusedError(name, f"it has more than {_MOST_MEMBERS} members")
            wanted = _wanted(member.name)
            if wanted is None or not member.isreg():
                continue
            _refuse_long(name, wanted, member.size)
            content = archive.extractfile(member)
            assert content is not None
            found[wanted] = content.read()
    return found


def _read_zip(path: Path) -> Mapping[str, bytes]:
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if (wanted := _wanted(member.filename)) is None:
                continue
            _refuse_long(path.name, wanted, member.file_size)
            with archive.open(member) as stream:
                found[wanted] = stream.read(_MOST_READ_BYTES)
    return found


def _wanted(member: str) -> str | None:
    parts = member.removeprefix("./").split("/")
    return parts[1] if len(parts) == 2 and parts[1] in WANTED else None


def _refuse_long(name: str, member: str, size_bytes: int) -> None:
    if size_bytes > _MOST_READ_BYTES:
        raise SourceRefusedError(name, f"its {member} has {size_bytes:,} bytes")


class _Capped:
    """Passes a stream on until it has become too long: archives of a few bytes unpack to any length."""

    def __init__(self, name: str, stream: IO[bytes]) -> None:
        self._name, self._stream, self._left = name, stream, _MOST_UNPACKED_BYTES

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        piece = self._stream.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise SourceRefusedError(self._name, f"it unpacks to more than {_MOST_UNPACKED_BYTES:,} bytes")
        return piece
