"""The least that filling a folder from wheels takes here: inflate, digests, write and link, on two processes.

Where the members lie is found out before the clock starts, and they are dealt out by size; nothing is decided, checked
against anything or told. What a tool takes beyond this is its own.
"""

import argparse
import hashlib
import os
import shutil
import struct
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmark.measure import memory_folder
from wheelpin.inflate import RAW, new_inflater

_READ_BYTES, _PIECE_BYTES = 64 * 1024, 120 * 1024
_BYTES_A_FILE_IS_WORTH = 25_000


class _Member(NamedTuple):
    wheel: str
    place: int
    packed_bytes: int
    size_bytes: int
    is_packed: bool
    name: str


def _members(wheels: Iterable[Path]) -> list[_Member]:
    found = []
    for wheel in wheels:
        body = wheel.read_bytes()
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                name_bytes, extra_bytes = struct.unpack_from("<2H", body, entry.header_offset + 26)
                place = entry.header_offset + 30 + name_bytes + extra_bytes
                is_packed = entry.compress_type == zipfile.ZIP_DEFLATED
                found.append(
                    _Member(str(wheel), place, entry.compress_size, entry.file_size, is_packed, entry.filename)
                )
    return sorted((member for member in found if not member.name.endswith("/")), key=lambda each: -each.size_bytes)


def _dealt(members: Iterable[_Member]) -> tuple[list[_Member], list[_Member]]:
    hands: tuple[list[_Member], list[_Member]] = [], []
    loads = [0, 0]
    for member in members:
        hand = loads.index(min(loads))
        hands[hand].append(member)
        loads[hand] += member.size_bytes + _BYTES_A_FILE_IS_WORTH
    return hands


def _fill(members: Iterable[_Member], wheels: Sequence[Path], folder: str, *, hashes_files: bool) -> None:
    for wheel in wheels:
        with wheel.open("rb") as file:
            hashlib.file_digest(file, "sha256").hexdigest()
    opened: dict[str, int] = {}
    for number, member in enumerate(members):
        if (wheel_fd := opened.get(member.wheel)) is None:
            wheel_fd = opened[member.wheel] = os.open(member.wheel, os.O_RDONLY)
        place = f"{folder}/filled/{member.name}"
        file_fd = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        hasher = hashlib.sha256()

        def take(piece: bytes, file_fd: int = file_fd, note: Callable[[bytes], None] = hasher.update) -> None:
            os.write(file_fd, piece)
            if hashes_files:
                note(piece)

        _unpack(member, wheel_fd, take)
        hasher.hexdigest()
        os.fstat(file_fd)
        os.close(file_fd)
        os.link(place, f"{folder}/kept/{os.getpid()}-{number}")


def _unpack(member: _Member, wheel_fd: int, take: Callable[[bytes], None]) -> None:
    inflater = new_inflater(RAW)
    done_bytes = 0
    while done_bytes < member.packed_bytes:
        packed = os.pread(wheel_fd, min(_READ_BYTES, member.packed_bytes - done_bytes), member.place + done_bytes)
        done_bytes += len(packed)
        if not member.is_packed:
            take(packed)
            continue
        while True:
            piece = inflater.decompress(packed, _PIECE_BYTES)
            packed = inflater.unconsumed_tail
            take(piece)
            if inflater.eof or (not packed and len(piece) < _PIECE_BYTES):
                break


def _seconds(wheels: Sequence[Path], folder: Path, *, hashes_files: bool) -> float:
    members = _members(wheels)
    for member in members:
        (folder / "filled" / member.name).parent.mkdir(parents=True, exist_ok=True)
    (folder / "kept").mkdir()
    first, second = _dealt(members)
    start = time.perf_counter()
    if (pid := os.fork()) == 0:
        _fill(first, wheels[::2], str(folder), hashes_files=hashes_files)
        os._exit(0)
    _fill(second, wheels[1::2], str(folder), hashes_files=hashes_files)
    os.waitpid(pid, 0)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheelhouse", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    wheels = sorted(arguments.wheelhouse.glob("*.whl"), key=lambda wheel: -wheel.stat().st_size)
    for hashes_files, what in ((True, "with the digest of every file"), (False, "without")):
        taken = []
        for _ in range(arguments.runs):
            with memory_folder() as folder:
                taken.append(_seconds(wheels, folder, hashes_files=hashes_files))
                shutil.rmtree(folder / "filled")
        print(f"{min(taken):.3f} s {what}")


if __name__ == "__main__":
    main()
