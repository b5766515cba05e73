"""From locks to what ships: verified wheelhouses, importable folders, archives."""

import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from wheelpin.bundle import (
    Layout,
    Outcome,
    RecordRule,
    Strictness,
    Tree,
    check_folder,
    tree_of_lock,
)
from wheelpin.bundle import vendor as lay_into_folder
from wheelpin.elf import Violation, audit_wheel
from wheelpin.elf.violations import OutsideLibrary
from wheelpin.errors import CheckFailedError, InputError
from wheelpin.lock import Lock, LockSyntaxError, parse_lock
from wheelpin.lock.pylock_form import is_pylock, parse_pylock_for
from wheelpin.ports import Reporter
from wheelpin.session import open_session
from wheelpin.settings import Settings
from wheelpin.target import Target, presets
from wheelpin.transport import HttpTransport
from wheelpin.values import Origin
from wheelpin.wheelhouse import Housed, LockSource, Supply, WheelStore, fill_wheelhouse, write_static_index

_SCRATCH = "scratch-"
_LONGEST_RUN_S = 24 * 60 * 60


class LockWithoutTargetError(InputError):
    """A lock says nothing of a target, and what it names depends on one."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.hint = "say which with --target, for example --target cp312-manylinux_2_28_x86_64"

    def __str__(self) -> str:
        return f"{self.name} does not say which target it is for"


class UnsoundWheelsError(CheckFailedError):
    """The binaries of some wheels do not hold for their tags or for the target; nothing was laid out."""

    def __init__(self, target: str, findings: tuple[tuple[str, tuple[Violation, ...]], ...]) -> None:
        super().__init__(target, findings)
        self.target, self.findings = target, findings
        self.hint = f"`wheelpin audit WHEEL --target {target}` tells all about one wheel"

    def __str__(self) -> str:
        filename, violations = self.findings[0]
        count = sum(len(each) for _, each in self.findings) - 1
        more = f" (and {count} more findings in {len(self.findings)} wheels)" if count else ""
        return f"{filename} does not keep what it promises: {violations[0]}{more}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockText:
    """A lock as it was read, of any form."""

    name: str
    """As the user named it."""
    text: str
    folder: Path
    """The folder that it lies in, where the paths in a pylock.toml start."""


def open_lock(found: LockText, *, target: Target | None, folder: Path) -> LockSource:
    """Read a lock of any form. *target* goes before the one that the lock names; *folder* is the working folder.

    Raise `LockWithoutTargetError` for a pylock.toml without *target*, and what `parse_lock` and `parse_pylock_for`
    raise.
    """
    origin = Origin(found.name)
    if is_pylock(found.text):
        if target is None:
            raise LockWithoutTargetError(found.name)
        lock = parse_pylock_for(found.text, origin, target)
        return LockSource(lock=lock, name=found.name, folder=found.folder, target=target)
    lock = _parse(found, origin)
    return LockSource(lock=lock, name=found.name, folder=folder, target=target or target_of(lock, origin))


def _parse(found: LockText, origin: Origin) -> Lock:
    try:
        return parse_lock(found.text, origin)
    except LockSyntaxError as error:
        if "wheelpin" in found.text:
            raise
        hint = f"this takes locks; for a file of requirements make one: wheelpin lock -r {found.name} --target …"
        raise LockSyntaxError(error.origin, error.problem, hint) from error


def target_of(lock: Lock, origin: Origin) -> Target | None:
    """Return the target that *lock* says it is for, None if it says nothing."""
    if (said := lock.target) is None:
        return None
    version = None if said.python_full_version is None else str(said.python_full_version)
    target = Target.parse(said.spelling, python_full_version=version, origin=origin)
    if said.name in presets():
        named = Target.parse(said.name, python_full_version=version, origin=origin)
        target = named if named.spelling == target.spelling else target
    return replace(target, name=said.name, is_patch_assumed=said.is_patch_assumed, warnings=())


@contextmanager
def open_supply(settings: Settings, reporter: Reporter) -> Iterator[Supply]:
    """Open what wheels may be had from; leaving the context drops what is still under way."""
    with open_session(settings, reporter) as session, HttpTransport(settings, reporter) as transport:
        store = WheelStore(settings.cache_dir if settings.use_cache else None)
        yield Supply(transport=transport, store=store, index=session.index, reporter=reporter)


@contextmanager
def open_scratch(settings: Settings) -> Iterator[Path]:
    """Make a folder for the time of a run, where wheels from the cache are links and no copies."""
    with TemporaryDirectory(prefix=_SCRATCH, dir=_folder_beside_cache(settings)) as folder:
        yield Path(folder)


def _folder_beside_cache(settings: Settings) -> Path | None:
    """Return the cache folder, cleared of what killed runs left; None if nothing can be made there."""
    if not settings.use_cache:
        return None
    try:
        settings.cache_dir.mkdir(parents=True, exist_ok=True)
        for left in settings.cache_dir.glob(f"{_SCRATCH}*"):
            if time.time() - left.stat().st_mtime > _LONGEST_RUN_S:
                shutil.rmtree(left, ignore_errors=True)
        with TemporaryDirectory(prefix=_SCRATCH, dir=settings.cache_dir):
            return settings.cache_dir
    except OSError:
        return None


def download(sources: Sequence[LockSource], folder: Path, supply: Supply, *, with_index: bool) -> tuple[Housed, ...]:
    """Make *folder* a wheelhouse of all that *sources* name, with an index beside the wheels if wanted.

    Raise what `fill_wheelhouse` and `write_static_index` raise.
    """
    housed = fill_wheelhouse(sources, folder, supply)
    if with_index:
        write_static_index(folder, supply.reporter)
    return housed


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What of a lock's wheels ships, and how closely they are looked at."""

    exclude: tuple[str, ...] = ()
    """Patterns as in an ignore file."""
    record: RecordRule = RecordRule.REFUSE
    is_audited: bool = False
    """Binaries that do not keep what their tags promise end the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendored:
    """A folder that was laid out, or found to be."""

    folder: Path
    target: Target
    tree: Tree
    outcome: Outcome


def vendor(source: LockSource, folder: Path, contents: Contents, supply: Supply, *, scratch: Path) -> Vendored:
    """Lay the wheels of a lock out as a folder that its target imports from; *scratch* holds them meanwhile.

    Raise `LockWithoutTargetError`, `UnsoundWheelsError`, and what `fill_wheelhouse`, `tree_of_lock` and
    `wheelpin.bundle.vendor` raise.
    """
    tree, target = lay_out_lock(source, contents, supply, scratch=scratch)
    outcome = lay_into_folder(tree, folder, target=target.name, reporter=supply.reporter)
    return Vendored(folder=folder, target=target, tree=tree, outcome=outcome)


def check_vendored(source: LockSource, folder: Path, contents: Contents, supply: Supply, *, scratch: Path) -> Vendored:
    """Raise `FolderDiffersError` unless *folder* is what `vendor` would make of it, and what that raises."""
    tree, target = lay_out_lock(source, contents, supply, scratch=scratch)
    check_folder(tree, folder)
    return Vendored(folder=folder, target=target, tree=tree, outcome=Outcome.UNCHANGED)


def lay_out_lock(source: LockSource, contents: Contents, supply: Supply, *, scratch: Path) -> tuple[Tree, Target]:
    """Fetch the wheels of a lock into *scratch* and decide where their files go for the target."""
    if (target := source.target) is None:
        raise LockWithoutTargetError(source.name)
    fill_wheelhouse([source], scratch, supply)
    layout = Layout.of(target, exclude=contents.exclude)
    tree = tree_of_lock(source, scratch, target, layout=layout, strictness=Strictness(record=contents.record))
    for wheel in tree.wheels:
        for warning in wheel.warnings:
            supply.reporter.warning(warning)
    if contents.is_audited:
        _require_sound(tree, target, supply.reporter)
    return tree, target


def _require_sound(tree: Tree, target: Target, reporter: Reporter) -> None:
    paths = frozenset(file.path for file in tree.files)
    findings: list[tuple[str, tuple[Violation, ...]]] = []
    for wheel in tree.wheels:
        with wheel.path.open("rb") as stream:
            audit = audit_wheel(stream, wheel.filename, target=target)
        found = dict.fromkeys((*audit.broken_claims, *audit.broken_for_target))
        if violations := tuple(each for each in found if not _is_met(each, paths)):
            findings.append((wheel.filename, violations))
            for violation in violations:
                reporter.detail(f"{wheel.filename}: {violation}")
    if findings:
        raise UnsoundWheelsError(target.name, tuple(findings))


def _is_met(violation: Violation, paths: Iterable[str]) -> bool:
    """Tell whether another wheel of the tree brings the library, where the loader looks for it."""
    if not isinstance(violation, OutsideLibrary):
        return False
    return any(f"{folder}/{violation.library}" in paths for folder in violation.elsewhere)
