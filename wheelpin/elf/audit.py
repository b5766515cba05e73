"""The audit of a wheel: what its binaries need, and whether that agrees with its tags and with a target.

Nothing is changed, nothing is run, nothing is asked of the host.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import BinaryIO

from msgspec import Struct

from wheelpin.elf.checks import (
    Machines,
    foreign_files,
    invisible_modules,
    violations_of_promise,
    wrong_unicode_widths,
)
from wheelpin.elf.other_systems import other_violations
from wheelpin.elf.policy import Policy, PolicyTables, load_policy_tables
from wheelpin.elf.promise import (
    Promise,
    claimed_interpreters,
    promise_of_level,
    promise_of_tag,
    promise_of_target,
)
from wheelpin.elf.remarks import NewestDemand, iter_notes, newest_demands, outside_libraries
from wheelpin.elf.violations import BinaryForAll, Note, TagMisfit, UnreadableBinary, Violation
from wheelpin.elf.wheel import ElfFile, WheelBinaries, read_wheel_binaries
from wheelpin.target import Emscripten, Libc, Linux, MacOS, Target, Windows


class DeservedTag(Struct, frozen=True, kw_only=True):
    """The platform tag that reaches the most machines and is still true."""

    name: str
    """``manylinux_2_17_x86_64``; ``linux_x86_64`` if the files rely on what no policy promises."""
    aliases: tuple[str, ...]
    """Legacy names for the same: ``manylinux2014_x86_64``."""
    is_level_proven: bool
    """The files show the libc's level. musl has no symbol versions: there the level is the claim, or the newest."""


class Audit(Struct, frozen=True, kw_only=True):
    """What was found in one wheel."""

    binaries: WheelBinaries
    deserved: DeservedTag | None
    """None where no ELF file could be read."""
    broken_claims: tuple[Violation, ...]
    """What makes the wheel's own tags untrue."""
    target: str | None
    """The name of the target that it was held to, if any."""
    broken_for_target: tuple[Violation, ...]
    """What keeps it from working on the target."""
    outside_libraries: tuple[str, ...]
    """What it takes from the system, sorted."""
    newest_demands: tuple[NewestDemand, ...]
    """One for each kind of version (``GLIBC``, ``GLIBCXX``), sorted by kind."""
    notes: tuple[Note, ...]

    @property
    def is_sound(self) -> bool:
        """Tell whether the tags are true and the target, if there is one, can use it."""
        return not self.broken_claims and not self.broken_for_target


def audit_wheel(stream: BinaryIO, filename: str, *, target: Target | None = None) -> Audit:
    """Audit the wheel in the seekable *stream*; *filename* is its name without a folder.

    Raise `NoWheelNameError`, `WheelUnreadableError` and `PolicyTablesError`; all that is wrong inside is a finding.
    """
    return audit_binaries(read_wheel_binaries(stream, filename), load_policy_tables(), target=target)


def audit_binaries(binaries: WheelBinaries, tables: PolicyTables, *, target: Target | None = None) -> Audit:
    """Judge what was read of a wheel."""
    judge = _Judge(binaries, tables)
    return Audit(
        binaries=binaries,
        deserved=judge.deserved_tag(),
        broken_claims=tuple(judge.broken_claims()),
        target=target.name if target else None,
        broken_for_target=tuple(judge.broken_for_target(target)) if target else (),
        outside_libraries=outside_libraries(judge.machines),
        newest_demands=newest_demands(judge.machines),
        notes=tuple(iter_notes(binaries, judge.machines, judge.promises)),
    )


class _Judge:
    """One wheel and the policies; what several questions need is worked out once."""

    def __init__(self, binaries: WheelBinaries, tables: PolicyTables) -> None:
        self.binaries = binaries
        self.tables = tables
        self.machines = Machines(binaries.elf_files)

    @property
    def _files(self) -> tuple[ElfFile, ...]:
        return self.binaries.elf_files

    def _unreadable(self) -> Iterator[Violation]:
        for broken in self.binaries.unreadable:
            yield UnreadableBinary(file=broken.path, reason=broken.reason)

    @cached_property
    def promises(self) -> tuple[Promise, ...]:
        """What the tags promise for Linux, once where two names mean the same; glibc first, by its level."""
        promises: dict[tuple[str, Libc | None, int], Promise] = {}
        for platform in self.binaries.tags.platforms:
            if promise := promise_of_tag(platform, self.tables):
                promises.setdefault((promise.architecture, promise.libc, promise.minor), promise)
        return tuple(sorted(promises.values(), key=lambda promise: (promise.libc is Libc.MUSL, promise.minor)))

    # The deserved tag

    def deserved_tag(self) -> DeservedTag | None:
        """Return the lowest level that every file keeps to."""
        if not self._files:
            return None
        architecture = self._main_architecture()
        claimed = next((claim for claim in self.promises if claim.libc and claim.architecture == architecture), None)
        libc = self._main_libc(claimed)
        policies = list(self.tables.policies(libc, architecture))
        is_level_proven = libc is Libc.GLIBC
        if not is_level_proven and policies:
            known = [policy for policy in policies if claimed and policy.minor <= claimed.minor]
            policies = [(known or policies)[-1]]
        for policy in policies:
            if self._keeps_to(policy, libc, architecture):
                return DeservedTag(name=policy.name, aliases=policy.aliases, is_level_proven=is_level_proven)
        return DeservedTag(name=f"linux_{architecture}", aliases=(), is_level_proven=is_level_proven)

    def _keeps_to(self, policy: Policy, libc: Libc, architecture: str) -> bool:
        promise = promise_of_level(policy.name, libc, minor=policy.minor, architecture=architecture, tables=self.tables)
        wrong, _ = foreign_files(self._files, promise)
        return not wrong and not any(violations_of_promise(self.machines.of(promise.architecture), promise))

    def _main_architecture(self) -> str:
        """Return the claimed architecture that has files, else that of the modules, else of the first file."""
        for claim in self.promises:
            if any(claim.fits(file.facts.architecture) for file in self._files):
                return claim.architecture
        return min(self._files, key=lambda file: (file.module is None, file.path)).facts.architecture

    def _main_libc(self, claimed: Promise | None) -> Libc:
        if claimed and claimed.libc:
            return claimed.libc
        linked = [file for file in self._files if file.facts.libc]
        first = min(linked, key=lambda file: (file.module is None, file.path), default=None)
        return first.facts.libc if first and first.facts.libc else Libc.GLIBC

    # The wheel's own tags

    def broken_claims(self) -> Iterator[Violation]:
        """Yield what makes a tag of the wheel untrue."""
        yield from self._unreadable()
        yield from self._binaries_for_all()
        tags = self.binaries.tags
        interpreters = list(claimed_interpreters(tags))
        libcs: set[Libc | None] = set()
        for promise in self.promises:
            libcs.add(promise.libc)
            yield from self._broken_promise(promise)
        for platform in tags.platforms:
            yield from other_violations(self.binaries.others, platform, holder=platform)
        if libcs:
            libc = libcs.pop() if len(libcs) == 1 else None
            yield from invisible_modules(self._files, interpreters, libc)
            yield from wrong_unicode_widths(self._files, tags.abis)

    def _broken_promise(self, promise: Promise) -> Iterator[Violation]:
        wrong, _ = foreign_files(self._files, promise)
        yield from wrong
        yield from violations_of_promise(self.machines.of(promise.architecture), promise)

    def _binaries_for_all(self) -> Iterator[Violation]:
        for file in self._files:
            if "any" in self.binaries.tags.platforms:
                because = "the tag any"
            elif file.is_in_purelib:
                because = "the purelib folder"
            else:
                continue
            yield BinaryForAll(file=file.path, architecture=file.facts.architecture, because=because)

    # A target

    def broken_for_target(self, target: Target) -> Iterator[Violation]:
        """Yield what keeps the wheel from working on *target*."""
        if misfit := target.misfit(str(self.binaries.tags)):
            yield TagMisfit(file=self.binaries.filename, detail=misfit.detail)
        yield from self._unreadable()
        match target.platform:
            case Linux() as platform:
                if self._files:
                    yield from self._broken_promise(promise_of_target(platform, self.tables))
                interpreter = (target.interpreter.tag, target.interpreter.abi)
                yield from invisible_modules(self._files, [interpreter], platform.libc)
                yield from wrong_unicode_widths(self._files, [target.interpreter.abi])
            case MacOS() | Windows() as platform:
                yield from other_violations(self.binaries.others, str(platform), holder="the target")
            case Emscripten():
                pass
