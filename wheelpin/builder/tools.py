"""Build requirements that have no wheel: built from their sdists, for the image's own Python and nothing else."""

from collections.abc import Callable
from pathlib import Path
from threading import RLock

from msgspec import Struct, field
from packaging.utils import NormalizedName

from wheelpin.builder.errors import SourceRefusedError
from wheelpin.builder.fetch import fetch_sdist
from wheelpin.builder.sources import Source
from wheelpin.builder.static_metadata import metadata_of_wheel, metadata_without_build
from wheelpin.files import CoreMetadata, IndexFile
from wheelpin.target import Target
from wheelpin.wheelhouse import Supply

_DEEPEST = 8
"""Builds that wait for each other: no real project comes near."""

BuildTool = Callable[[Source, NormalizedName, Path], Path]
"""Builds a source of a project into a folder."""


class ToolBuilder(Struct, kw_only=True):
    """Implements `wheelpin.ports.Builder` for one build's requirements."""

    supply: Supply
    scratch: Path
    """For sdists and wheels."""
    waiting: tuple[str, ...]
    """The sdists whose builds wait for these, the outermost first."""
    build: BuildTool
    _sources: dict[str, Source] = field(default_factory=dict)
    _wheels: dict[str, Path] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    def refusal(self, file: IndexFile, project: NormalizedName, target: Target) -> str | None:
        """See `wheelpin.ports.Builder.refusal`."""
        if file.filename in self.waiting:
            chain = " → ".join((*self.waiting[self.waiting.index(file.filename) :], file.filename))
            return f"it would be needed for its own build ({chain})"
        if project == "pip":
            return "pip installs what others are built with, so it has to be a wheel"
        if len(self.waiting) >= _DEEPEST:
            return f"{_DEEPEST} builds would wait for each other ({' → '.join(self.waiting)})"
        return None

    def folder(self, url: str, project: NormalizedName, target: Target) -> IndexFile:
        """See `wheelpin.ports.Builder.folder`."""
        raise SourceRefusedError(project, "a build requirement cannot be a folder of this machine")

    def metadata(self, file: IndexFile, project: NormalizedName, target: Target) -> CoreMetadata:
        """See `wheelpin.ports.Builder.metadata`."""
        with self._lock:
            static = metadata_without_build(self._source(file), file, project)
            return metadata_of_wheel(self.wheel(file, project)) if static is None else static

    def wheel(self, file: IndexFile, project: NormalizedName) -> Path:
        """Return the wheel of an sdist, which runs in the image; raise `BuildFailedError`."""
        with self._lock:
            if file.url not in self._wheels:
                folder = self.scratch / f"tool-{len(self._wheels)}"
                self._wheels[file.url] = self.build(self._source(file), project, folder)
            return self._wheels[file.url]

    def _source(self, file: IndexFile) -> Source:
        if file.url not in self._sources:
            self._sources[file.url] = fetch_sdist(file, self.scratch / f"sdist-{len(self._sources)}", self.supply)
        return self._sources[file.url]
