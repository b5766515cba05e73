"""Small universes of projects, spelled as briefly as a test wants to read them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.files import CoreMetadata, IndexFile, ProjectPage
from wheelpin.requirements import Requirement, parse_requirement
from wheelpin.values import IndexUrl, Origin, Sha256

INDEX = IndexUrl("https://index.example/simple/")
FILES = "https://files.example"


class Release(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """One file of a project."""

    v: str
    needs: list[str] = []
    extras: list[str] = []
    tag: str = "py3-none-any"
    build: str | None = None
    python: str | None = None
    """Requires-Python, in the index and in METADATA."""
    hidden_python: str | None = None
    """Requires-Python in METADATA only."""
    yanked: str | None = None
    uploaded: str | None = None
    unusable: str | None = None
    """Why its metadata cannot be used."""
    is_sdist: bool = False
    has_hash: bool = True
    filename: str | None = None

    def filename_of(self, project: str) -> str:
        """Return the given name, or the one that follows."""
        if self.filename is not None:
            return self.filename
        name = project.replace("-", "_")
        if self.is_sdist:
            return f"{name}-{self.v}.tar.gz"
        return "-".join([name, self.v, *([self.build] if self.build else []), self.tag]) + ".whl"

    def file(self, project: str) -> IndexFile:
        """Return the file as the index lists it."""
        filename = self.filename_of(project)
        return IndexFile(
            filename=filename,
            url=f"{FILES}/{filename}",
            sha256=digest_of(filename) if self.has_hash else None,
            requires_python=self.python,
            yanked=self.yanked,
            uploaded_at=self.uploaded,
        )

    def metadata(self, project: str) -> CoreMetadata | str:
        """Return the METADATA, or why there is none."""
        if self.unusable is not None:
            return self.unusable
        return CoreMetadata(
            name=project,
            version=self.v,
            requires_python=self.hidden_python or self.python,
            requires_dist=tuple(self.needs),
            provides_extra=tuple(self.extras),
        )


Universe = Mapping[str, Sequence[Release | str]]
"""Files by project; a text is the version of a plain wheel."""


def digest_of(filename: str) -> Sha256:
    """Return the digest that the file of that name has here."""
    return Sha256(hashlib.sha256(filename.encode()).hexdigest())


def release(version: str, *needs: str) -> Release:
    """Make a plain wheel of *version* that needs *needs*."""
    return Release(v=version, needs=list(needs))


def pages_of(universe: Universe, *, quarantined: Mapping[str, str] | None = None) -> list[ProjectPage]:
    """Return the pages of *universe*; *quarantined* are projects with the index's words on it."""
    pages = [
        ProjectPage(
            project=canonicalize_name(project), index=INDEX, files=tuple(one.file(project) for one in _read(releases))
        )
        for project, releases in universe.items()
    ]
    for project, reason in (quarantined or {}).items():
        name = canonicalize_name(project)
        pages.append(ProjectPage(project=name, index=INDEX, files=(), status="quarantined", status_reason=reason))
    return pages


def metadata_of(universe: Universe) -> dict[str, CoreMetadata | str]:
    """Return the metadata of every file of *universe* by file name."""
    return {
        one.filename_of(project): one.metadata(project)
        for project, releases in universe.items()
        for one in _read(releases)
    }


def _read(releases: Sequence[Release | str]) -> Iterable[Release]:
    return (Release(v=one) if isinstance(one, str) else one for one in releases)


def requirements(*texts: str, source: str = "requirements.in") -> tuple[Requirement, ...]:
    """Read lines, each at its place in *source*; ``--hash=NAME`` allows the file of that name."""
    found = []
    for place, text in enumerate(texts, start=1):
        spelled, *allowed = text.split(" --hash=")
        requirement = parse_requirement(spelled, Origin(source, place))
        found.append(replace(requirement, hashes=frozenset(map(digest_of, allowed))))
    return tuple(found)


def name(text: str) -> NormalizedName:
    """Take a text for a normalised name."""
    return NormalizedName(text)
