"""Wheels built for several sources and targets at once, and the plan of that."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from wheelpin.builder import (
    BuildRequest,
    BuiltWheel,
    CannotBuildError,
    ImageChoice,
    ImageOverrides,
    ImagesAtHand,
    NoImage,
    Workshop,
    build_wheel,
    choose_image,
)
from wheelpin.cache import Cache
from wheelpin.candidates.rules import Rules
from wheelpin.engines import EngineName, find_engine
from wheelpin.errors import WheelpinError
from wheelpin.settings import Settings
from wheelpin.target import Linux, Target
from wheelpin.wheelhouse import Supply


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What a user says on how to build, whatever is built."""

    engine: EngineName | None = None
    image: str | None = None
    """Instead of the one that the table has for a target; a recipe's word goes before it."""
    logs: Path | None = None
    """The folder of logs; None for one beside the cache."""
    keeps_logs: bool = False
    time_limit_s: int = 2 * 60 * 60
    rules: Rules = field(default_factory=Rules)
    say: Callable[[str], object] = _silent
    live: Callable[[str], object] | None = None


def make_workshop(options: BuildOptions, settings: Settings, supply: Supply, environ: Mapping[str, str]) -> Workshop:
    """Find an engine and set up what builds need; raise `NoEngineError`."""
    said: set[str] = set()

    def choose(target: Target, image: str | None) -> str:
        found = choice_for(target, image or options.image)
        if isinstance(found, NoImage):
            raise CannotBuildError(target.name, found.reason, hint=found.hint)
        line = f"image for {target.name}: {found}"
        if line not in said:
            said.add(line)
            options.say(line)
        return found.name

    return Workshop(
        engine=find_engine(options.engine, environ),
        supply=supply,
        cache=Cache(settings.cache_dir, supply.reporter) if settings.use_cache else None,
        logs=options.logs or _log_folder(settings),
        choose_image=choose,
        rules=options.rules,
        environ=environ,
        time_limit_s=options.time_limit_s,
        say=options.say,
        live=options.live,
        keeps_logs=options.keeps_logs,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A wheel that was built, or found to have been."""

    request: BuildRequest
    built: BuiltWheel
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A build that came to nothing."""

    request: BuildRequest
    error: WheelpinError
    seconds: float


BuildOutcome = Done | Failed


def build_all(requests: Sequence[BuildRequest], into: Path, workshop: Workshop, *, jobs: int) -> list[BuildOutcome]:
    """Build every request, *jobs* at a time, into the folder *into*; a failure does not stop the others.

    The outcomes are in the order of the requests. Ctrl-C removes every container at once.
    """
    with ImagesAtHand(workshop) as images:

        def run(request: BuildRequest) -> BuildOutcome:
            began = time.monotonic()
            try:
                built = build_wheel(request, into, images, workshop)
            except WheelpinError as error:
                return Failed(request=request, error=error, seconds=time.monotonic() - began)
            return Done(request=request, built=built, seconds=time.monotonic() - began)

        with ThreadPoolExecutor(max(1, jobs), thread_name_prefix="wheelpin-build") as threads:
            futures = [threads.submit(run, request) for request in requests]
            try:
                return [future.result() for future in futures]
            except BaseException:
                for future in futures:
                    future.cancel()
                workshop.engine.stop()
                raise


def plan_builds(requests: Sequence[BuildRequest], options: BuildOptions) -> list[dict[str, object]]:
    """Spell what would be built, where and on which kind of machine, for a CI service's matrix."""
    return [dict(_planned(request, options)) for request in requests]


def _planned(request: BuildRequest, options: BuildOptions) -> Iterator[tuple[str, object]]:
    platform = request.target.platform
    choice = choice_for(request.target, request.recipe.image or options.image)
    yield "source", request.source.said
    yield "target", request.target.spelling
    if isinstance(platform, Linux):
        yield "architecture", platform.arch
    if isinstance(choice, NoImage):
        yield "impossible", choice.reason
    else:
        yield "image", choice.name
        yield "why", choice.why


def choice_for(target: Target, image: str | None) -> ImageChoice | NoImage:
    """Return the image for *target*, the one named if there is one."""
    return choose_image(target, overrides=ImageOverrides(image=image))


def default_jobs() -> int:
    """Return how many builds run at a time where nobody said: half of the machine, as compilers run in parallel."""
    return max(1, (os.cpu_count() or 2) // 2)


def _log_folder(settings: Settings) -> Path:
    return settings.cache_dir / "logs" if settings.use_cache else Path(tempfile.gettempdir(), "wheelpin-logs")
