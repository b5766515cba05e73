"""The wheels of a lock fetched, looked through, and laid out for the target: what folders and archives are made of."""

from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from wheelpin.bundle import Begin, Layout, RecordRule, Strictness, Tree, tree_of_wheels
from wheelpin.deliveries.agreement import require_agreement
from wheelpin.deliveries.locks import LockWithoutTargetError
from wheelpin.errors import CheckFailedError
from wheelpin.ports import Reporter
from wheelpin.target import Target
from wheelpin.wheelhouse import LockSource, Supply, gather_wheels

if TYPE_CHECKING:
    from wheelpin.elf import Violation


class UnsoundWheelsError(CheckFailedError):
    """The binaries of some wheels do not hold for their tags or for the target; nothing was laid out."""

    def __init__(self, target: str, findings: "tuple[tuple[str, tuple[Violation, ...]], ...]") -> None:
        super().__init__(target, findings)
        self.target, self.findings = target, findings
        self.hint = f"`wheelpin audit WHEEL --target {target}` tells all about one wheel"

    def __str__(self) -> str:
        filename, violations = self.findings[0]
        count = sum(len(each) for _, each in self.findings) - 1
        more = f" (and {count} more findings in {len(self.findings)} wheels)" if count else ""
        return f"{filename} does not keep what it promises: {violations[0]}{more}"


class Contents(Struct, frozen=True, kw_only=True):
    """What of a lock's wheels ships, and how closely they are looked at."""

    exclude: tuple[str, ...] = ()
    """Patterns as in an ignore file."""
    record: RecordRule = RecordRule.REFUSE
    is_audited: bool = False
    """Binaries that do not keep what their tags promise end the run."""


def lay_out_lock(
    source: LockSource, contents: Contents, supply: Supply, *, scratch: Path, begin: Begin | None = None
) -> tuple[Tree, Target]:
    """Get the wheels of a lock, those that are not at hand into *scratch*, and decide where their files go."""
    if (target := source.target) is None:
        raise LockWithoutTargetError(source.name)
    layout = Layout.of(target, exclude=contents.exclude)
    strictness = Strictness(record=contents.record)
    # Whatever ends this, nothing is to come into *scratch* any more, which may be removed.
    with closing(gather_wheels([source], scratch, supply)) as housed:
        tree = tree_of_wheels(housed, target, layout=layout, strictness=strictness, begin=begin)
    for wheel in tree.wheels:
        for warning in wheel.warnings:
            supply.reporter.warning(warning)
    require_agreement(source.lock, source.name, tree.wheels, target)
    if contents.is_audited:
        _require_sound(tree, target, supply.reporter)
    return tree, target


def _require_sound(tree: Tree, target: Target, reporter: Reporter) -> None:
    from wheelpin.elf import audit_wheel  # noqa: PLC0415 - brings a reader of binaries along, and few runs want it

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


def _is_met(violation: "Violation", paths: Collection[str]) -> bool:
    """Tell whether another wheel of the tree brings the library, where the loader looks for it."""
    from wheelpin.elf.violations import OutsideLibrary  # noqa: PLC0415 - as above

    return isinstance(violation, OutsideLibrary) and any(
        f"{folder}/{violation.library}" in paths for folder in violation.elsewhere
    )
