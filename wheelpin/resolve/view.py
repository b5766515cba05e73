"""Projects as one target sees them: shelves, demands and dependencies, each worked out once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote, urldefrag, urlsplit

from packaging.utils import NormalizedName

from wheelpin.candidates.catalogue import Catalogue
from wheelpin.candidates.demand import Demand
from wheelpin.candidates.listing import Listing
from wheelpin.candidates.rules import Rules
from wheelpin.candidates.shelf import Candidate, Shelf
from wheelpin.errors import InputError
from wheelpin.files import CoreMetadata, IndexFile, ProjectPage
from wheelpin.ports import MetadataUnusableError
from wheelpin.requirements import (
    RequirementSyntaxError,
    extra_behind,
    parse_metadata_requirement,
    parse_requires_python,
)
from wheelpin.requirements.addresses import is_folder_address
from wheelpin.requirements.model import Requirement
from wheelpin.resolve.asks import Ask, Choice, ImpossibleAsk, ProjectAsk, is_address
from wheelpin.resolve.task import Task
from wheelpin.target import Target, UnknownMarkerError
from wheelpin.values import IndexUrl, Origin, Sha256

DIRECT = IndexUrl("")
"""The index of a page that a direct reference makes: none."""

NO_EXTRA = NormalizedName("")
"""The value of ``extra`` in the markers of those who ask for none."""

_Need = tuple[str, Requirement, str | None]
"""A requirement's text, what it says, and the text that it was read as where that had to be repaired."""


class UndecidedRequirementError(InputError):
    """Whether a requirement applies hangs on a marker that the target does not settle."""

    def __init__(self, requirement: Requirement, asker: str, cause: UnknownMarkerError) -> None:
        super().__init__(requirement, asker, cause)
        self.requirement, self.asker, self.cause = requirement, asker, cause

    @property
    def hint(self) -> str:
        """Name the option that settles it."""
        return self.cause.hint

    def __str__(self) -> str:
        return f"{self.asker} requires {self.requirement}, and its {self.cause}"


class FolderNotBuiltError(InputError):
    """A requirement is a folder, and nothing makes a wheel of it here."""

    hint = "let wheelpin lock build it, or build it with wheelpin build and name the wheel"

    def __init__(self, project: NormalizedName, url: str) -> None:
        self.project, self.folder = project, urldefrag(url).url
        super().__init__(project, self.folder)

    def __str__(self) -> str:
        return f"{self.project} is the folder {self.folder}, which has to be built, and nothing may be built"


class TargetView:
    """What a task's target makes of the catalogue.

    It may be asked from several threads: doing a thing twice is harmless.
    """

    def __init__(self, task: Task, catalogue: Catalogue) -> None:
        self.task = task
        self.catalogue = catalogue
        self._narrowed = narrowed_targets(task)
        self._constraints = by_project(task, task.constraints)
        self._overrides = by_project(task, task.overrides)
        self._shelves: dict[NormalizedName, dict[str | None, Shelf | None]] = {}
        self._dependencies: dict[Choice, tuple[Ask, ...]] = {}
        self.fallen: dict[Candidate, str] = {}
        """Candidates that the solver dropped after it saw their metadata, and why."""
        self.files: dict[Candidate, IndexFile] = {}
        """The file that a candidate's metadata came from: its own, or the next best if that was unreadable."""
        self.metadata: dict[Candidate, CoreMetadata] = {}
        self.root_notes: list[str] = []
        self.notes: dict[Choice, tuple[str, ...]] = {}
        """What to tell the user if the choice becomes a pin."""

    def target_of(self, project: NormalizedName) -> Target:
        """Return the target that *project* is chosen for: the task's, or the narrower one of an inline tag list."""
        return self._narrowed.get(project, self.task.target)

    def root_asks(self) -> tuple[Ask, ...]:
        """Return what the user asks for on this target; raise `UndecidedRequirementError`."""
        return tuple(
            ProjectAsk(self._overridden(requirement))
            for requirement in self.task.requirements
            if self._applies(requirement, frozenset(), str(requirement.origin), self.root_notes)
        )

    def _overridden(self, requirement: Requirement) -> Requirement:
        return next(reversed(self._overrides.get(requirement.name, ())), requirement)

    def demand(self, project: NormalizedName, requirements: Iterable[Requirement]) -> Demand:
        """Return what *requirements* and the constraints together ask of one project."""
        asked = [*requirements, *self._constraints.get(project, ())]
        specifiers = {id(requirement.specifier): requirement.specifier for requirement in asked}
        return self.catalogue.demand(specifiers.values(), common_hashes(asked), self.task.preferences.get(project))

    def constraints_on(self, project: NormalizedName) -> tuple[Requirement, ...]:
        """Return the constraints that bear on a project on this target."""
        return self._constraints.get(project, ())

    def direct_url(self, project: NormalizedName, requirements: Iterable[Requirement]) -> str | None:
        """Return the one address that *requirements* or constraints name for the project, or None.

        Where they name several, the first by spelling is returned; the others then refuse its file. No hash that
        anybody gave is lost: an address with one goes before the same without.
        """
        asked = (*requirements, *self.constraints_on(project))
        urls = [requirement.url for requirement in asked if requirement.url is not None]
        if not urls:
            return None
        url = min(urls, key=lambda url: (urldefrag(url).url, sha256_of(url) is None, url))
        hashes = common_hashes(asked) or ()
        return f"{urldefrag(url).url}#sha256={min(hashes)}" if sha256_of(url) is None and len(hashes) == 1 else url

    def shelf(self, project: NormalizedName, url: str | None = None) -> Shelf | None:
        """Return the project's files for this target, or None if no index has it."""
        shelves = self._shelves.setdefault(project, {})
        if url not in shelves:
            listing = Listing(self._direct_page(project, url)) if url is not None else self.catalogue.listing(project)
            # An address is somebody's own choice, and no index said when its file was uploaded.
            rules = self.task.rules if url is None else Rules()
            hashed = self._hashed_here if url is None else self.catalogue.index.hashed
            shelf = None if listing is None else self._shelf_of(listing, rules, hashed)
            # Another thread may have been faster, and a candidate stands on one shelf only.
            shelves.setdefault(url, shelf)
        return shelves[url]

    def _direct_page(self, project: NormalizedName, url: str) -> ProjectPage:
        # Only what the user asked for has a digest: the metadata of a wheel does not get at folders of this machine.
        if not is_folder_address(url) or sha256_of(url) is None:
            return direct_page(project, url)
        if self.task.builder is None:
            raise FolderNotBuiltError(project, url)
        file = self.task.builder.folder(url, project, self.target_of(project))
        return ProjectPage(project=project, index=DIRECT, files=(file,))

    def _hashed_here(self, file: IndexFile) -> IndexFile:
        """Return a file of this machine with its sha256; another as it is, since its digest takes a download."""
        return self.catalogue.index.hashed(file) if file.url.startswith("file:") else file

    def _shelf_of(self, listing: Listing, rules: Rules, hashed: Callable[[IndexFile], IndexFile]) -> Shelf:
        target = self.target_of(listing.project)
        if self.task.builder is None:
            return Shelf(listing, target, rules, hashed=hashed)
        from wheelpin.candidates.building import BuildingShelf  # noqa: PLC0415 - not every run may build

        return BuildingShelf(listing, target, rules, self.task.builder, hashed=hashed)

    def shelf_of(self, candidate: Candidate) -> Shelf:
        """Return the shelf that *candidate* stands on."""
        shelves = tuple(self._shelves[candidate.project].values())
        return next(shelf for shelf in shelves if shelf is not None and shelf.has(candidate))

    def accepts(self, requirement: Requirement, candidate: Candidate) -> bool:
        """Tell whether *candidate* answers *requirement*."""
        if requirement.url is not None and not _is_address_of(requirement.url, candidate.file):
            return False
        if requirement.hashes and candidate.file.sha256 not in requirement.hashes:
            return False
        return requirement.specifier.contains(candidate.version, prereleases=True)

    def dependencies(self, choice: Choice) -> tuple[Ask, ...]:
        """Return what *choice* needs on this target.

        Raise `IndexUnavailableError`, and `UndecidedRequirementError` where a marker hangs on what nobody said.
        """
        if choice not in self._dependencies:
            self._dependencies[choice] = self._read_dependencies(choice)
        return self._dependencies[choice]

    def is_at_hand(self, asks: Iterable[Ask]) -> bool:
        """Tell whether the files of what *asks* name can be looked at without waiting; no where that is not known."""
        return not any(is_address(ask) or ask.project not in self._shelves for ask in asks)

    def has_read(self, choice: Choice) -> bool:
        """Tell whether the dependencies of *choice* can be had without waiting; no where that is not known."""
        return choice in self._dependencies or choice.candidate in self.metadata

    def _read_dependencies(self, choice: Choice) -> tuple[Ask, ...]:
        candidate = choice.candidate
        metadata = self._read_metadata(candidate)
        if isinstance(metadata, str):
            return (_impossible(candidate, metadata),)
        origin = Origin(f"{candidate.project} {candidate.version}")
        try:
            needs, extras = self._needs(choice, metadata, origin)
        except RequirementSyntaxError as error:
            return (_impossible(candidate, f"its requirement {error.text!r} cannot be read: {error.reason}"),)
        notes = [
            f"{origin} has no extra {extra!r}; it is left out"
            for extra in sorted(extras.difference(metadata.provides_extra))
        ]
        asks: list[Ask] = []
        for text, requirement, repair in needs:
            if not self._applies(requirement, extras, str(origin), notes):
                continue
            if repair is not None:
                notes.append(f"{origin} requires {text!r}, read as {repair!r}")
            wanted = self._overridden(requirement)
            if wanted.name != candidate.project:
                asks.append(ProjectAsk(wanted))
            elif not self.accepts(wanted, candidate):
                return (_impossible(candidate, f"it requires {wanted}, which it is not"),)
        self.notes[choice] = tuple(notes)
        return tuple(asks)

    def _needs(
        self, choice: Choice, metadata: CoreMetadata, origin: Origin
    ) -> tuple[Sequence[_Need], frozenset[NormalizedName]]:
        """Return what a file requires, what its other extras do left out, and the extras that count.

        Those are the choice's and what stands behind them: ``pkg[all]`` that requires ``pkg[a,b]``.
        Raise `RequirementSyntaxError`.
        """
        read: dict[int, _Need] = {}
        extras = choice.extras
        while True:
            for place, text in enumerate(metadata.requires_dist):
                if place not in read and ((behind := extra_behind(text)) is None or behind in extras):
                    read[place] = (text, *parse_metadata_requirement(text, origin))
            own = [need for _, need, _ in read.values() if need.name == choice.project and need.extras]
            asked = [need.extras for need in own if self._applies(need, extras, str(origin), [])]
            if (more := extras.union(*asked)) == extras:
                return [read[place] for place in sorted(read)], extras
            extras = more

    def _metadata_of(self, file: IndexFile, candidate: Candidate) -> CoreMetadata:
        if self.task.builder is None or not file.is_sdist:
            return self.catalogue.index.metadata(file)
        return self.task.builder.metadata(file, candidate.project, self.target_of(candidate.project))

    def _read_metadata(self, candidate: Candidate) -> CoreMetadata | str:
        problem = ""
        for file in (candidate.file, *candidate.alternatives):
            try:
                metadata = self._metadata_of(file, candidate)
            except MetadataUnusableError as error:
                problem = problem or str(error)
                continue
            if file.requires_python is None and metadata.requires_python is not None:
                try:
                    verdict = self.target_of(candidate.project).accepts_python(
                        parse_requires_python(metadata.requires_python)
                    )
                except RequirementSyntaxError:
                    return f"its Requires-Python {metadata.requires_python!r} cannot be read"
                if not verdict.holds:
                    version = self.task.target.python_full_version
                    return f"requires Python {metadata.requires_python}, the target has {version}"
            self.files[candidate] = file
            self.metadata[candidate] = metadata
            return metadata
        return problem

    def _applies(
        self, requirement: Requirement, extras: frozenset[NormalizedName], asker: str, notes: list[str]
    ) -> bool:
        if requirement.marker is None:
            return True
        target = self.task.target
        try:
            # What applies without an extra applies with it, too: more extras never make a smaller choice.
            verdict = target.applies(requirement.marker, {NO_EXTRA, *extras})
        except UnknownMarkerError as error:
            raise UndecidedRequirementError(requirement, asker, error) from None
        if verdict.hinges_on_patch:
            said = "applies" if verdict.holds else "does not apply"
            notes.append(
                f"{asker} requires {requirement}: it {said} because Python "
                f"{target.python_full_version} is assumed; --python-full-version says which one it is"
            )
        return verdict.holds


def narrowed_targets(task: Task) -> Mapping[NormalizedName, Target]:
    """Return the narrower targets of requirements with inline tags; raise `NarrowingError` or `TargetSyntaxError`.

    Where several lines narrow a project, each must lie within those before it.
    """
    narrowed: dict[NormalizedName, Target] = {}
    for requirement in applicable(task, task.requirements):
        if requirement.tags:
            target = narrowed.get(requirement.name, task.target)
            narrowed[requirement.name] = target.narrow(requirement.tags, requirement.origin)
    return narrowed


def direct_page(project: NormalizedName, url: str) -> ProjectPage:
    """Make the page that lists the one file of a direct reference (PEP 508 URL)."""
    address = urldefrag(url).url
    filename = unquote(urlsplit(address).path.rpartition("/")[2])
    file = IndexFile(filename=filename, url=address, sha256=sha256_of(url))
    return ProjectPage(project=project, index=DIRECT, files=(file,))


def by_project(task: Task, requirements: Iterable[Requirement]) -> Mapping[NormalizedName, tuple[Requirement, ...]]:
    """Group what applies to the task's target; raise `UndecidedRequirementError`."""
    found: dict[NormalizedName, tuple[Requirement, ...]] = {}
    for requirement in applicable(task, requirements):
        found[requirement.name] = (*found.get(requirement.name, ()), requirement)
    return found


def applicable(task: Task, requirements: Iterable[Requirement]) -> Iterator[Requirement]:
    """Yield what applies to the task's target, in order; raise `UndecidedRequirementError`."""
    for requirement in requirements:
        try:
            applies = task.target.applies(requirement.marker).holds
        except UnknownMarkerError as error:
            raise UndecidedRequirementError(requirement, str(requirement.origin), error) from None
        if applies:
            yield requirement


def _impossible(candidate: Candidate, reason: str) -> ImpossibleAsk:
    return ImpossibleAsk(NormalizedName(f"!{candidate.file.filename}"), reason)


def common_hashes(requirements: Iterable[Requirement]) -> frozenset[Sha256] | None:
    """Return the hashes that all *requirements* with hashes allow, None if none has any."""
    said = [requirement.hashes for requirement in requirements if requirement.hashes]
    return frozenset.intersection(*said) if said else None


def _is_address_of(url: str, file: IndexFile) -> bool:
    return urldefrag(url).url == urldefrag(file.url).url and sha256_of(url) in (None, file.sha256)


def sha256_of(url: str) -> Sha256 | None:
    """Return the hash in an address's fragment, as pip writes it."""
    said = dict(part.partition("=")[::2] for part in urldefrag(url).fragment.split("&"))
    return Sha256(said["sha256"].lower()) if "sha256" in said else None
