"""Wheels for a lock: implements `wheelpin.ports.Builder`, and hands over what was built at the end."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock

from msgspec import Struct, field
from msgspec.structs import replace
from packaging.utils import NormalizedName, parse_wheel_filename

from wheelpin.builder.build import build_wheel
from wheelpin.builder.errors import NoBuildEngineError, SourceRefusedError
from wheelpin.builder.fetch import fetch_sdist
from wheelpin.builder.housing import HousedBuild, house, read_records
from wheelpin.builder.images import NoImage
from wheelpin.builder.images_at_hand import ImagesAtHand
from wheelpin.builder.opening import choice_for
from wheelpin.builder.provenance import recipe_digest
from wheelpin.builder.recipes import Recipes
from wheelpin.builder.request import BuildRequest, BuiltWheel
from wheelpin.builder.sources import Source, open_folder
from wheelpin.builder.static_metadata import metadata_of_wheel, metadata_without_build
from wheelpin.builder.workshop import Workshop
from wheelpin.engines.signals import ending_in_order
from wheelpin.files import CoreMetadata, IndexFile
from wheelpin.folders.project_files import digest_of_content
from wheelpin.requirements.addresses import is_folder_address
from wheelpin.target import Linux, Target
from wheelpin.transport.file_urls import file_url_path
from wheelpin.values import Sha256
from wheelpin.wheelhouse import Supply, sha256_of


class BuildPlaces(Struct, frozen=True, kw_only=True):
    """Where a lock's builds find what they need and leave what they make."""

    wheelhouse: Path
    """The folder of built wheels."""
    recipes: Recipes = field(default_factory=Recipes)
    registry: str | None = None
    """Where official images are fetched from instead of their own registry."""
    may_reuse: bool = True
    """Take wheels of the wheelhouse that were built from the same sdist by the same recipe, whatever is newer now."""


class LockBuilder:
    """Builds what a resolution wants, each file once a target; a context, whose end removes what it only needed."""

    def __init__(self, places: BuildPlaces, supply: Supply, make_workshop: Callable[[], Workshop]) -> None:
        self._places, self._supply, self._make_workshop = places, supply, make_workshop
        self._stack = ExitStack()
        self._lock = RLock()
        self._opened: tuple[Workshop, ImagesAtHand] | str | None = None
        self._sources: dict[str, Source] = {}
        self._built: dict[tuple[str, str], BuiltWheel] = {}
        self._records: tuple[HousedBuild, ...] | None = None
        self._scratch: Path | None = None

    def __enter__(self) -> "LockBuilder":
        self._stack.enter_context(ending_in_order())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def wheelhouse(self) -> Path:
        """The folder that wheels end up in."""
        return self._places.wheelhouse

    def refusal(self, file: IndexFile, project: NormalizedName, target: Target) -> str | None:
        """See `wheelpin.ports.Builder.refusal`."""
        with self._lock:
            if self._at_hand(file, project, target) is not None:
                return None
            choice = choice_for(target, self._places.recipes.of(project).image, self._places.registry)
            if isinstance(choice, NoImage):
                return f"{choice.reason}: {choice.hint}"
            opened = self._open()
            if isinstance(opened, str):
                return f"it would be built in {choice.name}, and {opened}"
            engine = opened[0].engine
            platform = target.platform
            if isinstance(platform, Linux) and not engine.can_run(platform.arch):
                return f"it would be built in {choice.name}, and {engine.name} has no emulator for {platform.arch}"
            return None

    def folder(self, url: str, project: NormalizedName, target: Target) -> IndexFile:
        """See `wheelpin.ports.Builder.folder`."""
        address, _, digest = url.partition("#sha256=")
        stem = project.replace("-", "_")
        file = IndexFile(filename=f"{stem}-0.tar.gz", url=address, sha256=Sha256(digest))
        with self._lock:
            found = self._at_hand(file, project, target)
            if found is None and (refusal := self.refusal(file, project, target)) is not None:
                raise SourceRefusedError(address.rpartition("/")[2], refusal)
            wheel = found.path if found is not None else self._build(file, project, target).path
        name, version, _, _ = parse_wheel_filename(wheel.name)
        if name != project:
            raise SourceRefusedError(address.rpartition("/")[2], f"it is {name}, and not {project}")
        return replace(file, filename=f"{stem}-{version}.tar.gz")

    def metadata(self, file: IndexFile, project: NormalizedName, target: Target) -> CoreMetadata:
        """See `wheelpin.ports.Builder.metadata`."""
        with self._lock:
            if (found := self._at_hand(file, project, target)) is not None:
                return metadata_of_wheel(found.path)
            if (static := metadata_without_build(self._source(file), file, project)) is not None:
                return static
            return metadata_of_wheel(self._build(file, project, target).path)

    def wheel(self, file: IndexFile, project: NormalizedName, target: Target) -> BuiltWheel:
        """Return the wheel of an sdist for *target*, in the wheelhouse; raise `BuildFailedError`."""
        with self._lock:
            if (found := self._at_hand(file, project, target)) is not None:
                return BuiltWheel(path=found.path, record=found.record, is_kept=True)
            built = self._build(file, project, target)
            housed = house(built.path, built.record, self._places.wheelhouse, target)
            self._records = None
            return BuiltWheel(path=housed.path, record=housed.record, is_kept=built.is_kept)

    def _build(self, file: IndexFile, project: NormalizedName, target: Target) -> BuiltWheel:
        key = (file.url, target.spelling)
        if key not in self._built:
            opened = self._open()
            if isinstance(opened, str):
                raise SourceRefusedError(file.filename, opened)
            workshop, images = opened
            # Nobody has to know that somebody has such a folder.
            index = None if is_folder_address(file.url) else self._supply.index
            page = index.page(project) if index is not None else None
            request = BuildRequest(
                source=self._source(file),
                target=target,
                recipe=self._places.recipes.of(project),
                patches=self._places.recipes.patches_of(project),
                siblings=page.files if page is not None else (),
            )
            source = request.source.label
            # Said first: whatever stops the build, images that cannot be fetched too, is then known to concern it.
            workshop.say(f"{source} has to be built: {project} has no wheel to take for {target.name}")
            folder = self._folder() / f"built-{len(self._built)}"
            built = build_wheel(request, folder, images, workshop)
            said = "taken from the cache" if built.is_kept else "built"
            notes = "".join(f"; {note}" for note in built.notes)
            workshop.say(f"{said}: {built.path.name} of {source}{notes}")
            self._built[key] = built
        return self._built[key]

    def _open(self) -> tuple[Workshop, ImagesAtHand] | str:
        """Return what builds need, opened once, or why there is none."""
        if self._opened is None:
            try:
                workshop = self._make_workshop()
                self._opened = (workshop, self._stack.enter_context(ImagesAtHand(workshop)))
            except NoBuildEngineError as error:
                self._opened = f"{error.reason}: {error.hint}"
        return self._opened

    def _source(self, file: IndexFile) -> Source:
        key = f"{file.url} {file.sha256}"
        if key not in self._sources:
            self._sources[key] = self._read_source(file)
        return self._sources[key]

    def _read_source(self, file: IndexFile) -> Source:
        if not is_folder_address(file.url):
            return fetch_sdist(file, self._folder() / f"sdist-{len(self._sources)}", self._supply)
        folder = file_url_path(file.url)
        # Who names a folder's digest has seen what is in it; what changes meanwhile is not what was asked for.
        if digest_of_content(folder) != file.sha256:
            raise SourceRefusedError(folder.name, "it is not what it was when it was asked for")
        return open_folder(folder, sha256=file.sha256)

    def _folder(self) -> Path:
        if self._scratch is None:
            self._scratch = Path(self._stack.enter_context(TemporaryDirectory(prefix="wheelpin-")))
        return self._scratch

    def _at_hand(self, file: IndexFile, project: NormalizedName, target: Target) -> HousedBuild | None:
        """Return the record of a wheel in the wheelhouse that was built of the very same, if it may be taken."""
        digest = file.sha256
        if digest is None and file.url.startswith("file:"):
            digest = sha256_of(file_url_path(file.url))
        if not self._places.may_reuse or digest is None:
            return None
        if self._records is None:
            self._records = read_records(self._places.wheelhouse)
        recipes = self._places.recipes
        for found in self._records:
            record = found.record
            is_same = record.source_sha256 == digest and target.spelling in record.targets
            if is_same and record.recipe == recipe_digest(recipes.of(project), recipes.patches_of(project)):
                return found
        return None
