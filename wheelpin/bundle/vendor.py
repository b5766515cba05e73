"""Lay a tree out as a folder that can be imported from, whole at every moment, and keep it fresh."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from enum import Enum
from pathlib import Path

from msgspec import Struct

from wheelpin.bundle.folder_check import Differences, compare_folder, find_foreign, shortened
from wheelpin.bundle.folder_writer import write_files
from wheelpin.bundle.hands import HandLostError, Hands
from wheelpin.bundle.head_start import HeadStart, LaidAhead
from wheelpin.bundle.layout import made_file
from wheelpin.bundle.manifest import MANIFEST_NAME, Manifest, read_manifest
from wheelpin.bundle.member_names import parent_folders
from wheelpin.bundle.tree import Tree, TreeFile
from wheelpin.bundle.wheel import Wheel
from wheelpin.errors import CheckFailedError, InputError
from wheelpin.folders.kept_files import KeptFiles
from wheelpin.folders.kept_tree import LaidFile
from wheelpin.folders.workspace import Workspace
from wheelpin.ports import Reporter
from wheelpin.safe_write import FileNotWritableError


class NotOurFolderError(InputError):
    """A folder holds files, and nothing says that wheelpin laid any of them."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.folder = folder
        self.hint = "name a folder that does not exist or is empty"

    def __str__(self) -> str:
        return f"{self.folder} holds files that wheelpin did not put there"


class EditedFilesError(InputError):
    """Files that wheelpin laid were edited, and laying the folder out anew would lose that."""

    def __init__(self, folder: str, paths: tuple[str, ...]) -> None:
        super().__init__(folder, paths)
        self.folder, self.paths = folder, paths
        self.hint = "remove the edited files, or move them elsewhere: they are then laid out anew"

    def __str__(self) -> str:
        return f"{self.folder}: {shortened(self.paths)} changed since wheelpin laid it"


class ForeignFilesError(InputError):
    """Somebody's own files are in the way of new ones."""

    def __init__(self, folder: str, paths: tuple[str, ...]) -> None:
        super().__init__(folder, paths)
        self.folder, self.paths = folder, paths
        self.hint = "move them elsewhere"

    def __str__(self) -> str:
        return f"{self.folder}: {shortened(self.paths)} is not wheelpin's, and a wheel has the same name"


class FolderDiffersError(CheckFailedError):
    """A folder is not what the lock says."""

    def __init__(self, folder: str, differences: Differences) -> None:
        super().__init__(folder, differences)
        self.folder, self.differences = folder, differences

    def __str__(self) -> str:
        return f"{self.folder} is not what the lock says: {self.differences}"


class Outcome(Enum):
    """What became of the folder."""

    CREATED = "created"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


class LaidTree(Struct, frozen=True):
    """A folder that holds a tree now."""

    outcome: Outcome
    files: tuple[LaidFile, ...] | None
    """All that were laid, the manifest too; None if not all were written in this run and kept for later ones."""


def vendor(
    tree: Tree, destination: Path, *, target: str, reporter: Reporter, kept: KeptFiles | None = None
) -> LaidTree:
    """Make *destination* hold *tree*; see `OpenFolder.lay` and `open_folder`."""
    with open_folder(destination, reporter=reporter, kept=kept) as folder:
        return folder.lay(tree, target=target)


@contextmanager
def open_folder(
    destination: Path, *, reporter: Reporter, kept: KeptFiles | None = None, hands: Hands | None = None
) -> Iterator["OpenFolder"]:
    """Open the folder *destination* for a tree; it stays as it is unless `OpenFolder.lay` is called.

    Files are links to what is *kept*; with None they are the folder's own. *hands* help where there are any.
    """
    with ExitStack() as stack:
        yield OpenFolder(destination, kept or KeptFiles(None), hands or Hands(), reporter, stack)


class OpenFolder:
    """A folder that is about to be changed."""

    def __init__(self, destination: Path, kept: KeptFiles, hands: Hands, reporter: Reporter, stack: ExitStack) -> None:
        self._destination, self._kept, self._hands, self._reporter = destination, kept, hands, reporter
        self._stack = stack
        self._workspace: Workspace | None = None
        self._head_start: HeadStart | None = None

    def begin(self, wheel: Wheel, files: Sequence[TreeFile]) -> None:
        """Start laying the *files* of one wheel of the tree that will be known later, where nothing is there yet.

        Raise `FolderBusyError` and `FileNotWritableError`.
        """
        if self._workspace is None:
            with self._refusals_in_words():
                workspace = self._open()
                if not os.path.lexists(workspace.old) and not os.path.lexists(workspace.destination):
                    self._head_start = HeadStart(workspace.new, self._kept.root, self._hands)
                    self._stack.callback(self._head_start.close)
        if self._head_start is not None:
            self._head_start.begin(wheel, files)

    def lay(self, tree: Tree, *, target: str) -> LaidTree:
        """Make the folder hold *tree*, and what else its user put there; *target* is for the manifest.

        The folder changes in one step, and a run that dies leaves the old one, the new one, or for an instant none,
        which the next run repairs. Raise `NotOurFolderError`, `EditedFilesError`, `ForeignFilesError`,
        `FolderBusyError`, `FileNotWritableError`, and what reading contents raises.
        """
        with self._refusals_in_words():
            return self._lay(tree, self._workspace or self._open(), Manifest.of(tree, target=target))

    def _open(self) -> Workspace:
        self._workspace = self._stack.enter_context(Workspace(str(self._destination.resolve())))
        return self._workspace

    @contextmanager
    def _refusals_in_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FileNotWritableError(str(self._destination.resolve()), error.strerror or str(error)) from error

    def _lay(self, tree: Tree, workspace: Workspace, manifest: Manifest) -> LaidTree:
        destination = Path(workspace.destination)
        _retire(workspace, self._reporter)
        known, differences = _examine(destination)
        if known is not None:
            if differences.changed:
                raise EditedFilesError(str(destination), differences.changed)
            if known == manifest and not differences.missing:
                return LaidTree(Outcome.UNCHANGED, None)
            _refuse_foreign(differences.foreign, tree, destination)
        listing = made_file(MANIFEST_NAME, "wheelpin", manifest.to_bytes())
        laid = write_files((*tree.files, listing), Path(workspace.new), self._kept, self._laid_ahead(workspace))
        _carry(differences.foreign, destination, Path(workspace.new))
        workspace.swap()
        _retire(workspace, self._reporter)
        return LaidTree(Outcome.CREATED if known is None else Outcome.REPLACED, laid)

    def _laid_ahead(self, workspace: Workspace) -> Mapping[str, LaidAhead]:
        if self._head_start is None:
            return {}
        try:
            return self._head_start.finish()
        except HandLostError:
            self._head_start.close()
            workspace.clear()
            return {}


def check_folder(tree: Tree, folder: Path) -> None:
    """Raise `FolderDiffersError` unless *folder* holds exactly *tree*."""
    if not folder.is_dir():
        raise FolderDiffersError(str(folder), Differences(missing=tuple(file.path for file in tree.files)))
    differences = compare_folder(folder, Manifest.of(tree, target="").files)
    if differences != Differences():
        raise FolderDiffersError(str(folder), differences)


def _examine(destination: Path) -> tuple[Manifest | None, Differences]:
    """Return what wheelpin laid there and what became of it; None for a folder that is not there or is empty."""
    if not destination.exists() or (destination.is_dir() and not any(destination.iterdir())):
        return None, Differences()
    known = _manifest_in(destination)
    if known is None:
        raise NotOurFolderError(str(destination))
    return known, compare_folder(destination, known.files)


def _manifest_in(folder: Path) -> Manifest | None:
    try:
        return read_manifest((folder / MANIFEST_NAME).read_bytes())
    except OSError:
        return None


def _refuse_foreign(foreign: Iterable[str], tree: Tree, destination: Path) -> None:
    files = {file.path for file in tree.files}
    folders = {folder for path in files for folder in parent_folders(path)}
    in_the_way = [
        path for path in foreign if path in files or path in folders or not files.isdisjoint(parent_folders(path))
    ]
    in_the_way = [path for path in in_the_way if path in files or not (destination / path).is_dir()]
    if in_the_way:
        raise ForeignFilesError(str(destination), tuple(in_the_way))


def _carry(foreign: Iterable[str], source: Path, destination: Path) -> None:
    """Let *destination* have the user's own files too; they stay in *source* until that is retired."""
    for path in foreign:
        old, new = source / path, destination / path
        new.parent.mkdir(parents=True, exist_ok=True)
        if old.is_dir() and not old.is_symlink():
            new.mkdir(exist_ok=True)
            continue
        try:
            os.link(old, new, follow_symlinks=False)
        except (OSError, NotImplementedError):
            shutil.copy2(old, new, follow_symlinks=False)


def _retire(workspace: Workspace, reporter: Reporter) -> None:
    """Remove the old tree; what its user put there since it was looked at goes over into the new one."""
    destination, old = Path(workspace.destination), Path(workspace.old)
    if not old.exists():
        return
    known = _manifest_in(old)
    left = []
    for path in find_foreign(old, known.files if known is not None else {}):
        mine, theirs = destination / path, old / path
        if not os.path.lexists(mine):
            mine.parent.mkdir(parents=True, exist_ok=True)
            theirs.rename(mine)
        elif not theirs.is_dir() and not _is_same(mine, theirs):
            left.append(path)
    if left:
        reporter.warning(f"{shortened(left)} changed meanwhile; the later state lies in {old}")
        raise ForeignFilesError(str(old), tuple(left))
    workspace.throw_away_old()


def _is_same(first: Path, second: Path) -> bool:
    if first.is_symlink() or second.is_symlink():
        with suppress(OSError):
            return first.readlink() == second.readlink()
        return False
    return first.samefile(second) or first.read_bytes() == second.read_bytes()
