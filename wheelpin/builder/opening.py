"""Set up what builds need: an engine, the images of the table, folders for logs."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, field

from wheelpin.builder.errors import CannotBuildError, NoBuildEngineError
from wheelpin.builder.images import OFFICIAL_REGISTRY, ImageChoice, ImageOverrides, NoImage, choose_image
from wheelpin.builder.recipes import Recipes
from wheelpin.builder.workshop import DEFAULT_TIME_LIMIT_S, Workshop
from wheelpin.cache import Cache
from wheelpin.candidates.rules import Rules
from wheelpin.engines import EngineName, NoEngineError, find_engine
from wheelpin.engines.logs import MOST_BYTES
from wheelpin.settings import Settings
from wheelpin.target import Target
from wheelpin.wheelhouse import Supply


def _silent(_: str) -> None:
    """Say nothing."""


class BuildOptions(Struct, frozen=True, kw_only=True):
    """What a user says on how to build, whatever is built."""

    engine: EngineName | None = None
    image: str | None = None
    """Instead of the one that the table has for a target; a recipe's word goes before it."""
    registry: str | None = None
    """Where the table's images are fetched from instead of their own registry."""
    logs: Path | None = None
    """The folder of logs; None for one beside the cache."""
    keeps_logs: bool = False
    time_limit_s: int = DEFAULT_TIME_LIMIT_S
    rules: Rules = field(default_factory=Rules)
    recipes: Recipes = field(default_factory=Recipes)
    say: Callable[[str], object] = _silent
    live: Callable[[str], object] | None = None


def make_workshop(options: BuildOptions, settings: Settings, supply: Supply, environ: Mapping[str, str]) -> Workshop:
    """Find an engine and set up what builds need; raise `NoBuildEngineError`."""
    said: set[str] = set()

    def choose(target: Target, image: str | None) -> str:
        found = choice_for(target, image or options.image, options.registry)
        if isinstance(found, NoImage):
            raise CannotBuildError(target.name, found.reason, hint=found.hint)
        line = f"image for {target.name}: {found}"
        if line not in said:
            said.add(line)
            options.say(line)
        return found.name

    try:
        engine = find_engine(options.engine, environ)
    except NoEngineError as error:
        raise NoBuildEngineError(str(error)) from error
    return Workshop(
        engine=engine,
        supply=supply,
        cache=Cache(settings.cache_dir, supply.reporter) if settings.use_cache else None,
        logs=options.logs or log_folder(settings),
        choose_image=choose,
        rules=options.rules,
        recipes=options.recipes,
        environ=environ,
        time_limit_s=options.time_limit_s,
        say=options.say,
        live=options.live,
        keeps_logs=options.keeps_logs,
    )


def choice_for(target: Target, image: str | None, registry: str | None) -> ImageChoice | NoImage:
    """Return the image for *target*, the one named if there is one."""
    return choose_image(target, overrides=ImageOverrides(image=image, registry=registry or OFFICIAL_REGISTRY))


def log_folder(settings: Settings) -> Path:
    """Return where logs go that nobody asked to keep: beside the cache, or among temporary files if it has no room."""
    folder = settings.cache_dir / "logs"
    return folder if settings.use_cache and _has_room(folder) else Path(tempfile.gettempdir(), "wheelpin-logs")


def _has_room(folder: Path) -> bool:
    """Tell whether a log finds room there however long it becomes: no build ends because the cache is full."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= MOST_BYTES
    return False
