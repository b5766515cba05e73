"""A small index on which everything that shapes an answer occurs, and jobs that ask it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec.structs import replace
from packaging.utils import NormalizedName, canonicalize_name

from tests.lock.examples import ORIGIN
from tests.reporters import RecordingReporter
from tests.resolve.fake_index import FakeIndex
from wheelpin.candidates.cut_off import CutOff
from wheelpin.candidates.rules import Rules
from wheelpin.checks import Finding
from wheelpin.errors import WheelpinError
from wheelpin.files import CoreMetadata, IndexFile, ProjectPage
from wheelpin.locks import LockFormat, parse_lock, to_text
from wheelpin.orders.lock_check import LockAtHand, check_lock
from wheelpin.requirements import IndexOptions, Inputs, Requirement, parse_requirement
from wheelpin.target import Target
from wheelpin.values import IndexUrl, Origin, Sha256
from wheelpin.workflows import LockJob, lock

INDEX = IndexUrl("https://index.example/simple/")
TARGET = Target.parse("cp312-manylinux_2_28_x86_64")
FOLDER = Path("/srv/project")

_PURE, _FAST = "py3-none-any", "cp312-cp312-manylinux2014_x86_64"
_RELEASES: dict[tuple[str, str], tuple[str, ...]] = {
    ("app", "1.0"): ("lib>=1", "ext; extra == 'x'"),
    ("app", "2.0"): ("lib>=1.5", "tool; extra == 'x'"),
    ("lib", "1.0"): (),
    ("lib", "1.5"): ("leaf",),
    ("lib", "2.0"): (),
    ("ext", "1.0"): ("tool[y]",),
    ("tool", "1.0"): ("leaf; extra == 'y'", "lib<2"),
    ("tool", "1.1"): ("leaf; extra == 'y'",),
    ("leaf", "1.0"): (),
    ("leaf", "2.0rc1"): (),
}
_YANKED = {"lib-1.5"}
_LATE = {"lib-2.0", "tool-1.1"}
PROJECTS = tuple(sorted({name for name, _ in _RELEASES}))


def _file(filename: str) -> IndexFile:
    release = "-".join(filename.split("-")[:2])
    return IndexFile(
        filename=filename,
        url=url_of(filename),
        sha256=digest_of(filename),
        yanked="broken" if release in _YANKED else None,
        uploaded_at="2024-06-01T00:00:00Z" if release in _LATE else "2023-01-01T00:00:00Z",
    )


def url_of(filename: str) -> str:
    return f"https://files.example/{filename}"


def digest_of(filename: str) -> Sha256:
    return Sha256(sha256(filename.encode()).hexdigest())


FILENAMES = {key: tuple(f"{key[0]}-{key[1]}-{tags}.whl" for tags in (_PURE, _FAST)) for key in _RELEASES}
PAGES = tuple(
    ProjectPage(
        project=NormalizedName(project),
        index=INDEX,
        files=[_file(name) for key, names in FILENAMES.items() if key[0] == project for name in names],
    )
    for project in PROJECTS
)
METADATA = {
    name: CoreMetadata(name=key[0], version=key[1], requires_dist=_RELEASES[key], provides_extra=("x", "y"))
    for key, names in FILENAMES.items()
    for name in names
}
"""Direct addresses are read like listed files."""


class _Index(FakeIndex):
    def hashed(self, file: IndexFile) -> IndexFile:
        return msgspec.structs.replace(file, sha256=digest_of(file.filename))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """All that a user can say, as text."""

    requirements: tuple[tuple[str, str], ...] = ()
    """File and line of text each."""
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    hashes: tuple[tuple[str, frozenset[str]], ...] = ()
    """Hashes beside the requirements for a project, as file names."""
    no_binary: frozenset[str] = frozenset()
    exclude_newer: datetime | None = None
    prereleases: bool = False
    target: Target = TARGET
    options: IndexOptions = field(default_factory=IndexOptions)

    def job(self) -> LockJob:
        hashes = {name: frozenset(map(digest_of, files)) for name, files in self.hashes}
        read = [
            (requirement, parse_requirement(requirement, Origin(source, line)))
            for line, (source, requirement) in enumerate(self.requirements, start=1)
        ]
        rules = Rules(
            allow_prereleases=self.prereleases,
            exclude_newer=None if self.exclude_newer is None else CutOff(self.exclude_newer),
            wheels_forbidden=frozenset(map(canonicalize_name, self.no_binary)),
        )
        return LockJob(
            targets=(self.target,),
            inputs=Inputs(
                requirements=tuple(replace(each, hashes=hashes.get(each.name, frozenset())) for _, each in read),
                constraints=_parsed(self.constraints, "limits.txt"),
                options=self.options,
            ),
            overrides=_parsed(self.overrides, "overrides.txt"),
            rules=rules,
            described_inputs=("-r a.in",),
            refresh_commands={self.target.name: f"wheelpin lock -r a.in --target {self.target.name}"},
            indexes=(INDEX,),
            folder=FOLDER,
        )


def _parsed(lines: Iterable[str], source: str) -> tuple[Requirement, ...]:
    return tuple(parse_requirement(text, Origin(source, number)) for number, text in enumerate(lines, start=1))


def locked(asked: Asked, *, form: LockFormat = LockFormat.REQUIREMENTS, previous: str | None = None) -> str:
    """Lock against the index, keeping the pins of *previous*; raise the branches of `WheelpinError`."""
    job = asked.job()
    if previous is not None:
        job = replace(job, previous={asked.target.name: parse_lock(previous, ORIGIN)})
    (done,) = lock(job, _Index(PAGES, METADATA), RecordingReporter())
    return to_text(done.lock, form)


def relocked(asked: Asked, *, form: LockFormat, previous: str) -> str | None:
    """Return what locking again would write, None if it would write nothing."""
    try:
        return locked(asked, form=form, previous=previous)
    except WheelpinError:
        return None


def checked(
    text: str, asked: Asked, *, form: LockFormat = LockFormat.REQUIREMENTS, files: dict[str, Sha256] | None = None
) -> tuple[Finding, ...]:
    """Check *text* offline."""
    found = LockAtHand(lock=parse_lock(text, ORIGIN, target=asked.target), text=text, form=form)
    return check_lock(found, asked.job(), asked.target, (files or {}).get)
