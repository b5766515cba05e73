"""Built wheels in the folder that locks pin them from: one file for all targets that would get the same one."""

import zipfile
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.builder.kept import adopt, write_record
from wheelpin.builder.provenance import ENDING, BuildRecord, parse_record
from wheelpin.target import Target
from wheelpin.wheelhouse import sha256_of

_SAYS_HOW_IT_WAS_MADE = (".dist-info/WHEEL", ".dist-info/RECORD")


class HousedBuild(Struct, frozen=True, kw_only=True):
    """A wheel in its folder, and its record beside it."""

    path: Path
    record: BuildRecord


def read_records(folder: Path) -> tuple[HousedBuild, ...]:
    """Return those wheels of *folder*, and of the folders in it, that are what their records say."""
    found = []
    for path in sorted(folder.rglob(f"*{ENDING}")) if folder.is_dir() else ():
        try:
            record = parse_record(path.read_bytes())
        except OSError:
            continue
        if record is None or path.name != f"{record.wheel}{ENDING}":
            continue
        wheel = path.with_name(record.wheel)
        if sha256_of(wheel) == record.sha256:
            found.append(HousedBuild(path=wheel, record=record))
    return tuple(found)


def house(path: Path, record: BuildRecord, folder: Path, target: Target) -> HousedBuild:
    """Give a wheel that was built for *target* its place; raise `FileNotWritableError`.

    Where another target's wheel has its name, that one serves if it holds the same and *target* takes it; else this
    one goes into a folder named after the target.
    """
    there = next((each for each in read_records(folder) if each.path == folder / path.name), None)
    if there is None or target.spelling in there.record.targets:
        return _put(path, record, folder)
    if record.sha256 != there.record.sha256 and _contents(path) != _contents(there.path):
        return _put(path, record, folder / target.name)
    targets = tuple(sorted({*there.record.targets, target.spelling}))
    shared = replace(there.record, targets=targets)
    write_record(shared, folder)
    return HousedBuild(path=there.path, record=shared)


def _put(path: Path, record: BuildRecord, folder: Path) -> HousedBuild:
    placed = adopt(path, folder)
    write_record(record, folder)
    return HousedBuild(path=placed, record=record)


def _contents(path: Path) -> dict[str, int]:
    """Return the checksums of what a wheel installs, without the files that tell which tool packed it."""
    with zipfile.ZipFile(path) as archive:
        return {
            member.filename: member.CRC
            for member in archive.infolist()
            if not member.filename.endswith(_SAYS_HOW_IT_WAS_MADE)
        }
