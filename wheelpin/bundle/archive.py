"""Write a bundle as an archive, or check one that is there."""

import hashlib
import zipfile
from pathlib import Path

from msgspec import Struct

from wheelpin.bundle.folder_check import Differences
from wheelpin.bundle.sizes import require_budget
from wheelpin.bundle.tree import Tree
from wheelpin.bundle.zip_writer import ZipDate, ZipHeader, iter_zip
from wheelpin.errors import CheckFailedError, InputError
from wheelpin.folders.claim import claim_file, move_claimed
from wheelpin.folders.workspace import FolderBusyError
from wheelpin.safe_write import FileNotWritableError
from wheelpin.values import Sha256

_OTHER_FORMS = (
    *(".tar", ".gz", ".tgz", ".bz2", ".tbz", ".tbz2", ".xz", ".txz", ".lzma", ".tlz", ".zst", ".tzst", ".lz4", ".z"),
    *(".7z", ".rar", ".cab", ".deb", ".rpm", ".whl"),
)
"""Last suffixes, in lower case, by which people and programs know an archive that is no plain ZIP archive."""


class OtherArchiveError(InputError):
    """An archive is named as one of a form that is not written here."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path
        self.hint = f"name it {_with_zip(path.name)}: every platform that has a layout takes a ZIP archive"

    def __str__(self) -> str:
        return f"{self.path.as_posix()} is named {self.path.suffix}, and a bundle is a ZIP archive"


class ArchiveDiffersError(CheckFailedError):
    """An archive is not the one that would be written now."""

    def __init__(self, path: str, differences: Differences) -> None:
        super().__init__(path, differences)
        self.path, self.differences = path, differences

    def __str__(self) -> str:
        if self.differences == Differences():
            return f"{self.path} holds the right files, but is not the archive that wheelpin writes"
        return f"{self.path} is not what the lock says: {self.differences}"


class Written(Struct, frozen=True, kw_only=True):
    """An archive that was written."""

    path: Path
    sha256: Sha256
    size_bytes: int


def require_zip_name(path: Path) -> None:
    """Raise `OtherArchiveError` if *path* promises another form; ``.pyz``, no suffix at all and the like promise none.

    A wheel is a ZIP archive, too, but of one project and by its own rules.
    """
    if path.suffix.lower() in _OTHER_FORMS:
        raise OtherArchiveError(path)


def _with_zip(name: str) -> str:
    stem = name
    while (suffix := Path(stem).suffix).lower() in _OTHER_FORMS:
        stem = stem.removesuffix(suffix)
    return f"{stem}.zip"


def write_archive(tree: Tree, path: Path, *, most_bytes: int | None = None, epoch_s: int | None = None) -> Written:
    """Write *tree* to *path* in one step: the old archive or the new one is there at every moment.

    *epoch_s* dates the members, 1980 if None. Raise `BudgetExceededError` before anything is written,
    `FolderBusyError`, `FileNotWritableError`, and what reading contents raises.
    """
    require_budget(tree, most_bytes)
    hasher, size_bytes = hashlib.sha256(), 0
    part = unfinished_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if (stream := claim_file(part)) is None:
            raise FolderBusyError(str(path))
        with stream:
            try:
                stream.truncate(0)
                for piece in iter_zip(tree.files, ZipDate.of(epoch_s)):
                    hasher.update(piece)
                    size_bytes += len(piece)
                    stream.write(piece)
                move_claimed(stream, part, path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise FileNotWritableError(str(path), error.strerror or str(error)) from error
    return Written(path=path, sha256=Sha256(hasher.hexdigest()), size_bytes=size_bytes)


def unfinished_path(path: Path) -> Path:
    """Return where an archive grows; a killed run leaves it there, and the next one takes it over."""
    return path.with_name(f".{path.name}.part")


def check_archive(tree: Tree, path: Path, *, epoch_s: int | None = None) -> None:
    """Raise `ArchiveDiffersError` unless *path* holds, byte for byte, what `write_archive` would write."""
    date = ZipDate.of(epoch_s)
    try:
        with path.open("rb") as stream:
            is_same = all(stream.read(len(piece)) == piece for piece in iter_zip(tree.files, date))
            is_same = is_same and not stream.read(1)
    except OSError:
        is_same = False
    if not is_same:
        raise ArchiveDiffersError(str(path), _differences(tree, path, date))


def _differences(tree: Tree, path: Path, date: ZipDate) -> Differences:
    expected = {file.path: ZipHeader.of(file, date) for file in tree.files}
    try:
        with zipfile.ZipFile(path) as archive:
            present = {info.filename: (info.CRC, info.file_size) for info in archive.infolist()}
    except (OSError, zipfile.BadZipFile):
        present = {}
    changed = {name for name in expected.keys() & present.keys() if _facts(expected[name]) != present[name]}
    return Differences(
        missing=tuple(sorted(expected.keys() - present.keys())),
        changed=tuple(sorted(changed)),
        foreign=tuple(sorted(present.keys() - expected.keys())),
    )


def _facts(header: ZipHeader) -> tuple[int, int]:
    return header.crc, header.size_bytes
