"""What each project takes in a bundle, and what leaving things out would save; pure arithmetic over a tree."""

from msgspec import Struct

from wheelpin.bundle.layout import SLIM_PATTERNS
from wheelpin.bundle.tree import FromWheel, Tree, TreeFile
from wheelpin.errors import CheckFailedError
from wheelpin.ignore_files import patterns_of

_MOST_TOLD = 10


class OwnerSize(Struct, frozen=True, kw_only=True):
    """One project's share, or that of the user's own files."""

    owner: str
    files: int
    size_bytes: int
    """Unpacked, as platforms count."""
    packed_bytes: int
    """In an archive of wheelpin's, headers aside."""
    slim_bytes: int
    """How much of `size_bytes` leaving out `SLIM_PATTERNS` saves."""


class BudgetExceededError(CheckFailedError):
    """A bundle unpacks to more than its platform takes; nothing was written."""

    def __init__(self, size_bytes: int, most_bytes: int, owners: tuple[OwnerSize, ...]) -> None:
        super().__init__(size_bytes, most_bytes, owners)
        self.size_bytes, self.most_bytes, self.owners = size_bytes, most_bytes, owners

    @property
    def largest(self) -> tuple[OwnerSize, ...]:
        """The ten that take most."""
        return self.owners[:_MOST_TOLD]

    @property
    def slim_bytes(self) -> int:
        """What leaving out tests, stubs and sources of compiled code would save."""
        return sum(owner.slim_bytes for owner in self.owners)

    @property
    def hint(self) -> str:
        """Tell what would be enough, or what would come nearest."""
        excess_bytes = self.size_bytes - self.most_bytes
        slim = f"--slim saves {self.slim_bytes:,} bytes"
        if self.slim_bytes >= excess_bytes:
            return f"{slim}, which is enough"
        first = self.largest[0]
        return (
            f"{slim}; then leave out files with --exclude, or do without {first.owner} ({first.size_bytes:,} bytes); "
            "layers save nothing, as they count towards the same limit"
        )

    def __str__(self) -> str:
        largest = ", ".join(f"{owner.owner} {owner.size_bytes:,}" for owner in self.largest)
        return (
            f"the bundle unpacks to {self.size_bytes:,} bytes, {self.size_bytes - self.most_bytes:,} more than "
            f"the {self.most_bytes:,} that its platform takes; the largest: {largest}"
        )


def measure(tree: Tree) -> tuple[OwnerSize, ...]:
    """Return every owner's share, the largest first."""
    slim = patterns_of(SLIM_PATTERNS)
    by_owner: dict[str, list[TreeFile]] = {}
    for file in tree.files:
        by_owner.setdefault(file.owner, []).append(file)
    shares = [
        OwnerSize(
            owner=owner,
            files=len(files),
            size_bytes=sum(file.size_bytes for file in files),
            packed_bytes=sum(map(packed_bytes, files)),
            slim_bytes=sum(file.size_bytes for file in files if _is_from_wheel(file) and slim.match_file(file.path)),
        )
        for owner, files in by_owner.items()
    ]
    return tuple(sorted(shares, key=lambda share: (-share.size_bytes, share.owner)))


def require_budget(tree: Tree, most_bytes: int | None) -> None:
    """Raise `BudgetExceededError` if *tree* unpacks to more than *most_bytes*."""
    if most_bytes is not None and tree.size_bytes > most_bytes:
        raise BudgetExceededError(tree.size_bytes, most_bytes, measure(tree))


def packed_bytes(file: TreeFile) -> int:
    """Return what a file's content takes in an archive."""
    return file.content.member.entry.compressed_bytes if isinstance(file.content, FromWheel) else file.size_bytes


def _is_from_wheel(file: TreeFile) -> bool:
    """Tell whether leaving out what is not needed at run time may touch the file; the user's own are the user's."""
    return isinstance(file.content, FromWheel)
