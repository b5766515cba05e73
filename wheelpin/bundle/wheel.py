"""A wheel that has been looked through before anything of it is used."""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct, field
from packaging.utils import InvalidWheelFilename, NormalizedName, parse_wheel_filename
from packaging.version import Version

from wheelpin.bundle.content import ContentCheck, iter_packed
from wheelpin.bundle.entry_points import Command, read_commands
from wheelpin.bundle.member_names import parent_folders, path_fault, script_fault
from wheelpin.bundle.record import UNRECORDED, RecordRow, read_record
from wheelpin.bundle.refusal import Refusal, WheelRefusedError
from wheelpin.bundle.zip_directory import ZipEntry, read_directory
from wheelpin.errors import InputError
from wheelpin.files import CoreMetadata
from wheelpin.index.metadata import MAX_METADATA_BYTES, is_dist_info_of, parse_metadata
from wheelpin.ports import MetadataUnusableError
from wheelpin.values import Sha256

DATA_SCHEMES = frozenset({"purelib", "platlib", "scripts", "data", "headers"})

_MAX_RECORD_BYTES = 64 * 1024 * 1024
_MAX_SMALL_FILE_BYTES = 1024 * 1024
_REGULAR_FILE, _FOLDER, _TYPE_BITS = 0o100000, 0o040000, 0o170000


class WheelUnreadableError(InputError):
    """The system does not let a wheel be read."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"cannot read {self.path}: {self.reason}"


class RecordRule(Enum):
    """What becomes of a wheel whose RECORD and members do not match."""

    REFUSE = "refuse"
    """The standard's rule."""
    WARN = "warn"
    """For wheels of old tools. The lock's digest of the whole file still holds."""


class Limits(Struct, frozen=True, kw_only=True):
    """How much one wheel may unpack to; past it a wheel is a bomb or a mistake."""

    members: int = 250_000
    size_bytes: int = 32 * 1024**3
    ratio: int = 200
    """Unpacked to packed bytes; counts above `harmless_bytes` only, as small files of zeros are common."""
    harmless_bytes: int = 256 * 1024 * 1024


class Strictness(Struct, frozen=True, kw_only=True):
    """How closely a wheel is looked at."""

    limits: Limits = field(default_factory=Limits)
    record: RecordRule = RecordRule.REFUSE


class Member(Struct, frozen=True, kw_only=True):
    """One plain file of a wheel."""

    entry: ZipEntry
    sha256: Sha256

    @property
    def path(self) -> str:
        """Its name in the archive: relative, POSIX, safe on every system."""
        return self.entry.name

    @property
    def is_executable(self) -> bool:
        """Tell whether anybody may execute it."""
        return bool(self.entry.mode & 0o111)


class Wheel(Struct, frozen=True, kw_only=True):
    """What there is to know of a wheel without unpacking it. Contents are checked as they are read."""

    path: Path
    project: NormalizedName
    version: Version
    tag_set: str
    """``py2.py3-none-any``."""
    size_bytes: int
    """Of the file."""
    dist_info: str
    members: tuple[Member, ...]
    """In the archive's order, without RECORD and its signatures."""
    metadata: CoreMetadata
    commands: tuple[Command, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def filename(self) -> str:
        """The name that says what the wheel is."""
        return self.path.name

    def iter_content(self, member: Member, stream: BinaryIO) -> Iterator[bytes]:
        """Yield a member's content from the open wheel; raise `WheelRefusedError`, at the latest at the end."""
        check = ContentCheck(member.entry, self.filename, member.sha256)
        for packed in iter_packed(stream, member.entry):
            yield from check.unpack(packed)
        check.finish()

    def iter_packed(self, member: Member, stream: BinaryIO) -> Iterator[bytes]:
        """Yield a member's bytes as they stand in the archive, checked like its content."""
        check = ContentCheck(member.entry, self.filename, member.sha256)
        for packed in iter_packed(stream, member.entry):
            for _ in check.unpack(packed):
                pass
            yield packed
        check.finish()


def open_wheel(path: Path, strictness: Strictness | None = None) -> Wheel:
    """Look through the wheel at *path*; raise `WheelRefusedError`, or `WheelUnreadableError` for the system's reasons.

    Nothing is unpacked but the files of the dist-info folder that say what the wheel is.
    """
    try:
        # Unbuffered: a member's header is far from the next one's, and a buffer would be filled for each.
        with path.open("rb", buffering=0) as stream:
            return _Inspection(path, stream, strictness or Strictness()).wheel()
    except OSError as error:
        raise WheelUnreadableError(str(path), error.strerror or str(error)) from error


def verify_contents(wheel: Wheel) -> None:
    """Read every member, so that a later reader meets no surprise; raise `WheelRefusedError`."""
    with wheel.path.open("rb") as stream:
        for member in wheel.members:
            for _ in wheel.iter_content(member, stream):
                pass


class _Inspection:
    def __init__(self, path: Path, stream: BinaryIO, strictness: Strictness) -> None:
        self._path = path
        self._stream = stream
        self._strictness = strictness
        self._warnings: list[str] = []

    def wheel(self) -> Wheel:
        try:
            project, version, _, _ = parse_wheel_filename(self._path.name)
        except InvalidWheelFilename as error:
            raise self._refuse(Refusal.DIST_INFO, detail=str(error)) from error
        limits = self._strictness.limits
        entries = read_directory(self._stream, self._path.name, max_members=limits.members)
        self._check_size(entries, self._stream.seek(0, 2))
        files = self._check_names(entries)
        dist_info = self._dist_info(files)
        self._check_data_folder(files)
        rows = read_record(self._small_file(files, f"{dist_info}/RECORD", _MAX_RECORD_BYTES), self._path.name)
        members = self._recorded(files, rows, dist_info)
        commands_path = f"{dist_info}/entry_points.txt"
        commands: tuple[Command, ...] = ()
        if commands_path in files:
            commands = read_commands(self._small_file(files, commands_path), self._path.name)
        metadata = self._metadata(files, dist_info)
        return Wheel(
            path=self._path,
            project=project,
            version=version,
            tag_set="-".join(self._path.name.removesuffix(".whl").split("-")[-3:]),
            size_bytes=self._stream.seek(0, 2),
            dist_info=dist_info,
            members=tuple(members),
            metadata=metadata,
            commands=commands,
            warnings=tuple(self._warnings),
        )

    def _refuse(self, refusal: Refusal, member: str | None = None, detail: str = "") -> WheelRefusedError:
        return WheelRefusedError(self._path.name, refusal, member=member, detail=detail)

    def _check_size(self, entries: Iterable[ZipEntry], archive_bytes: int) -> None:
        limits = self._strictness.limits
        size_bytes = sum(entry.size_bytes for entry in entries)
        if size_bytes > limits.size_bytes:
            raise self._refuse(Refusal.TOO_LARGE, detail=f"{size_bytes:,}, allowed are {limits.size_bytes:,}")
        if size_bytes > limits.harmless_bytes and size_bytes > limits.ratio * archive_bytes:
            raise self._refuse(Refusal.BOMB, detail=f"{size_bytes:,} bytes from {archive_bytes:,}")

    def _check_names(self, entries: Iterable[ZipEntry]) -> Mapping[str, ZipEntry]:
        """Return the plain files by name."""
        seen: set[str] = set()
        files: dict[str, ZipEntry] = {}
        for entry in entries:
            name = entry.name.removesuffix("/")
            if (fault := path_fault(name)) is not None:
                raise self._refuse(Refusal.UNSAFE_NAME, entry.name, fault)
            if not _is_plain(entry):
                raise self._refuse(Refusal.SPECIAL_FILE, entry.name)
            if name in seen:
                raise self._refuse(Refusal.TWICE, entry.name)
            seen.add(name)
            if not entry.is_folder:
                files[name] = entry
        innermost = {name.rpartition("/")[0] for name in seen} - {""}
        for folder in {each for inner in innermost for each in (inner, *parent_folders(inner))}:
            if folder in files:
                raise self._refuse(Refusal.TWICE, folder, "a file and a folder")
        return files

    def _dist_info(self, files: Mapping[str, ZipEntry]) -> str:
        folders = {name.partition("/")[0] for name in files if name.partition("/")[0].endswith(".dist-info")}
        if len(folders) != 1:
            raise self._refuse(Refusal.DIST_INFO, detail=", ".join(sorted(folders)) or "there is none")
        folder = folders.pop()
        if not is_dist_info_of(folder, self._path.name):
            raise self._refuse(Refusal.DIST_INFO, folder, "it belongs to another wheel")
        return folder

    def _check_data_folder(self, files: Mapping[str, ZipEntry]) -> None:
        folders: set[str] = set()
        for name in files:
            folder, _, rest = name.partition("/")
            if not folder.endswith(".data") or not rest:
                continue
            folders.add(folder)
            scheme, _, path = rest.partition("/")
            if scheme not in DATA_SCHEMES or not path:
                raise self._refuse(Refusal.DATA_FOLDER, name, f"{scheme!r} is no kind of files")
            if scheme == "scripts" and (fault := script_fault(path)) is not None:
                raise self._refuse(Refusal.SCRIPT_NAME, name, fault)
            if scheme in ("purelib", "platlib", "data") and path.partition("/")[0].endswith(".dist-info"):
                raise self._refuse(Refusal.DIST_INFO, name, "a second one by way of the data folder")
        foreign = {folder for folder in folders if not is_dist_info_of(f"{folder[:-5]}.dist-info", self._path.name)}
        if foreign or len(folders) > 1:
            raise self._refuse(Refusal.DATA_FOLDER, min(foreign or folders), "it belongs to another wheel")

    def _recorded(
        self, files: Mapping[str, ZipEntry], rows: Mapping[str, RecordRow], dist_info: str
    ) -> Iterator[Member]:
        unrecorded = {f"{dist_info}/{name}" for name in UNRECORDED}
        for name in sorted(rows.keys() - files.keys() - unrecorded):
            # Old tools list folders; those are no files that could be missing.
            if not name.endswith("/"):
                self._object(Refusal.RECORD_ONLY, name)
        for name, entry in files.items():
            if name in unrecorded:
                continue
            row = rows.get(name)
            sha256 = row.sha256 if row is not None else None
            if row is None:
                self._object(Refusal.NOT_RECORDED, name)
            elif sha256 is None:
                self._object(Refusal.NOT_HASHED, name)
            elif row.size_bytes not in (None, entry.size_bytes):
                self._object(Refusal.RECORD_DIFFERS, name, "its size")
            if sha256 is None or self._strictness.record is RecordRule.WARN:
                actual = self._digest(entry)
                if sha256 not in (None, actual):
                    self._object(Refusal.RECORD_DIFFERS, name)
                sha256 = actual
            yield Member(entry=entry, sha256=sha256)

    def _object(self, refusal: Refusal, member: str, detail: str = "") -> None:
        error = self._refuse(refusal, member, detail)
        if self._strictness.record is RecordRule.REFUSE:
            raise error
        self._warnings.append(str(error))

    def _digest(self, entry: ZipEntry) -> Sha256:
        check = ContentCheck(entry, self._path.name, None)
        for packed in iter_packed(self._stream, entry):
            for _ in check.unpack(packed):
                pass
        check.finish()
        return check.sha256

    def _small_file(self, files: Mapping[str, ZipEntry], name: str, max_bytes: int = _MAX_SMALL_FILE_BYTES) -> bytes:
        """Return the content of a file that says what the wheel is. RECORD has its say about it as about all."""
        entry = files.get(name)
        if entry is None:
            missing = Refusal.RECORD_MISSING if name.endswith("/RECORD") else Refusal.DIST_INFO
            raise self._refuse(missing, name, "it is not there")
        if entry.size_bytes > max_bytes:
            raise self._refuse(Refusal.TOO_LARGE, name, f"{entry.size_bytes:,} bytes")
        check = ContentCheck(entry, self._path.name, None)
        body = b"".join(piece for packed in iter_packed(self._stream, entry) for piece in check.unpack(packed))
        check.finish()
        return body

    def _metadata(self, files: Mapping[str, ZipEntry], dist_info: str) -> CoreMetadata:
        version = ""
        for line in self._small_file(files, f"{dist_info}/WHEEL").decode("utf-8", "replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip().lower() == "wheel-version":
                version = value.strip()
        if version.partition(".")[0] != "1":
            raise self._refuse(Refusal.WHEEL_VERSION, detail=repr(version[:40]))
        try:
            return parse_metadata(self._small_file(files, f"{dist_info}/METADATA", MAX_METADATA_BYTES), self._path.name)
        except MetadataUnusableError as error:
            raise self._refuse(Refusal.METADATA, detail=error.reason) from error


def _is_plain(entry: ZipEntry) -> bool:
    """Tell whether the entry is a file or an empty folder; many tools leave the type out, or wrong for folders."""
    kind = entry.mode & _TYPE_BITS
    if entry.is_folder:
        return kind in (0, _REGULAR_FILE, _FOLDER) and entry.size_bytes == 0
    return kind in (0, _REGULAR_FILE)
