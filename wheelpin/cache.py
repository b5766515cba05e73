"""Small blobs kept between runs: shared by many processes, any of which may be killed at any moment.

A blob lies under ``ROOT/KIND/ab/cdef…`` by the SHA-256 of its key. It is written beside its place and moved
there, so readers see an old blob, a new one or none. Nothing is forced to the disk: after a power cut a blob may
be torn, and its header tells.
"""

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from msgspec import Struct

from wheelpin.blobs import blob_path, read_blob, wrapped
from wheelpin.inflate import crc32
from wheelpin.ports import Reporter

_KIND = re.compile(r"[a-z][a-z0-9-]*")
_SHARD = re.compile(r"[0-9a-f]{2}")
_BLOB = re.compile(r"[0-9a-f]{62}")
_LOGS, _LOG = re.compile(r"logs"), re.compile(r".+\.log")
"""Builds that failed leave their logs beside the blobs."""
_FILE = re.compile(rf"{_BLOB.pattern}|\.[0-9a-f]{{16}}\.part")
_ABANDONED_AFTER = timedelta(hours=1)
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Wheelpin's cache: safe to delete, useless to back up.\n"
"""Backup programs skip a folder that holds a file of this name and text."""


class Usage(Struct, frozen=True, kw_only=True):
    """How much of a cache something takes."""

    blobs: int
    size_bytes: int


class Cache:
    """A store of blobs by kind and key, which never ends a run: what cannot be read is missing.

    A kind names what its blobs are and the version of their format: ``pages-1``. Whoever changes the format counts
    up, and old blobs go when they are pruned.
    """

    def __init__(self, root: Path, reporter: Reporter) -> None:
        self._root, self._folder = root, str(root)
        self._reporter = reporter
        self._is_writable = True
        # What nobody else calls an unfinished blob of his: by chance, then by counting.
        self._name, self._numbers = os.urandom(4).hex(), count()

    def get(self, kind: str, key: str) -> bytes | None:
        """Return the blob last put under *key*, or None."""
        path = self._path(kind, key)
        try:
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - hundreds a run, and pathlib doubles their cost
                blob = read_blob(file, crc32)
        except OSError:
            return None
        if blob is None:
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108
        return blob

    def put(self, kind: str, key: str, *parts: bytes | memoryview) -> None:
        """Keep the blob of *parts* under *key*; the first failure is reported, and then nothing is kept any more."""
        if not self._is_writable:
            return
        path = self._path(kind, key)
        try:
            try:
                self._write(path, parts)
            except FileNotFoundError:
                os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
                self._tag()
                self._write(path, parts)
        except OSError as error:
            self._is_writable = False
            self._reporter.warning(
                f"the cache in {self._root} cannot be written, so nothing is kept: {error.strerror or error}"
            )

    def drop(self, kind: str, key: str) -> None:
        """Remove the blob under *key*, if there is one and it can be removed."""
        with contextlib.suppress(OSError):
            os.unlink(self._path(kind, key))  # noqa: PTH108

    def usage(self) -> dict[str, Usage]:
        """Count the blobs of each kind."""
        found: dict[str, Usage] = {}
        for kind, path in self._files():
            if _is_whole(path):
                with contextlib.suppress(OSError):
                    so_far = found.get(kind, Usage(blobs=0, size_bytes=0))
                    found[kind] = Usage(blobs=so_far.blobs + 1, size_bytes=so_far.size_bytes + path.stat().st_size)
        return found

    def prune(self, now: datetime, max_age: timedelta) -> Usage:
        """Remove what was neither written nor read for *max_age*, and what killed runs left; return how much.

        Reading counts only on file systems that note it.
        """
        return self._remove(now, max_age=max_age, unfinished_max_age=_ABANDONED_AFTER)

    def clear(self) -> Usage:
        """Remove everything, but only what a cache puts into its folder; return how much."""
        return self._remove(datetime.max.replace(tzinfo=UTC), max_age=timedelta(), unfinished_max_age=timedelta())

    def _path(self, kind: str, key: str) -> str:
        if _KIND.fullmatch(kind) is None:
            raise ValueError(kind)
        return f"{self._folder}/{blob_path(kind, key)}"

    def _write(self, path: str, parts: Sequence[bytes | memoryview]) -> None:
        unfinished = f"{os.path.dirname(path)}/.{self._name}{next(self._numbers) & 0xFFFFFFFF:08x}.part"  # noqa: PTH120
        try:
            with open(unfinished, "xb") as file:  # noqa: PTH123 - as above
                file.writelines(wrapped(*parts, crc32=crc32))
            try:
                os.replace(unfinished, path)  # noqa: PTH105
            except PermissionError:
                # Windows replaces no file that somebody reads just now. The blob that is there serves as well.
                if not os.path.exists(path):  # noqa: PTH110
                    raise
                os.unlink(unfinished)  # noqa: PTH108
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(unfinished)  # noqa: PTH108
            raise

    def _remove(self, now: datetime, *, max_age: timedelta, unfinished_max_age: timedelta) -> Usage:
        blobs = size_bytes = 0
        for _, path in self._files():
            is_blob = _is_whole(path)
            with contextlib.suppress(OSError):
                facts = path.stat()
                touched_at = datetime.fromtimestamp(max(facts.st_mtime, facts.st_atime), UTC)
                if now - touched_at > (max_age if is_blob else unfinished_max_age):
                    path.unlink()
                    blobs += is_blob
                    size_bytes += facts.st_size
        return Usage(blobs=blobs, size_bytes=size_bytes)

    def _files(self) -> Iterator[tuple[str, Path]]:
        """Yield kind and path of what this cache wrote, and of nothing else that lies in its folder."""
        for kind in _entries(self._root, _KIND):
            for shard in _entries(kind, _SHARD):
                for path in _entries(shard, _FILE):
                    yield kind.name, path
        for logs in _entries(self._root, _LOGS):
            for path in _entries(logs, _LOG):
                yield logs.name, path

    def _tag(self) -> None:
        with contextlib.suppress(FileExistsError), (self._root / "CACHEDIR.TAG").open("x", encoding="ascii") as tag:
            tag.write(_TAG)


def _is_whole(path: Path) -> bool:
    return path.suffix == ".log" or _BLOB.fullmatch(path.name) is not None


def _entries(folder: Path, names: re.Pattern[str]) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if names.fullmatch(path.name))
    except OSError:
        return []
