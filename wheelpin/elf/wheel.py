"""The binaries of a wheel: every member probed, every ELF file read, without unpacking anything to disk."""

import posixpath
import re
import zipfile
import zlib
from typing import BinaryIO

from msgspec import Struct

from wheelpin.elf.facts import ElfFacts, read_elf
from wheelpin.elf.headers import ELF_MAGIC, HEADER_BYTES, BinaryKind, binary_architecture
from wheelpin.elf.image import printable
from wheelpin.elf.modules import ModuleName, parse_module_name
from wheelpin.elf.window import BrokenBinaryError
from wheelpin.errors import InputError, IntegrityError


class NoWheelNameError(InputError):
    """A file to audit is not named as wheels are, so that it claims nothing that could be checked."""

    def __init__(self, filename: str) -> None:
        super().__init__(filename)
        self.filename = filename
        self.hint = "a wheel is named project-version-interpreter-abi-platform.whl"

    def __str__(self) -> str:
        return f"{self.filename} is not the name of a wheel"


class WheelUnreadableError(IntegrityError):
    """A file to audit is no archive."""

    def __init__(self, filename: str, reason: str) -> None:
        super().__init__(filename, reason)
        self.filename, self.reason = filename, reason

    def __str__(self) -> str:
        return f"{self.filename} cannot be read as a wheel: {self.reason}"


class WheelTags(Struct, frozen=True, kw_only=True):
    """The three compressed sets of a wheel's name (PEP 425)."""

    interpreters: tuple[str, ...]
    abis: tuple[str, ...]
    platforms: tuple[str, ...]

    def __str__(self) -> str:
        return "-".join(".".join(part) for part in (self.interpreters, self.abis, self.platforms))


class ElfFile(Struct, frozen=True, kw_only=True):
    """An ELF file of a wheel."""

    path: str
    """The member's name."""
    installed_path: str
    """Where an installer puts it, from ``site-packages`` on."""
    facts: ElfFacts

    @property
    def module(self) -> ModuleName | None:
        """What its name says as an extension module, if it is one that Python can find."""
        is_module = self.facts.is_module(self.path.rpartition("/")[2])
        return parse_module_name(self.installed_path) if is_module else None

    @property
    def is_in_purelib(self) -> bool:
        """Tell whether it lies in the part of a wheel that is for all machines alike."""
        return bool(_PURELIB.match(self.path))


class OtherBinary(Struct, frozen=True, kw_only=True):
    """A binary of a wheel for another system than Linux."""

    path: str
    kind: BinaryKind


class UnreadableFile(Struct, frozen=True, kw_only=True):
    """A member that looks like an ELF file, or is no sound member, and cannot be judged."""

    path: str
    reason: str


class WheelBinaries(Struct, frozen=True, kw_only=True):
    """A wheel's claims, and everything in it that a machine runs."""

    filename: str
    tags: WheelTags
    is_root_purelib: bool
    """The WHEEL file puts the whole wheel into the part for all machines alike."""
    elf_files: tuple[ElfFile, ...]
    """Sorted by path."""
    others: tuple[OtherBinary, ...]
    unreadable: tuple[UnreadableFile, ...]

    @property
    def claims_a_platform(self) -> bool:
        """Tell whether any of its tags names a platform."""
        return self.tags.platforms != ("any",)

    @property
    def lost_its_binaries(self) -> bool:
        """Tell whether it claims a platform and holds nothing that would need one.

        Builds leave optional extensions out without an error; this is how it shows.
        """
        return self.claims_a_platform and not (self.elf_files or self.others or self.unreadable)


_NAME = re.compile(r"[^-]+-[^-]+(?:-\d[^-]*)?-(?P<tags>[^-]+-[^-]+-[^-]+)\.whl")
_PURELIB = re.compile(r"[^/]+\.data/purelib/")
_INSTALLED_AT_ROOT = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")
_ROOT_IS_PURELIB = re.compile(rb"^Root-Is-Purelib:\s*true\s*$", re.MULTILINE | re.IGNORECASE)
_WHEEL_FILE = re.compile(r"[^/]+\.dist-info/WHEEL")
_SOURCE_ENDINGS = (".py", ".pyi")
_LINUX_MODULE = re.compile(r".+\.cpython-\d+[a-z]*-[\w-]*linux[\w-]*\.so|.+\.pypy\d+-pp\d+-[\w-]*linux[\w-]*\.so")
"""Nothing but an extension module for Linux is called that."""
_MOST_TAGS = 64
_LARGEST_WHEEL_FILE = 1024 * 1024
_HIGHEST_RATIO = 200
_UNSUSPICIOUS_SIZE = 64 * 1024 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MEMBER_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
"""What zipfile raises for members that are broken, lie about themselves or are encrypted."""


def parse_wheel_tags(filename: str) -> WheelTags:
    """Read the tags of a wheel's name; raise `NoWheelNameError`."""
    match = _NAME.fullmatch(filename)
    parts = [tuple(part.split(".")) for part in match["tags"].lower().split("-")] if match else []
    if not parts or max(map(len, parts)) > _MOST_TAGS:
        raise NoWheelNameError(filename)
    return WheelTags(interpreters=parts[0], abis=parts[1], platforms=parts[2])


def read_wheel_binaries(stream: BinaryIO, filename: str) -> WheelBinaries:
    """Read the binaries of the wheel in the seekable *stream*; *filename* is its name without a folder.

    What is wrong with a member is part of the answer. Raise `NoWheelNameError` and `WheelUnreadableError`.
    """
    tags = parse_wheel_tags(filename)
    elf_files: list[ElfFile] = []
    others: list[OtherBinary] = []
    unreadable: list[UnreadableFile] = []
    is_root_purelib = False
    try:
        with zipfile.ZipFile(stream) as archive:
            for member in archive.infolist():
                if _WHEEL_FILE.fullmatch(member.filename):
                    is_root_purelib |= _is_root_purelib(archive, member)
                match _read_member(archive, member):
                    case ElfFile() as file:
                        elf_files.append(file)
                    case OtherBinary() as other:
                        others.append(other)
                    case UnreadableFile() as broken:
                        unreadable.append(broken)
                    case None:
                        pass
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise WheelUnreadableError(filename, str(error)) from error
    return WheelBinaries(
        filename=filename,
        tags=tags,
        is_root_purelib=is_root_purelib,
        elf_files=tuple(sorted(elf_files, key=lambda file: file.path)),
        others=tuple(sorted(others, key=lambda other: other.path)),
        unreadable=tuple(sorted(unreadable, key=lambda broken: broken.path)),
    )


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> ElfFile | OtherBinary | UnreadableFile | None:
    # Not `is_dir`, which a name of no letters is too short for.
    if member.filename.endswith(("/", *_SOURCE_ENDINGS)):
        return None
    path = printable(member.filename.encode("utf-8", "surrogateescape"))
    if not member.file_size:
        return UnreadableFile(path=path, reason="it is empty") if _LINUX_MODULE.fullmatch(path) else None
    if reason := _reason_to_refuse(member):
        return UnreadableFile(path=path, reason=reason)
    try:
        with archive.open(member) as stream:
            header = stream.read(HEADER_BYTES)
            if not header.startswith(ELF_MAGIC):
                kind = binary_architecture(header)
                if kind is None and _LINUX_MODULE.fullmatch(path):
                    return UnreadableFile(path=path, reason="it is named as an extension module and is no binary")
                return OtherBinary(path=path, kind=kind) if kind else None
            stream.seek(0)
            facts = read_elf(stream)
    except BrokenBinaryError as error:
        return UnreadableFile(path=path, reason=error.reason)
    except _MEMBER_ERRORS as error:
        return UnreadableFile(path=path, reason=str(error) or type(error).__name__)
    return ElfFile(path=path, installed_path=_installed_path(path), facts=facts)


def _reason_to_refuse(member: zipfile.ZipInfo) -> str | None:
    if member.compress_type not in _METHODS:
        return f"it is packed by method {member.compress_type}, which no installer needs to know"
    if member.file_size > max(_UNSUSPICIOUS_SIZE, _HIGHEST_RATIO * member.compress_size):
        return f"it claims to unpack from {member.compress_size} to {member.file_size} bytes"
    return None


def _is_root_purelib(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    try:
        with archive.open(member) as stream:
            text = stream.read(_LARGEST_WHEEL_FILE)
    except _MEMBER_ERRORS:
        return False
    return _ROOT_IS_PURELIB.search(text) is not None


def _installed_path(path: str) -> str:
    return posixpath.normpath(_INSTALLED_AT_ROOT.sub("", path))
