"""Files of one wheel that are laid together, described so plainly that another process can do it.

What cannot be laid is left out and not told of: it is laid again by who can say what is wrong.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from wheelpin.bundle.content import ContentCheck, iter_packed, read_whole
from wheelpin.bundle.file_writer import FileToLay, lay_file
from wheelpin.bundle.refusal import WheelRefusedError
from wheelpin.bundle.tree import FromWheel, Made, TreeFile
from wheelpin.bundle.wheel import Wheel
from wheelpin.bundle.zip_directory import ZipEntry
from wheelpin.folders.kept_files import KeptFiles, State
from wheelpin.values import Sha256

Packed = tuple[int, int, int, int]
"""Where a member lies in its wheel: method, CRC-32, first byte, length in bytes."""

Order = tuple[str, str, int, int, Packed | bytes]
"""Path in the folder, sha256, size in bytes, mode, and where the content is or what it is."""

Batch = tuple[str, str, str | None, tuple[Order, ...]]
"""Folder, wheel, the cache folder that may keep files, and what is to be laid; the paths are absolute."""

Report = tuple[str, State] | None
"""Where below the cache folder a file is kept, empty if it is not, and its state; None if it was not laid."""

_MOST_BYTES, _MOST_FILES = 4 * 1024 * 1024, 100
_HERE = "."


def iter_batches(wheel: Wheel, files: Iterable[TreeFile], folder: str, cache_dir: str | None) -> Iterator[Batch]:
    """Yield batches of the wheel's own files and those made for it, the largest files first."""
    place = os.path.abspath(wheel.path)  # noqa: PTH100 - the reader may be in another folder
    orders: list[Order] = []
    size_bytes = 0
    for file in sorted(files, key=lambda file: -file.size_bytes):
        if (order := _order(file)) is None:
            continue
        orders.append(order)
        size_bytes += file.size_bytes
        if size_bytes >= _MOST_BYTES or len(orders) == _MOST_FILES:
            yield folder, place, cache_dir, tuple(orders)
            orders, size_bytes = [], 0
    if orders:
        yield folder, place, cache_dir, tuple(orders)


def _order(file: TreeFile) -> Order | None:
    match file.content:
        case FromWheel(_, member):
            entry = member.entry
            packed = entry.method, entry.crc, entry.data_start, entry.compressed_bytes
            return file.path, file.sha256, file.size_bytes, file.mode, packed
        case Made(body):
            return file.path, file.sha256, file.size_bytes, file.mode, body
        case _:
            return None


def lay_batch(batch: Batch, kept: KeptFiles, *, goes_on: Callable[[], bool]) -> tuple[Report, ...]:
    """Lay the files of *batch* while it *goes_on*; return what became of each. The folders are there."""
    folder, place, _, orders = batch
    try:
        with open(place, "rb", buffering=0) as wheel:  # noqa: PTH123 - hundreds of times a run
            return tuple([_lay(order, folder, kept, wheel) if goes_on() else None for order in orders])
    except OSError:
        return (None,) * len(orders)


def lay_batch_here(batch: Batch, kept: KeptFiles, *, goes_on: Callable[[], bool]) -> tuple[Report, ...]:
    """Do as `lay_batch` in this process' own folder, which is that of the batch whatever its name is by now."""
    return lay_batch((_HERE, *batch[1:]), kept, goes_on=goes_on)


def _lay(order: Order, folder: str, kept: KeptFiles, wheel: BinaryIO) -> Report:
    path, sha256, _, mode, _ = order
    try:
        return lay_file(folder, FileToLay(path, sha256, mode), kept=kept, pieces=lambda: _pieces(order, wheel))
    except (WheelRefusedError, OSError):
        return None


def _pieces(order: Order, wheel: BinaryIO) -> Iterable[bytes]:
    path, sha256, size_bytes, mode, content = order
    if isinstance(content, bytes):
        return (content,)
    method, crc, data_start, compressed_bytes = content
    entry = ZipEntry(
        name=path,
        method=method,
        crc=crc,
        compressed_bytes=compressed_bytes,
        size_bytes=size_bytes,
        mode=mode,
        data_start=data_start,
    )
    body = read_whole(wheel, entry, Sha256(sha256))
    return (body,) if body is not None else _checked(entry, wheel, Sha256(sha256))


def _checked(entry: ZipEntry, wheel: BinaryIO, sha256: Sha256) -> Iterator[bytes]:
    check = ContentCheck(entry, "", sha256)
    for packed in iter_packed(wheel, entry):
        yield from check.unpack(packed)
    check.finish()
