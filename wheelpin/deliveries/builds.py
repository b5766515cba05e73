"""Wheels built for several sources and targets at once, and the plan of that."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.builder import (
    BuildOptions,
    BuildRequest,
    BuiltWheel,
    ImagesAtHand,
    NoImage,
    Workshop,
    build_sdist,
    build_wheel,
    choice_for,
)
from wheelpin.builder.housing import house
from wheelpin.engines import ending_in_order
from wheelpin.errors import WheelpinError
from wheelpin.target import Linux


class Done(Struct, frozen=True, kw_only=True):
    """A wheel that was built, or found to have been."""

    request: BuildRequest
    built: BuiltWheel
    seconds: float


class Failed(Struct, frozen=True, kw_only=True):
    """A build that came to nothing."""

    request: BuildRequest
    error: WheelpinError
    seconds: float


BuildOutcome = Done | Failed


def sdists_of(requests: Sequence[BuildRequest], into: Path, workshop: Workshop) -> list[Path]:
    """Build the sdist of every folder among the sources into the folder *into*, each with its first target's Python.

    Raise what a build raises.
    """
    first = {request.source.path: request for request in reversed(requests) if request.source.is_folder}
    with ImagesAtHand(workshop) as images:
        return [build_sdist(request, into, images, workshop) for _, request in sorted(first.items())]


def build_all(requests: Sequence[BuildRequest], into: Path, workshop: Workshop, *, jobs: int) -> list[BuildOutcome]:
    """Build every request, *jobs* at a time, into the folder *into*; a failure does not stop the others.

    The outcomes are in the order of the requests. Ctrl-C removes every container at once.
    """
    placing = Lock()
    with ending_in_order(), ImagesAtHand(workshop) as images, TemporaryDirectory(prefix="wheelpin-") as scratch:

        def run(place: int, request: BuildRequest) -> BuildOutcome:
            began = time.monotonic()
            try:
                built = build_wheel(request, Path(scratch, str(place)), images, workshop)
                # Two targets may get a pure wheel of one name, and only one file can have it.
                with placing:
                    housed = house(built.path, built.record, into, request.target)
            except WheelpinError as error:
                return Failed(request=request, error=error, seconds=time.monotonic() - began)
            built = replace(built, path=housed.path, record=housed.record)
            return Done(request=request, built=built, seconds=time.monotonic() - began)

        with ThreadPoolExecutor(max(1, jobs), thread_name_prefix="wheelpin-build") as threads:
            try:
                futures = [threads.submit(run, place, request) for place, request in enumerate(requests)]
                return [future.result() for future in futures]
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                workshop.engine.stop()
                raise


def plan_builds(requests: Sequence[BuildRequest], options: BuildOptions) -> list[dict[str, object]]:
    """Spell what would be built, where and on which kind of machine, for a CI service's matrix."""
    return [dict(_planned(request, options)) for request in requests]


def _planned(request: BuildRequest, options: BuildOptions) -> Iterator[tuple[str, object]]:
    platform = request.target.platform
    choice = choice_for(request.target, request.recipe.image or options.image, options.registry)
    yield "source", request.source.said
    yield "target", request.target.spelling
    if isinstance(platform, Linux):
        yield "architecture", platform.arch
    if isinstance(choice, NoImage):
        yield "impossible", choice.reason
    else:
        yield "image", choice.name
        yield "why", choice.why
        yield "verified", choice.is_verified


def default_jobs() -> int:
    """Return how many builds run at a time where nobody said: half of the machine, as compilers run in parallel."""
    return max(1, (os.cpu_count() or 2) // 2)
