"""What a bundle is made of: every file with its place, its owner and where its bytes come from."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, assert_never

from msgspec import Struct

from wheelpin.bundle.wheel import Member, Wheel, WheelUnreadableError
from wheelpin.errors import InputError
from wheelpin.values import Sha256

_READ_BYTES = 256 * 1024


class SourceChangedError(InputError):
    """A file of the user's changed while it was being bundled."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path
        self.hint = "run again when nothing writes there"

    def __str__(self) -> str:
        return f"{self.path} changed while it was being bundled"


class FromWheel(Struct, frozen=True):
    """A member as it stands in its wheel."""

    wheel: Wheel
    member: Member


class Made(Struct, frozen=True):
    """Bytes that wheelpin writes itself."""

    body: bytes


class FromDisk(Struct, frozen=True):
    """A file of the user's, as it was when it was listed."""

    path: Path
    crc: int


Content = FromWheel | Made | FromDisk


class TreeFile(Struct, frozen=True, kw_only=True):
    """One file of a bundle."""

    path: str
    """Relative to the bundle's root, POSIX, safe on every system."""
    owner: str
    """The project that it belongs to; the first by name if several brought the same bytes."""
    content: Content
    size_bytes: int
    sha256: Sha256
    is_executable: bool = False

    @property
    def mode(self) -> int:
        """Readable for all, whatever the wheel says: platforms run functions as another user."""
        return 0o755 if self.is_executable else 0o644


class Tree(Struct, frozen=True, kw_only=True):
    """All files of a bundle, sorted by path; no two paths collide."""

    files: tuple[TreeFile, ...]
    wheels: tuple[Wheel, ...]
    """Sorted by project."""

    @property
    def size_bytes(self) -> int:
        """What the files have unpacked, as platforms count it."""
        return sum(file.size_bytes for file in self.files)

    @property
    def top_names(self) -> frozenset[str]:
        """The first parts of all paths, without suffixes: there is nothing else to import from it."""
        return frozenset(file.path.partition("/")[0].partition(".")[0] for file in self.files)


class ContentReader:
    """Read contents, keeping the wheels open between their members; a context manager, for one thread."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._streams: dict[Path, BinaryIO] = {}

    def __enter__(self) -> "ContentReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def iter_content(self, file: TreeFile) -> Iterator[bytes]:
        """Yield the bytes of *file*; raise `WheelRefusedError` or `SourceChangedError`, at the latest at the end."""
        match file.content:
            case FromWheel(wheel, member):
                yield from wheel.iter_content(member, self.stream(wheel.path))
            case Made(body):
                yield body
            case FromDisk(path):
                yield from self._iter_source(path, file)
            case _:
                assert_never(file.content)

    def iter_packed(self, file: TreeFile) -> Iterator[bytes]:
        """Yield what stands for *file* in an archive: a member of a wheel as it was packed, the rest as it is."""
        match file.content:
            case FromWheel(wheel, member):
                yield from wheel.iter_packed(member, self.stream(wheel.path))
            case _:
                yield from self.iter_content(file)

    def stream(self, path: Path) -> BinaryIO:
        """Return the open wheel at *path*."""
        if path not in self._streams:
            try:
                self._streams[path] = self._stack.enter_context(path.open("rb", buffering=0))
            except OSError as error:
                raise WheelUnreadableError(str(path), error.strerror or str(error)) from error
        return self._streams[path]

    def _iter_source(self, path: Path, file: TreeFile) -> Iterator[bytes]:
        hasher, left_bytes = hashlib.sha256(), file.size_bytes
        try:
            with path.open("rb") as stream:
                while left_bytes and (piece := stream.read(min(left_bytes, _READ_BYTES))):
                    hasher.update(piece)
                    left_bytes -= len(piece)
                    yield piece
                is_same = not stream.read(1) and hasher.hexdigest() == file.sha256
        except OSError:
            is_same = False
        if not is_same:
            raise SourceChangedError(str(path))
