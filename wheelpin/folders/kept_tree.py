"""A folder as a run laid it: the same command lays it again file by file, without reading a lock or a wheel.

What a lock's digests name never changes, so it rests on nothing but the files that the command read, and on what is
kept of the wheels' files being as it was.
"""

import os
import stat
import struct
from _collections_abc import Iterable, Sequence

from wheelpin.answers import WatchedFile, digest_of
from wheelpin.folders.forks import run_both
from wheelpin.folders.kept_files import State, state_of
from wheelpin.folders.workspace import Workspace

KEPT_TREES = "folders-3"
"""The kind of cache entry; counts up with the form below."""

LaidFile = tuple[str, str, State]
"""Path in the folder, where below the cache folder its file is kept, and the state of that file."""

_FOLDER_MODE = 0o755

_SIZES = struct.Struct("<2Q")

Half = bytes
"""Files in a form that is read where they are laid: two processes lay half of them each."""

_Row = tuple[str, str, int, int, int, int]
"""What a `LaidFile` says, flat: thousands of them are read, and each tuple takes its time."""


class KeptTree:
    """What a run laid, where, and what it said."""

    def __init__(
        self,
        *,
        destination: str,
        watched: Sequence[WatchedFile],
        said: tuple[str, str],
        warnings: Sequence[str],
        halves: tuple[Half, Half],
    ) -> None:
        """*destination* is absolute and may lead over links.

        *said* is the summary before and after the word for what became of the folder.
        """
        self.destination, self.watched, self.said = destination, watched, said
        self.warnings, self.halves = warnings, halves


def halves_of(files: Iterable[LaidFile]) -> tuple[Half, Half] | None:
    """Write *files* in two parts that have few folders in common; None if the form cannot hold them."""
    ordered = sorted(files)
    middle = len(ordered) // 2
    first, second = _encode_files(ordered[:middle]), _encode_files(ordered[middle:])
    return None if first is None or second is None else (first, second)


def _encode_files(files: Sequence[LaidFile]) -> Half | None:
    texts = [*(path for path, _, _ in files), *(name for _, name, _ in files)]
    if any("\0" in text for text in texts):
        return None
    blob = "\0".join(texts).encode(errors="surrogateescape")
    columns = zip(*(state for _, _, state in files), strict=True)
    try:
        states = [struct.pack(f"<{len(files)}q", *column) for column in columns]
    except struct.error:  # a file system with longer numbers
        return None
    return b"".join((_SIZES.pack(len(blob), len(files)), blob, *states))


def read_half(half: Half) -> tuple[Sequence[str], Iterable[_Row]]:
    """Return the paths of files that `halves_of` wrote, and all of them; raise ValueError or struct.error."""
    size_bytes, count = _SIZES.unpack_from(half)
    if count == 0:
        return (), ()
    states_at = _SIZES.size + size_bytes
    texts = half[_SIZES.size : states_at].decode(errors="surrogateescape").split("\0")
    if len(texts) != 2 * count:
        raise ValueError(count)
    numbers = struct.unpack(f"<{4 * count}q", half[states_at:])
    inodes, sizes, times, modes = (numbers[column * count : (column + 1) * count] for column in range(4))
    paths = texts[:count]
    return paths, zip(paths, texts[count:], inodes, sizes, times, modes, strict=True)


def encode_tree(tree: KeptTree) -> bytes | None:
    """Write *tree* for the cache; None if it holds what the form cannot."""
    texts = [tree.destination, *tree.said]
    for table in (tree.watched, [(text,) for text in tree.warnings]):
        texts += (str(len(table)), *(text for row in table for text in row))
    if any("\0" in text for text in texts):
        return None
    blob = "\0".join(texts).encode(errors="surrogateescape")
    return b"".join((_SIZES.pack(len(blob), len(tree.halves[0])), blob, *tree.halves))


def decode_tree(blob: bytes) -> KeptTree | None:
    """Read what `encode_tree` wrote; None for anything else."""
    try:
        size_bytes, half_bytes = _SIZES.unpack_from(blob)
        halves_at = _SIZES.size + size_bytes
        second_at = halves_at + half_bytes
        texts = blob[_SIZES.size : halves_at].decode(errors="surrogateescape").split("\0")
        destination, before, after, count = texts[:4]
        place = 4 + 2 * int(count)
        watched = list(zip(texts[4:place:2], texts[5:place:2], strict=True))
        end = place + 1 + int(texts[place])
    except (ValueError, IndexError, struct.error):
        return None
    if len(texts) != end:
        return None
    return KeptTree(
        destination=destination,
        watched=watched,
        said=(before, after),
        warnings=texts[place + 1 :],
        halves=(blob[halves_at:second_at], blob[second_at:]),
    )


def lay_again(tree: KeptTree, cache_dir: str) -> str | None:
    """Make the folder what it was, or find that it is; return what became of it in a word.

    None if a full run has to do it: somebody edited, removed or added what matters, or a run died here. Raise
    `FolderBusyError` and OSError.
    """
    if any(digest_of(path) != digest for path, digest in tree.watched):
        return None
    destination = os.path.realpath(tree.destination)
    workspace = Workspace(destination)
    if os.path.exists(workspace.root):
        return None
    if os.path.lexists(destination):
        return "unchanged" if all(_are_as_laid(half, tree.destination) for half in tree.halves) else None
    with workspace:
        if os.path.lexists(destination) or not _has_grown(tree, workspace.new, cache_dir):
            return None
        workspace.swap()
    return "created"


def _has_grown(tree: KeptTree, folder: str, cache_dir: str) -> bool:
    """Link all files into a new folder, as far as what is kept is as it was."""
    make_folders(folder, ())
    cache_dir = os.path.abspath(cache_dir)
    first, second = tree.halves
    return run_both(
        lambda place: _are_linked(first, place, cache_dir),
        lambda place: _are_linked(second, place, cache_dir),
        folder=folder,
    )


def _are_linked(half: Half, folder: str, cache_dir: str) -> bool:
    try:
        paths, files = read_half(half)
        make_folders(folder, paths)
        with _Start(folder) as new, _Start(cache_dir) as kept:
            for path, name, inode, size_bytes, time, mode in files:
                place = new.prefix + path
                os.link(kept.prefix + name, place, src_dir_fd=kept.fd, dst_dir_fd=new.fd)
                facts = os.stat(place, dir_fd=new.fd, follow_symlinks=False)
                if state_of(facts) != (inode, size_bytes, time, mode):
                    return False
    except (OSError, ValueError, struct.error):
        return False
    return True


class _Start:
    """A folder that paths start from: where the system can, they need not lead to it thousands of times."""

    def __init__(self, folder: str) -> None:
        has_descriptors = {os.link, os.stat} <= os.supports_dir_fd
        self.fd = os.open(folder, os.O_RDONLY) if has_descriptors else None
        self.prefix = "" if has_descriptors else f"{folder}/"

    def __enter__(self) -> "_Start":
        return self

    def __exit__(self, *_: object) -> None:
        if self.fd is not None:
            os.close(self.fd)


def _are_as_laid(half: Half, folder: str) -> bool:
    try:
        return all(
            state_of(os.lstat(f"{folder}/{path}")) == (inode, size_bytes, time, mode)
            for path, _, inode, size_bytes, time, mode in read_half(half)[1]
        )
    except (OSError, ValueError, struct.error):
        return False


def make_folders(root: str, paths: Sequence[str], made: set[str] | None = None) -> None:
    """Make *root* and the folders that *paths* lie in; modes do not depend on the umask.

    Those that are in *made* are there; the others are added to it.
    """
    known = set() if made is None else made
    wanted = {""} - known
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in known and folder not in wanted:
            wanted.add(folder)
            folder = folder.rpartition("/")[0]
    known |= wanted
    is_exact = False
    for folder in sorted(wanted):
        path = f"{root}/{folder}" if folder else root
        try:
            os.mkdir(path, _FOLDER_MODE)
        except FileExistsError:
            continue  # of two names that the file system takes for one, or another process was faster
        if not is_exact:
            is_exact = stat.S_IMODE(os.lstat(path).st_mode) == _FOLDER_MODE
        if not is_exact:  # the umask took some of it
            os.chmod(path, _FOLDER_MODE)
