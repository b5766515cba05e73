"""Decide where every file of some wheels goes, as an installer for the target would; nothing is touched here.

``purelib`` and ``platlib`` are one folder, the bundle's root. Of a ``.data`` folder, modules go there too, scripts
to ``bin/``, data to the root and headers to ``include/``. The host has no say: what is laid out for Linux on Windows
is what is laid out for Linux anywhere.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.bundle.member_names import parent_folders
from wheelpin.bundle.record import write_record
from wheelpin.bundle.scripts import Launcher, command_script, default_interpreter, fitted_script
from wheelpin.bundle.tree import FromWheel, Made, Tree, TreeFile
from wheelpin.bundle.wheel import Member, Wheel
from wheelpin.errors import InputError
from wheelpin.ignore_files import patterns_of
from wheelpin.target import MacOS, Target, Windows
from wheelpin.values import Sha256

_LARGEST_SCRIPT_BYTES = 1024 * 1024
"""A larger one is a program and no script, and nobody has to look at its first line."""

_WRITTEN_BY_INSTALLERS = frozenset({"INSTALLER", "REQUESTED", "direct_url.json"})

_WRAPPER_ENDINGS = ("", ".exe", "-script.py", "-script.pyw", ".pya")
"""Old tools put a command's script into the wheel, made for the machine that built it."""

SLIM_PATTERNS = (
    "tests/",
    "__pycache__/",
    *("*.pyi", "*.pyx", "*.pxd", "*.pxi"),
    *("*.c", "*.cc", "*.cpp", "*.h", "*.hpp", "*.f", "*.f90", "*.a"),
)
"""What running code does not read, as ignore files spell it; metadata stays, because running code does read that."""

ReadMember = Callable[[Wheel, Member], bytes]


class Part(Enum):
    """Files that a bundle may do without."""

    SCRIPTS = "scripts"
    DATA = "data"
    HEADERS = "headers"


class Layout(Struct, frozen=True, kw_only=True):
    """How wheels are laid out for one target."""

    launcher: Launcher
    interpreter: str
    """What scripts call."""
    ignores_case: bool
    """The target's file system takes ``A.py`` and ``a.py`` for one file."""
    left_out: frozenset[Part] = frozenset({Part.HEADERS})
    exclude: tuple[str, ...] = ()
    """Patterns as in an ignore file, for paths in the bundle."""

    @classmethod
    def of(
        cls,
        target: Target,
        *,
        interpreter: str | None = None,
        left_out: frozenset[Part] = frozenset({Part.HEADERS}),
        exclude: tuple[str, ...] = (),
    ) -> Self:
        """Return what the target's system calls for."""
        return cls(
            launcher=Launcher.of(target),
            interpreter=interpreter or default_interpreter(target),
            ignores_case=isinstance(target.platform, Windows | MacOS),
            left_out=left_out,
            exclude=exclude,
        )


class Collision(Struct, frozen=True):
    """Two owners bring different files for one place."""

    path: str
    first: str
    second: str
    other_path: str
    """The second's path: another only in case, or a file where the first has a folder."""


class CollisionError(InputError):
    """Some wheels cannot lie in one folder."""

    def __init__(self, collisions: tuple[Collision, ...]) -> None:
        super().__init__(collisions)
        self.collisions = collisions
        self.hint = f"if nothing needs the file, leave it out: --exclude {collisions[0].path}"

    def __str__(self) -> str:
        first = self.collisions[0]
        more = f" (and {len(self.collisions) - 1} more collisions)" if len(self.collisions) > 1 else ""
        other = "" if first.path == first.other_path else f", the latter as {first.other_path}"
        return f"{first.first} and {first.second} both have {first.path}{other}, and not the same file{more}"


def lay_out(wheels: Iterable[Wheel], layout: Layout, read: ReadMember) -> Tree:
    """Return the files of all wheels; *read* gives the content of scripts, which may have to be changed.

    Raise `CollisionError` where wheels differ about a place. Equal files of several wheels are one.
    """
    place = Placement(layout, read)
    for wheel in wheels:
        place.add(wheel)
    return place.tree()


class Placement:
    """The files of wheels, decided on wheel by wheel."""

    def __init__(self, layout: Layout, read: ReadMember) -> None:
        self._layout, self._read = layout, read
        # Mostly nothing is excluded, and thousands of files need not be asked about.
        self._is_excluded = patterns_of(layout.exclude).match_file if layout.exclude else _is_never_excluded
        self._placed: list[tuple[Wheel, tuple[TreeFile, ...]]] = []

    def add(self, wheel: Wheel) -> tuple[TreeFile, ...]:
        """Return the files of *wheel*, which will be in the tree unless another wheel has them too."""
        files = tuple(_files_of(wheel, self._layout, self._is_excluded, self._read))
        self._placed.append((wheel, files))
        return files

    def tree(self) -> Tree:
        """Return the files of all wheels; raise `CollisionError`."""
        ordered = sorted(self._placed, key=lambda each: each[0].project)
        files = [file for _, files in ordered for file in files]
        merged = merge(files, ignores_case=self._layout.ignores_case)
        return Tree(files=merged, wheels=tuple(wheel for wheel, _ in ordered))


def merge(files: Sequence[TreeFile], *, ignores_case: bool) -> tuple[TreeFile, ...]:
    """Return *files* sorted by path, equal ones of several owners once; raise `CollisionError`."""
    kept: dict[str, TreeFile] = {}
    collisions: list[Collision] = []
    for file in files:
        place = _place(file.path, ignores_case=ignores_case)
        known = kept.setdefault(place, file)
        if known is not file:
            if (known.sha256, known.path) != (file.sha256, file.path):
                collisions.append(Collision(known.path, known.owner, file.owner, file.path))
            elif file.is_executable and not known.is_executable:
                kept[place] = replace(known, is_executable=True)
    for place, file in kept.items():
        for folder in parent_folders(place):
            if folder in kept:
                collisions.append(Collision(kept[folder].path, kept[folder].owner, file.owner, file.path))
    if collisions:
        raise CollisionError(tuple(sorted(set(collisions), key=lambda each: (each.path, each.second))))
    return tuple(sorted(kept.values(), key=lambda file: file.path))


def made_file(path: str, owner: str, body: bytes, *, is_executable: bool = False) -> TreeFile:
    """Return a file of bytes that are known."""
    digest = Sha256(hashlib.sha256(body).hexdigest())
    return TreeFile(
        path=path,
        owner=owner,
        content=Made(body),
        size_bytes=len(body),
        sha256=digest,
        is_executable=is_executable,
    )


def _files_of(wheel: Wheel, layout: Layout, is_excluded: Callable[[str], bool], read: ReadMember) -> Iterator[TreeFile]:
    """Yield the wheel's files, then a RECORD of them."""
    placed = [*_placed_members(wheel, layout, read), *_commands(wheel, layout)]
    installer = made_file(f"{wheel.dist_info}/INSTALLER", wheel.project, b"wheelpin\n")
    kept = [file for file in (*placed, installer) if not is_excluded(file.path)]
    yield from kept
    record = f"{wheel.dist_info}/RECORD"
    if not is_excluded(record):
        rows = {(file.path, file.sha256, file.size_bytes) for file in kept}
        yield made_file(record, wheel.project, write_record(rows, own_path=record))


def _is_never_excluded(_: str) -> bool:
    return False


def _placed_members(wheel: Wheel, layout: Layout, read: ReadMember) -> Iterator[TreeFile]:
    dropped = {f"{wheel.dist_info}/{name}" for name in _WRITTEN_BY_INSTALLERS}
    dropped |= {f"bin/{command.name}{ending}" for command in wheel.commands for ending in _WRAPPER_ENDINGS}
    for member in wheel.members:
        scheme, path = _destination(wheel, member.path)
        if path in dropped or (scheme is not None and scheme in layout.left_out):
            continue
        if scheme is Part.SCRIPTS and member.entry.size_bytes <= _LARGEST_SCRIPT_BYTES:
            body = read(wheel, member)
            fitted = fitted_script(body, layout.interpreter)
            if fitted != body:
                yield made_file(path, wheel.project, fitted, is_executable=True)
                continue
        yield TreeFile(
            path=path,
            owner=wheel.project,
            content=FromWheel(wheel, member),
            size_bytes=member.entry.size_bytes,
            sha256=member.sha256,
            is_executable=member.is_executable or scheme is Part.SCRIPTS,
        )


def _destination(wheel: Wheel, name: str) -> tuple[Part | None, str]:
    """Return which part a member belongs to, None for modules, and its place in the bundle."""
    folder, _, rest = name.partition("/")
    if not folder.endswith(".data") or not rest:
        return None, name
    scheme, _, path = rest.partition("/")
    match scheme:
        case "scripts":
            return Part.SCRIPTS, f"bin/{path}"
        case "data":
            return Part.DATA, path
        case "headers":
            return Part.HEADERS, f"include/{wheel.project}/{path}"
        case _:
            return None, path


def _commands(wheel: Wheel, layout: Layout) -> Iterator[TreeFile]:
    if Part.SCRIPTS in layout.left_out:
        return
    for command in wheel.commands:
        name, body = command_script(command, layout.launcher, layout.interpreter)
        yield made_file(f"bin/{name}", wheel.project, body, is_executable=True)


def _place(path: str, *, ignores_case: bool) -> str:
    return unicodedata.normalize("NFC", path).casefold() if ignores_case else path
