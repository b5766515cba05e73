"""The place of one build: its image, the interpreter in it, and what the build is done with."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from msgspec.structs import replace
from packaging.utils import NormalizedName

from wheelpin.builder.build_system import parse_build_system
from wheelpin.builder.errors import CannotBuildError, StepFailedError
from wheelpin.builder.images_at_hand import ImagesAtHand
from wheelpin.builder.interpreters import surroundings_of, target_of_image
from wheelpin.builder.kept import KeptBuilds
from wheelpin.builder.pins import PIP, BuildPins, pin_requirements
from wheelpin.builder.places import proxies_of
from wheelpin.builder.provenance import BuildRecord, make_record, recipe_digest
from wheelpin.builder.request import BuildRequest
from wheelpin.builder.room import Room
from wheelpin.builder.sources import Source
from wheelpin.builder.tools import ToolBuilder
from wheelpin.builder.workshop import Workshop
from wheelpin.engines import (
    ContainerOptions,
    EngineFailedError,
    ForeignArchitectureError,
    ImageMissingError,
    ImageUnusableError,
    Network,
    ResultMissingError,
    RunLog,
    TimeLimitError,
)
from wheelpin.locks import Provenance
from wheelpin.target import Linux
from wheelpin.values import Sha256
from wheelpin.wheelhouse import sha256_of

_UNFIT = re.compile(r"[^\w.+-]+")
_LONGEST_LOG_NAME = 200
_ENGINES_FAILURES = (
    *(EngineFailedError, ForeignArchitectureError, ImageMissingError),
    *(ImageUnusableError, ResultMissingError, TimeLimitError),
)
_FORM = "2"
"""Raised when the same ingredients would make another wheel."""


class Bench:
    """What the parts of one build share."""

    def __init__(
        self,
        request: BuildRequest,
        images: ImagesAtHand,
        workshop: Workshop,
        scratch: Path,
        *,
        image: str | None = None,
    ) -> None:
        """Find the image for *request*, unless there is one already."""
        self.request, self.images, self.workshop, self.scratch = request, images, workshop, scratch
        target, recipe = request.target, request.recipe
        if not isinstance(target.platform, Linux):
            raise CannotBuildError(target.name, "containers build for Linux only")
        self.subject = request.subject
        self.system = parse_build_system(request.source.pyproject, request.source.label)
        self.kept = KeptBuilds(workshop.cache, workshop.supply.store)
        image = image or workshop.choose_image(target, recipe.image)
        self.image = images.ready(image, target.platform.arch, target=target.name)
        self.inside = target_of_image(target, self.image, workshop)
        proxies = proxies_of(workshop.environ) if recipe.network else {}
        self.around = replace(surroundings_of(target, self.image), more={**proxies, **recipe.environment})
        self.recipe_digest = recipe_digest(recipe, request.patches)
        self.key = digest([_FORM, request.source.sha256, self.image.identity, self.around.python, self.recipe_digest])
        self.tools = ToolBuilder(
            supply=workshop.supply,
            scratch=scratch / "tools",
            waiting=(*request.waiting, request.source.label),
            build=self._tool,
        )

    def pins(self, asked: Iterable[str]) -> BuildPins:
        """Pin what the build is done with, what its backend *asked* for included; raise `BuildFailedError`."""
        recipe = self.request.recipe
        wanted = [*self.system.requires, *asked, *recipe.build_requires, PIP]
        return pin_requirements(wanted, self.inside, self.workshop, self.tools, subject=self.subject)

    @contextmanager
    def logged(self, subject: str) -> Iterator[RunLog]:
        """Give a log, which stays where something goes wrong; what engines raise names the build and its log."""
        log_path = self.workshop.logs / f"{self._log_name(subject)}.log"
        self.workshop.reporter.progress(f"building {subject}")
        with RunLog(log_path, live=self.workshop.live) as log:
            log.note(f"# {subject} in {self.image.image} ({self.image.identity})")
            try:
                yield log
            except _ENGINES_FAILURES as error:
                log.note(f"# {error}")
                hint = getattr(error, "hint", None)
                if isinstance(error, TimeLimitError):
                    hint = "give it longer with --time-limit MINUTES, or see in the log what it waits for"
                raise StepFailedError(subject, "the container", str(error), log=str(log.path), hint=hint) from error
            if not self.workshop.keeps_logs:
                log.discard()

    def _log_name(self, subject: str) -> str:
        """Return a name for a file; other runs share the folder of those that nobody asked to keep."""
        name = _UNFIT.sub("-", subject)[:_LONGEST_LOG_NAME]
        return name if self.workshop.keeps_logs else f"{name}-{token_hex(4)}"

    @contextmanager
    def room(self, log: RunLog, pins: BuildPins) -> Iterator[Room]:
        """Open a container with the source laid out in it, equipped with *pins*."""
        recipe = self.request.recipe
        image = self.images.with_packages(self.image, recipe.system_packages, log, subject=self.subject)
        network = Network.FULL if recipe.network else Network.NONE
        with self.workshop.engine.open(self.options(image, network)) as container:
            room = Room(
                container=container,
                request=self.request,
                system=self.system,
                around=self.around,
                workshop=self.workshop,
                log=log,
                scratch=self.scratch,
                tools=self.tools,
            )
            room.prepare()
            room.equip(pins)
            yield room

    def options(self, image: str, network: Network) -> ContainerOptions:
        """Describe a container of the build."""
        return ContainerOptions(
            image=image,
            time_limit_s=self.workshop.time_limit_s,
            network=network,
            architecture=self.image.architecture,
        )

    def known_pins(self) -> tuple[BuildPins, bool]:
        """Pin what the build is known to need, and tell whether its backend has been asked before."""
        asked = self.kept.requirements(self.key)
        return self.pins(asked or ()), asked is not None

    def pins_for_wheel(self, room: Room) -> BuildPins:
        """Ask the backend what a wheel needs, keep its answer, and pin that."""
        asked = room.ask_backend("get_requires_for_build_wheel")
        self.kept.keep_requirements(self.key, asked)
        return self.pins(asked)

    def record(
        self, path: Path, pins: BuildPins, *, tools: tuple[str, ...] = (), notes: tuple[str, ...] = ()
    ) -> BuildRecord:
        """Describe how the wheel at *path* came about."""
        made = make_record(
            Provenance(
                source=self.request.source.origin,
                source_sha256=self.request.source.sha256,
                image=self.image.image,
                image_digest=self.image.identity,
                requirements=pins.spelled,
                tools=tools,
            ),
            wheel=path.name,
            sha256=sha256_of(path) or Sha256(""),
            target=self.request.target.spelling,
            recipe=self.recipe_digest,
        )
        return replace(made, notes=notes)

    def _tool(self, source: Source, project: NormalizedName, folder: Path) -> Path:
        """Build what this build needs, in its image."""
        recipes = self.workshop.recipes
        request = BuildRequest(
            source=source,
            target=self.request.target,
            recipe=replace(recipes.of(project), image=None),
            patches=recipes.patches_of(project),
            waiting=(*self.request.waiting, self.request.source.label),
        )
        bench = Bench(request, self.images, self.workshop, folder, image=self.image.image)
        return bench.tool(folder / "wheel")

    def tool(self, into: Path) -> Path:
        """Build a wheel for the image's own Python into the folder *into*: it serves there and nowhere else."""
        pins, is_complete = self.known_pins()
        if is_complete and (found := self.kept.wheel(self._tool_key(pins), into)) is not None:
            return into / found.wheel
        with self.logged(self.subject) as log, self.room(log, pins) as room:
            if not is_complete:
                pins = self.pins_for_wheel(room)
                if (found := self.kept.wheel(self._tool_key(pins), into)) is not None:
                    return into / found.wheel
                room.equip(pins)
            path = room.build()
        self.kept.keep_wheel(self._tool_key(pins), self.record(path, pins), path)
        return path

    def _tool_key(self, pins: BuildPins) -> str:
        return digest(["tool", self.key, *pins.identities])


def digest(parts: Iterable[str]) -> str:
    """Name what consists of *parts*."""
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()
