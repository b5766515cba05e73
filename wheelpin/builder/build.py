"""One build: a source and a target in, a repaired and proven wheel out, or a clear refusal."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.utils import parse_wheel_filename

from wheelpin.builder.build_system import parse_build_system
from wheelpin.builder.errors import CannotBuildError, StepFailedError
from wheelpin.builder.images_at_hand import ImagesAtHand
from wheelpin.builder.interpreters import surroundings_of, target_of_image
from wheelpin.builder.kept import KeptBuilds, adopt, write_record
from wheelpin.builder.pins import PIP, BuildPins, lay_in, pin_requirements
from wheelpin.builder.places import proxies_of
from wheelpin.builder.proof import Trial, audit_for_target, lay_out_wheels
from wheelpin.builder.provenance import make_record, recipe_digest
from wheelpin.builder.request import BuildRequest, BuiltWheel
from wheelpin.builder.room import Room
from wheelpin.builder.sources import open_sdist
from wheelpin.builder.steps import takes_settings
from wheelpin.builder.workshop import Workshop
from wheelpin.engines import (
    Container,
    ContainerOptions,
    EngineFailedError,
    Network,
    ResultMissingError,
    RunLog,
    TimeLimitError,
)
from wheelpin.engines.errors import ImageUnusableError
from wheelpin.index.metadata import parse_metadata
from wheelpin.index.wheel_metadata import read_wheel_metadata, view_of
from wheelpin.locks import Provenance
from wheelpin.target import Linux
from wheelpin.values import Sha256, without_secrets
from wheelpin.wheelhouse import Housed, How, WantedWheel, sha256_of

_UNFIT = re.compile(r"[^\w.+-]+")
_FORM = "1"
"""Raised when the same ingredients would make another wheel."""


def build_wheel(request: BuildRequest, into: Path, images: ImagesAtHand, workshop: Workshop) -> BuiltWheel:
    """Build, repair and prove one wheel and put it into the folder *into*, or find that an earlier run did.

    Raise the branches of `BuildFailedError`, `FileNotWritableError`, and what fetching raises.
    """
    return _Build(request, images, workshop).wheel(into)


def build_sdist(request: BuildRequest, into: Path, images: ImagesAtHand, workshop: Workshop) -> Path:
    """Build the sdist of a folder with the image's Python; raise as `build_wheel` does."""
    return _Build(request, images, workshop).sdist(into)


class _Build:
    """What the parts of one build share."""

    def __init__(self, request: BuildRequest, images: ImagesAtHand, workshop: Workshop) -> None:
        self.request, self.images, self.workshop = request, images, workshop
        target, recipe = request.target, request.recipe
        if not isinstance(target.platform, Linux):
            raise CannotBuildError(target.name, "containers build for Linux only")
        self.subject = request.subject
        self.system = parse_build_system(request.source.pyproject, request.source.label)
        self.kept = KeptBuilds(workshop.cache, workshop.supply.store)
        self.image = images.ready(workshop.choose_image(target, recipe.image), target.platform.arch, target=target.name)
        self.inside = target_of_image(target, self.image, workshop)
        proxies = proxies_of(workshop.environ) if recipe.network else {}
        self.around = replace(surroundings_of(target, self.image), more={**proxies, **recipe.environment})
        self.recipe_digest = recipe_digest(recipe, request.patches)
        self.key = _digest([_FORM, request.source.sha256, self.image.identity, self.around.python, self.recipe_digest])

    def wheel(self, into: Path) -> BuiltWheel:
        asked = self.kept.requirements(self.key)
        pins = self._pins(asked or ())
        if asked is not None and (found := self._found(pins, into)) is not None:
            return found
        with self._logged(self.subject) as (log, scratch):
            return self._built(pins, asked, log=log, scratch=scratch, into=into)

    def sdist(self, into: Path) -> Path:
        """Build the project's sdist and put it into the folder *into*."""
        pins = self._pins(())
        with self._logged(f"sdist of {self.subject}") as (log, scratch):
            image = self.images.with_packages(
                self.image, self.request.recipe.system_packages, log, subject=self.subject
            )
            with self.workshop.engine.open(self._options(image, self._network)) as container:
                room = self._room(container, log, scratch)
                room.prepare()
                room.equip(pins)
                complete = self._pins(room.ask_backend("get_requires_for_build_sdist"))
                if complete != pins:
                    room.equip(complete)
                path = room.build_sdist()
            open_sdist(path)
            return adopt(path, into)

    @contextmanager
    def _logged(self, subject: str) -> Iterator[tuple[RunLog, Path]]:
        """Give a log and a folder to work in; the log stays where something goes wrong."""
        log_path = self.workshop.logs / f"{_UNFIT.sub('-', subject)}.log"
        self.workshop.reporter.progress(f"building {subject}")
        with RunLog(log_path, live=self.workshop.live) as log, TemporaryDirectory(prefix="wheelpin-") as folder:
            log.note(f"# {subject} in {self.image.image} ({self.image.identity})")
            with _naming_the_log(subject, log):
                yield log, Path(folder)
        if not self.workshop.keeps_logs:
            log_path.unlink(missing_ok=True)

    @property
    def _network(self) -> Network:
        return Network.FULL if self.request.recipe.network else Network.NONE

    def _room(self, container: Container, log: RunLog, scratch: Path) -> Room:
        return Room(
            container=container,
            request=self.request,
            system=self.system,
            around=self.around,
            workshop=self.workshop,
            log=log,
            scratch=scratch,
        )

    def _pins(self, asked: Iterable[str]) -> BuildPins:
        recipe = self.request.recipe
        wanted = [*self.system.requires, *asked, *recipe.build_requires, PIP]
        pins = pin_requirements(wanted, self.inside, self.workshop, subject=self.subject)
        if recipe.config_settings and not takes_settings(pins.version_of(PIP)):
            reason = f"config-settings need pip 22.1, and {self.inside.interpreter} has pip {pins.version_of(PIP)}"
            raise CannotBuildError(self.request.target.name, reason, hint="say it by the recipe's environment")
        return pins

    def _wheel_key(self, pins: BuildPins) -> str:
        recipe = self.request.recipe
        tested = [*recipe.test_command, *recipe.test_requires]
        return _digest([self.key, self.request.target.spelling, *pins.identities, *tested])

    def _found(self, pins: BuildPins, into: Path) -> BuiltWheel | None:
        record = self.kept.wheel(self._wheel_key(pins), into)
        return None if record is None else BuiltWheel(path=into / record.wheel, record=record, is_kept=True)

    def _built(
        self, pins: BuildPins, asked: tuple[str, ...] | None, *, log: RunLog, scratch: Path, into: Path
    ) -> BuiltWheel:
        recipe, target = self.request.recipe, self.request.target
        image = self.images.with_packages(self.image, recipe.system_packages, log, subject=self.subject)
        with self.workshop.engine.open(self._options(image, self._network)) as container:
            room = self._room(container, log, scratch)
            room.prepare()
            room.equip(pins)
            if asked is None:
                asked = room.ask_backend("get_requires_for_build_wheel")
                self.kept.keep_requirements(self.key, asked)
                complete = self._pins(asked)
                if (found := self._found(complete, into)) is not None:
                    return found
                if complete != pins:
                    pins = complete
                    room.equip(pins)
            path = room.build(pins)
            warnings = room.check_loss(path)
            path, tools = room.repaired(path)
        audit_for_target(path, target, subject=self.subject, log=log)
        self._try_out(path, log, scratch)
        path = adopt(path, into)
        record = make_record(
            Provenance(
                source=without_secrets(self.request.source.said),
                source_sha256=self.request.source.sha256,
                image=self.image.image,
                image_digest=self.image.identity,
                requirements=pins.spelled,
                tools=tools,
            ),
            wheel=path.name,
            sha256=sha256_of(path) or Sha256(""),
            target=target.spelling,
            recipe=self.recipe_digest,
        )
        write_record(record, into)
        self.kept.keep_wheel(self._wheel_key(pins), record, path)
        return BuiltWheel(path=path, record=record, is_kept=False, warnings=warnings)

    def _options(self, image: str, network: Network) -> ContainerOptions:
        return ContainerOptions(
            image=image,
            time_limit_s=self.workshop.time_limit_s,
            network=network,
            architecture=self.image.architecture,
        )

    def _try_out(self, path: Path, log: RunLog, scratch: Path) -> None:
        """Import the wheel and run the recipe's tests, in a container that has nothing of the build."""
        recipe, target = self.request.recipe, self.request.target
        name, version, _, _ = parse_wheel_filename(path.name)
        alone = [_housed(path)]
        tree = lay_out_wheels(alone, target, scratch / "alone", self.workshop.reporter)
        with self.workshop.engine.open(self._options(self.image.image, Network.NONE)) as container:
            trial = Trial(container=container, around=self.around, subject=self.subject, log=log)
            trial.bring(scratch / "alone")
            trial.import_all(tree, scratch / "alone", target, self.workshop.reporter)
        if recipe.test_command:
            wanted = [*recipe.test_requires, *needs_of(path)]
            others = pin_requirements(wanted, target, self.workshop, subject=f"the tests of {name} {version}")
            lay_in([pin for pin in others.pins if pin.project != name], scratch / "others", self.workshop)
            wheels = [*alone, *(_housed(each) for each in sorted((scratch / "others").glob("*.whl")))]
            lay_out_wheels(wheels, target, scratch / "together", self.workshop.reporter)
            with self.workshop.engine.open(self._options(self.image.image, Network.NONE)) as container:
                trial = Trial(container=container, around=self.around, subject=self.subject, log=log)
                trial.bring(scratch / "together")
                trial.test(recipe.test_command)


@contextmanager
def _naming_the_log(subject: str, log: RunLog) -> Iterator[None]:
    """Let what engines raise say, too, what was being built and where the log lies."""
    try:
        yield
    except (EngineFailedError, ImageUnusableError, ResultMissingError, TimeLimitError) as error:
        log.note(f"# {error}")
        hint = getattr(error, "hint", None)
        raise StepFailedError(subject, "the container", str(error), log=str(log.path), hint=hint) from error


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()


def _housed(path: Path) -> Housed:
    project, _, _, _ = parse_wheel_filename(path.name)
    digest = sha256_of(path) or Sha256("")
    wheel = WantedWheel(project=project, filename=path.name, sha256=digest, wanted_by="the build")
    return Housed(wheel=wheel, path=path, size_bytes=path.stat().st_size, how=How.REUSED)


def needs_of(path: Path) -> Sequence[str]:
    """Return what a wheel's own METADATA requires; raise `MetadataUnusableError`."""
    with path.open("rb") as stream:
        return parse_metadata(read_wheel_metadata(view_of(stream), path.name), path.name).requires_dist
