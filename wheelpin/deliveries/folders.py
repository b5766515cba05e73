"""Importable folders from locks."""

from pathlib import Path

from msgspec import Struct

from wheelpin.bundle import Hands, Outcome, Tree, check_folder, open_folder
from wheelpin.deliveries.contents import Contents, lay_out_lock
from wheelpin.folders.kept_tree import LaidFile
from wheelpin.target import Target
from wheelpin.wheelhouse import LockSource, Supply


class Vendored(Struct, frozen=True, kw_only=True):
    """A folder that was laid out, or found to be."""

    folder: Path
    target: Target
    tree: Tree
    outcome: Outcome
    files: tuple[LaidFile, ...] | None = None
    """What a later run can lay again without looking at a wheel; None where that is not known."""


def vendor(  # noqa: PLR0913 - as `check_vendored`, and who helps
    source: LockSource,
    folder: Path,
    contents: Contents,
    supply: Supply,
    *,
    scratch: Path,
    hands: Hands | None = None,
) -> Vendored:
    """Lay the wheels of a lock out as a folder that its target imports from; *scratch* holds them meanwhile.

    Where nothing is there yet, wheels are unpacked as they come, by *hands* where there are any.

    Raise `LockWithoutTargetError`, `UnsoundWheelsError`, and what `fill_wheelhouse`, `tree_of_wheels` and
    `wheelpin.bundle.vendor` raise.
    """
    with open_folder(folder, reporter=supply.reporter, kept=supply.files, hands=hands) as opened:
        tree, target = lay_out_lock(source, contents, supply, scratch=scratch, begin=opened.begin)
        laid = opened.lay(tree, target=target.name)
    return Vendored(folder=folder, target=target, tree=tree, outcome=laid.outcome, files=laid.files)


def check_vendored(source: LockSource, folder: Path, contents: Contents, supply: Supply, *, scratch: Path) -> Vendored:
    """Raise `FolderDiffersError` unless *folder* is what `vendor` would make of it, and what that raises."""
    tree, target = lay_out_lock(source, contents, supply, scratch=scratch)
    check_folder(tree, folder)
    return Vendored(folder=folder, target=target, tree=tree, outcome=Outcome.UNCHANGED)
