"""Builds of earlier runs: in the cache by all that went into them, and in wheelhouses beside their wheels."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex

from wheelpin.builder.provenance import ENDING, BuildRecord, parse_record, record_to_json
from wheelpin.cache import Cache
from wheelpin.safe_write import FileNotWritableError, write_bytes_atomically
from wheelpin.values import Sha256
from wheelpin.wheelhouse import WheelStore

_BUILDS = "builds-1"
_REQUIREMENTS = "build-requires-1"


class KeptBuilds:
    """What the cache has of builds; without a cache nothing is found and nothing kept."""

    def __init__(self, cache: Cache | None, store: WheelStore) -> None:
        self._cache, self._store = cache, store

    def requirements(self, key: str) -> tuple[str, ...] | None:
        """Return what a build backend asked for when it was asked under *key*; None if it never was."""
        blob = None if self._cache is None else self._cache.get(_REQUIREMENTS, key)
        try:
            found = None if blob is None else json.loads(blob)
        except ValueError:
            return None
        return tuple(map(str, found)) if isinstance(found, list) else None

    def keep_requirements(self, key: str, texts: Sequence[str]) -> None:
        """Keep what a build backend asked for."""
        if self._cache is not None:
            self._cache.put(_REQUIREMENTS, key, json.dumps(list(texts)).encode())

    def wheel(self, key: str, folder: Path) -> BuildRecord | None:
        """Put the wheel that was built under *key* into *folder* and return its record, or None if none was."""
        blob = None if self._cache is None else self._cache.get(_BUILDS, key)
        record = None if blob is None else parse_record(blob)
        if record is None or "/" in record.wheel or not record.wheel.endswith(".whl"):
            return None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            is_there = self._store.supply(Sha256(record.sha256), folder / record.wheel)
        except OSError as error:
            raise FileNotWritableError(str(folder), error.strerror or str(error)) from error
        if not is_there:
            return None
        write_record(record, folder)
        return record

    def keep_wheel(self, key: str, record: BuildRecord, path: Path) -> None:
        """Keep a wheel that has been proven."""
        self._store.keep(Sha256(record.sha256), path)
        if self._cache is not None:
            self._cache.put(_BUILDS, key, record_to_json(record))


def write_record(record: BuildRecord, folder: Path) -> None:
    """Put the provenance of a wheel beside it."""
    write_bytes_atomically(folder / f"{record.wheel}{ENDING}", record_to_json(record))


def adopt(path: Path, folder: Path) -> Path:
    """Give a finished wheel its place in *folder*, whole at every moment; raise `FileNotWritableError`."""
    destination = folder / path.name
    part = folder / f".{token_hex(8)}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, part)
            part.replace(destination)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise FileNotWritableError(str(destination), error.strerror or str(error)) from error
    return destination
