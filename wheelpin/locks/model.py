"""A lock: for one target, each project's version and the one file that answers for it."""

from typing import TYPE_CHECKING, Self

from msgspec import Struct
from msgspec.structs import force_setattr
from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.locks.provenance import Provenance
from wheelpin.values import IndexUrl, Sha256

if TYPE_CHECKING:
    from wheelpin.target import Target


class LockedTarget(Struct, frozen=True, kw_only=True):
    """The target as the lock names it; `Target.parse` reads the spelling back."""

    name: str
    """The user's word for it: a preset, a name from the project's file, or the spelling itself."""
    spelling: str
    python_full_version: Version | None
    """None only in a lock whose directive was edited by hand."""
    is_patch_assumed: bool = False
    preset: str | None = None
    """The preset behind the user's own name."""

    @classmethod
    def of(cls, target: "Target") -> Self:
        """Keep of *target* what a lock records."""
        return cls(
            name=target.name,
            spelling=target.spelling,
            python_full_version=target.python_full_version,
            is_patch_assumed=target.is_patch_assumed,
            preset=target.preset if target.preset != target.name else None,
        )


class Identity(Struct, frozen=True, kw_only=True):
    """Who published a file, as an attestation proves it to the index (PEP 740)."""

    kind: str
    """``GitHub``, ``GitLab``, ``Google`` and what comes later."""
    facts: tuple[tuple[str, str], ...] = ()
    """What that kind knows, sorted: ``repository``, ``workflow``."""

    def __post_init__(self) -> None:
        force_setattr(self, "facts", tuple(sorted(self.facts)))


class LockedFile(Struct, frozen=True, kw_only=True):
    """The wheel that a pin stands for. The name and the digest identify it wherever it is served from."""

    filename: str
    sha256: Sha256
    url: str | None = None
    """Absolute address without fragment; written without user information and query."""
    path: str | None = None
    """For a wheel that no index holds: POSIX path, relative to the folder in which the refresh command runs."""
    size_bytes: int | None = None
    uploaded_at: str | None = None
    """ISO 8601, UTC, as the index wrote it."""
    index: IndexUrl | None = None
    """The index that listed the file; None for a direct address and for a path."""
    built: Provenance | None = None
    """How it was made, for a wheel that nobody published."""
    identities: tuple[Identity, ...] = ()
    """Who attested it; looked up only where the lock's form has a place for it."""


class UnnamedFile(Struct, frozen=True, kw_only=True):
    """Any file of the version that has one of these digests: all that other tools' locks say."""

    digests: frozenset[Sha256]


class Pin(Struct, frozen=True, kw_only=True):
    """One project at one version."""

    project: NormalizedName
    version: Version
    file: LockedFile | UnnamedFile
    via: tuple[str, ...] = ()
    """Who asked: projects, and inputs such as ``-r requirements.in``. Kept sorted, each once."""
    requires_python: str | None = None
    extras: tuple[NormalizedName, ...] = ()
    """Those that the user asks for, sorted. What they need is pinned like everything else."""
    tags: tuple[str, ...] = ()
    """The parts of the narrower target that the requirement named for this project alone."""
    notes: tuple[str, ...] = ()
    """Sentences for whoever reads the lock, such as who computed a digest that the index did not give."""

    def __post_init__(self) -> None:
        force_setattr(self, "via", tuple(sorted(set(self.via))))


class Proof(Struct, frozen=True, kw_only=True):
    """What a later check needs to know beside the pins to tell without an index whether they still answer."""

    is_intact: bool = True
    """The pins, and who asked for them, are as they were found. Somebody's edit makes it False, for good."""
    facts: tuple[tuple[str, str], ...] = ()
    """What else shaped the answer: kinds, and digests or names, sorted. Most locks have none."""


class Lock(Struct, frozen=True, kw_only=True):
    """The answer for one target, and the question. Equal locks are written as equal bytes."""

    target: LockedTarget | None
    """None when the text says nothing of a target, as in other tools' files."""
    pins: tuple[Pin, ...]
    """Kept sorted by project."""
    inputs: tuple[str, ...] = ()
    """What was locked, in the user's words and order: ``-r requirements.in``, ``flask>=2``."""
    refresh_command: str | None = None
    indexes: tuple[IndexUrl, ...] = ()
    """In order of precedence, without secrets."""
    exclude_newer: str | None = None
    """The upload cut-off that was in force: a time, or an age in days and less (ISO 8601; UTC)."""
    proof: Proof | None = None
    """None for locks of other tools and of a wheelpin that did not write it yet."""

    def __post_init__(self) -> None:
        force_setattr(self, "pins", tuple(sorted(self.pins, key=lambda pin: pin.project)))
