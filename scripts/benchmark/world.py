"""What an index holds, reduced to what a resolver reads: names of files, dates, Requires-Python and requirements.

Hashes, sizes and addresses follow from a file's name, so that they need no room in the recording and compress
as badly as real ones.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

RECORDING = Path(__file__).parent / "cases" / "recorded.json.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One line of a project's page."""

    name: str
    uploaded_at_s: int
    requires_python: str | None = None
    is_yanked: bool = False

    @property
    def is_wheel(self) -> bool:
        return self.name.endswith(".whl")

    @property
    def version(self) -> str:
        """Return a wheel's version as its name spells it; an sdist's name does not say."""
        return self.name.split("-")[1] if self.is_wheel else ""

    @property
    def path(self) -> str:
        digest = hashlib.blake2b(self.name.encode(), digest_size=32).hexdigest()
        return f"/packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{self.name}"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()

    @property
    def size_bytes(self) -> int:
        return 10_000 + int(self.sha256[:5], 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The headers of a METADATA that decide, and how long it was with all the others and its description."""

    name: str
    version: str
    requires_python: str | None = None
    requires_dist: tuple[str, ...] = ()
    provides_extra: tuple[str, ...] = ()
    size_bytes: int = 0

    def to_bytes(self) -> bytes:
        lines = ["Metadata-Version: 2.1", f"Name: {self.name}", f"Version: {self.version}"]
        lines += [f"Requires-Python: {self.requires_python}"] if self.requires_python else []
        lines += [f"Provides-Extra: {extra}" for extra in self.provides_extra]
        lines += [f"Requires-Dist: {requirement}" for requirement in self.requires_dist]
        headers = ("\n".join(lines) + "\n").encode()
        return headers + _description(self.size_bytes - len(headers))


def _description(size_bytes: int) -> bytes:
    if size_bytes < len("\nx\n"):
        return b""
    line = b"Text that stands where the description of the project stood, a line of usual length.\n"
    return b"\n" + (line * (size_bytes // len(line) + 1))[: size_bytes - 2] + b"\n"


@dataclass(slots=True, kw_only=True)
class Project:
    """A page and the METADATA of those of its versions that somebody reads."""

    name: str
    files: list[File] = field(default_factory=list)
    metadata: dict[str, Metadata] = field(default_factory=dict)
    """By a wheel's version, as its name spells it; one for all wheels of a version."""

    def metadata_of(self, file: File) -> Metadata:
        """Return what was recorded, or else what every wheel says at least."""
        known = self.metadata.get(file.version)
        return known or Metadata(name=self.name, version=file.version, requires_python=file.requires_python)


World = Mapping[str, Project]


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def read_world(path: Path = RECORDING) -> World:
    recorded = json.loads(gzip.decompress(path.read_bytes()))
    return {project.name: project for project in _read_projects(recorded)}


def _read_projects(recorded: Mapping[str, Mapping[str, list[list[object]]]]) -> Iterator[Project]:
    for project_name, content in recorded.items():
        files = [
            File(
                name=str(name),
                uploaded_at_s=int(str(uploaded_at_s)),
                requires_python=_text(python),
                is_yanked=bool(is_yanked),
            )
            for name, uploaded_at_s, python, is_yanked in content["files"]
        ]
        metadata = {
            str(row[0]): Metadata(
                name=str(row[1]),
                version=str(row[2]),
                requires_python=_text(row[3]),
                requires_dist=_texts(row[4]),
                provides_extra=_texts(row[5]),
                size_bytes=int(str(row[6])),
            )
            for row in content["metadata"]
        }
        yield Project(name=project_name, files=files, metadata=metadata)


def write_world(projects: Iterable[Project], path: Path = RECORDING) -> None:
    recorded = {
        project.name: {
            "files": [[f.name, f.uploaded_at_s, f.requires_python, int(f.is_yanked)] for f in project.files],
            "metadata": [
                [key, m.name, m.version, m.requires_python, m.requires_dist, m.provides_extra, m.size_bytes]
                for key, m in sorted(project.metadata.items())
            ],
        }
        for project in sorted(projects, key=lambda project: project.name)
    }
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(recorded, separators=(",", ":"), ensure_ascii=False)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
