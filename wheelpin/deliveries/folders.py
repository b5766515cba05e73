"""Importable folders from locks."""

from dataclasses import dataclass
from pathlib import Path

from wheelpin.bundle import Outcome, Tree, check_folder
from wheelpin.bundle import vendor as lay_into_folder
from wheelpin.deliveries.contents import Contents, lay_out_lock
from wheelpin.target import Target
from wheelpin.wheelhouse import LockSource, Supply


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendored:
    """A folder that was laid out, or found to be."""

    folder: Path
    target: Target
    tree: Tree
    outcome: Outcome


def vendor(source: LockSource, folder: Path, contents: Contents, supply: Supply, *, scratch: Path) -> Vendored:
    """Lay the wheels of a lock out as a folder that its target imports from; *scratch* holds them meanwhile.

    Raise `LockWithoutTargetError`, `UnsoundWheelsError`, and what `fill_wheelhouse`, `tree_of_wheels` and
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
