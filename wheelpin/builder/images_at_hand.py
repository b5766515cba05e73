"""Images that builds run in: fetched when they are missing, with system packages where a recipe asks for them."""

from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from types import TracebackType
from typing import Self

from wheelpin.builder.diagnosis import diagnose
from wheelpin.builder.errors import CannotBuildError, StepFailedError
from wheelpin.builder.places import Surroundings, proxies_of
from wheelpin.builder.steps import PACKAGE_MANAGERS, system_package_step
from wheelpin.builder.workshop import Workshop
from wheelpin.engines import Command, Container, ContainerOptions, ImageFacts, Network, RunLog
from wheelpin.engines.errors import EngineFailedError, ForeignArchitectureError


class ImagesAtHand:
    """A context: what it made for the run is removed at its end."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._lock = Lock()
        self._facts: dict[tuple[str, str], ImageFacts] = {}
        self._prepared: dict[tuple[str, tuple[str, ...]], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for image in self._prepared.values():
            with suppress(EngineFailedError):
                self._workshop.engine.remove_image(image)

    def ready(self, image: str, architecture: str, *, target: str) -> ImageFacts:
        """Return what is known of *image*, fetching it if need be.

        Raise `CannotBuildError` where its programs would not run, before anything is fetched, and `PullFailedError`.
        """
        with self._lock:
            key = (image, architecture)
            if key not in self._facts:
                self._facts[key] = self._fetched(image, architecture, target)
            return self._facts[key]

    def _fetched(self, image: str, architecture: str, target: str) -> ImageFacts:
        engine = self._workshop.engine
        if not engine.can_run(architecture):
            reason = f"{image} is of {architecture}, and the engine's machine has no emulator for that"
            raise CannotBuildError(target, reason, hint=ForeignArchitectureError.hint)
        if (facts := engine.facts_of(image)) is not None:
            return facts
        self._workshop.say(f"fetching the image {image} for {target}")
        engine.pull(image, architecture, _line_by_line(self._workshop.reporter.detail))
        if (facts := engine.facts_of(image)) is None:
            raise CannotBuildError(target, f"{image} was fetched and is not there")
        return facts

    def with_packages(self, facts: ImageFacts, packages: tuple[str, ...], log: RunLog, *, subject: str) -> str:
        """Return an image that has *packages* of its own system, too; raise `StepFailedError`."""
        if not packages:
            return facts.image
        with self._lock:
            key = (facts.identity, packages)
            if key not in self._prepared:
                self._prepared[key] = self._installed(facts, packages, log, subject)
            return self._prepared[key]

    def _installed(self, facts: ImageFacts, packages: tuple[str, ...], log: RunLog, subject: str) -> str:
        workshop = self._workshop
        options = ContainerOptions(
            image=facts.image,
            time_limit_s=workshop.time_limit_s,
            network=Network.FULL,
            architecture=facts.architecture,
        )
        around = Surroundings(
            python="", image_environment=facts.environment, more={"HOME": "/root", **proxies_of(workshop.environ)}
        )
        workshop.reporter.progress(f"{subject}: installing {', '.join(packages)}")
        with workshop.engine.open(options) as container:
            manager = _package_manager(container, subject, log)
            step = system_package_step(manager, packages, around)
            log.note(f"# {step.name}: {' '.join(packages)}")
            exit_code = container.run(step.command, log)
            if exit_code != 0:
                trouble = diagnose(exit_code, log.tail)
                hint = "see whether the image's system still offers packages of these names, and whether it is reached"
                raise StepFailedError(subject, step.name, trouble.reason, log=str(log.path), hint=hint)
            return container.commit()


def _package_manager(container: Container, subject: str, log: RunLog) -> str:
    for name in PACKAGE_MANAGERS:
        if container.ask(Command(argv=("sh", "-c", f"command -v {name}"))).exit_code == 0:
            return name
    known = ", ".join(PACKAGE_MANAGERS)
    raise StepFailedError(subject, "installing system packages", f"the image has none of {known}", log=str(log.path))


def _line_by_line(tell: Callable[[str], object]) -> Callable[[bytes], object]:
    def take(piece: bytes) -> None:
        for line in piece.decode("utf-8", "replace").splitlines():
            if line.strip():
                tell(line.strip())

    return take
