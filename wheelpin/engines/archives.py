"""Files into containers and out of them as tar streams (POSIX.1-2001), as neither shares a folder with the other.

What comes out is hostile: a build may have put anything there.
"""

import sys
import tarfile
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from typing import IO, cast

from wheelpin.engines.errors import HostileResultError
from wheelpin.safe_write import FileNotWritableError

MOST_BYTES = 4 * 1024 * 1024 * 1024
"""A bigger result is refused; the biggest wheels have a third of it."""
MOST_FILES = 100_000
_PIECE = 1024 * 1024


def pack(source: Path, folder: str, stream: IO[bytes]) -> None:
    """Write *source*, or what lies in it, as members below *folder*, all of it root's.

    Only what is executable for its owner is for others; raise `OSError` if something cannot be read.
    """
    root = PurePosixPath(folder.strip("/"))
    unpadded = _Unpadded(stream)
    with tarfile.open(fileobj=cast(IO[bytes], unpadded), mode="w|", format=tarfile.PAX_FORMAT) as archive:
        if not source.is_dir():
            _add(archive, source.resolve(), root / source.name)
        else:
            _add(archive, source, root)
            for path in sorted(source.rglob("*")):
                _add(archive, path, root / path.relative_to(source).as_posix())
        unpadded.end_at(archive.offset + 2 * tarfile.BLOCKSIZE)


def unpack(stream: IO[bytes], to: Path, *, most_bytes: int = MOST_BYTES) -> tuple[Path, ...]:
    """Write the members of a tar stream into the folder *to*, the name that they have in common left away.

    Return the files in the stream's order. Raise `HostileResultError` and `FileNotWritableError`.
    """
    written: list[Path] = []
    try:
        with tarfile.open(fileobj=_Capped(stream, most_bytes), mode="r|") as archive:
            for member in archive:
                written.extend(_unpacked(archive, member, to))
                if len(written) > MOST_FILES:
                    raise HostileResultError(member.name, f"there are more than {MOST_FILES} files")
    except tarfile.TarError as error:
        raise HostileResultError(str(to), f"the stream is no archive: {error}") from error
    return tuple(written)


def _unpacked(archive: tarfile.TarFile, member: tarfile.TarInfo, to: Path) -> Iterator[Path]:
    path = _path_of(member, to)
    try:
        match member.type:
            case tarfile.DIRTYPE:
                path.mkdir(parents=True, exist_ok=True)
            case tarfile.REGTYPE | tarfile.AREGTYPE:
                path.parent.mkdir(parents=True, exist_ok=True)
                content = archive.extractfile(member)
                assert content is not None
                with path.open("xb") as out:
                    while piece := content.read(_PIECE):
                        out.write(piece)
                path.chmod(0o755 if member.mode & 0o100 else 0o644)
                yield path
            case _:
                raise HostileResultError(member.name, "it is neither a file nor a folder")
    except FileExistsError as error:
        raise HostileResultError(member.name, "its name is taken") from error
    except OSError as error:
        raise FileNotWritableError(str(path), error.strerror or str(error)) from error


def _path_of(member: tarfile.TarInfo, to: Path) -> Path:
    """Return where a member goes: below *to*, without the first part of its name if it lies deeper."""
    parts = member.name.rstrip("/").split("/")
    if any(part in {"", ".."} or "\\" in part or "\0" in part for part in parts) or ":" in parts[0]:
        raise HostileResultError(member.name, "its name leads elsewhere")
    within = [part for part in parts if part != "."]
    if member.isdir():
        return to.joinpath(*within[1:])
    return to.joinpath(*(within[1:] or within))


class _Unpadded:
    """Passes an archive on without what follows its end mark: podman stops to read there, and fails over the rest."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._left = stream, sys.maxsize

    def write(self, piece: bytes) -> int:
        """Write as much of *piece* as belongs to the archive."""
        self._stream.write(piece[: self._left])
        self._left = max(0, self._left - len(piece))
        return len(piece)

    def end_at(self, size_bytes: int) -> None:
        """Say how long the archive is, counted from its beginning."""
        self._left = size_bytes - (sys.maxsize - self._left)


def _add(archive: tarfile.TarFile, path: Path, name: PurePosixPath) -> None:
    if path.is_socket():
        return
    member = archive.gettarinfo(path, arcname=str(name))
    # A link to a file that came before is spelled as that file once more.
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        return
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    if member.issym():
        archive.addfile(member)
        return
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    if member.isdir():
        archive.addfile(member)
        return
    member.type, member.linkname, member.size = tarfile.REGTYPE, "", path.stat().st_size
    with path.open("rb") as content:
        archive.addfile(member, content)


class _Capped(BufferedIOBase):
    """A stream that refuses to be read past a number of bytes."""

    def __init__(self, stream: IO[bytes], most_bytes: int) -> None:
        self._stream, self._left, self._most = stream, most_bytes, most_bytes

    def read(self, size: int | None = -1, /) -> bytes:
        piece = self._stream.read(-1 if size is None else size)
        self._left -= len(piece)
        if self._left < 0:
            raise HostileResultError("what is to be copied", f"it has more than {self._most} bytes")
        return piece
