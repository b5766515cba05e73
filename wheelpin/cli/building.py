"""What ``wheelpin build`` does: from the user's words to requests, and from outcomes to words."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace
from packaging.utils import canonicalize_name

from wheelpin.builder import (
    BuildOptions,
    BuildRequest,
    NoSuchSourceError,
    Source,
    expand_braces,
    fetch_sdist,
    find_sdist,
    make_workshop,
    open_folder,
    open_sdist,
)
from wheelpin.builder.recipes import Recipes
from wheelpin.builder.sdist_archive import SDIST_ENDINGS
from wheelpin.candidates.rules import Rules
from wheelpin.cli.build_options import BuildWords
from wheelpin.cli.build_report import tell
from wheelpin.cli.console import Console, Volume, print_data
from wheelpin.cli.params import TargetWords
from wheelpin.cli.targets import stated_by
from wheelpin.deliveries.builds import BuildOutcome, Done, build_all, default_jobs, plan_builds, sdists_of
from wheelpin.deliveries.supplies import open_scratch, open_supply
from wheelpin.engines import EngineName
from wheelpin.errors import BuildFailedError
from wheelpin.files import IndexFile
from wheelpin.orders.finding import find_project
from wheelpin.orders.targets import TargetMissingError
from wheelpin.requirements import RequirementSyntaxError, parse_requirement
from wheelpin.session import settings_of_host
from wheelpin.settings import ExplicitOptions, Settings
from wheelpin.target import Target
from wheelpin.values import COMMAND_LINE
from wheelpin.wheelhouse import Supply


def run(
    words: Sequence[str], target_words: TargetWords, build: BuildWords, options: ExplicitOptions, console: Console
) -> int:
    """Build everything and tell how it went; return the exit code."""
    targets = _targets(target_words)
    for target in targets:
        for warning in target.warnings:
            console.warning(warning)
    settings = settings_of_host(os.environ, options=options)
    recipes = _recipes_around(Path.cwd())
    how = _options(build, console, settings, recipes)
    with open_supply(settings, console) as supply, open_scratch(settings) as scratch:
        requests = list(_requests(words, targets, recipes, supply, scratch))
        if build.plan:
            print_data(json.dumps({"include": plan_builds(requests, how)}, indent=2) + "\n")
            return 0
        workshop = make_workshop(how, settings, supply, os.environ)
        with console.working("building"):
            for path in sdists_of(requests, build.wheelhouse, workshop) if build.with_sdist else ():
                console.note(f"built: {path.name}")
            outcomes = build_all(requests, build.wheelhouse, workshop, jobs=build.jobs or default_jobs())
    tell(outcomes, build, console)
    return next((_code(each) for each in outcomes if not isinstance(each, Done)), 0)


def _targets(words: TargetWords) -> tuple[Target, ...]:
    """Read the targets, braces expanded."""
    spelled = tuple(dict.fromkeys(word for text in words.targets for word in expand_braces(text)))
    if not spelled:
        raise TargetMissingError
    return stated_by(replace(words, targets=spelled))


def _options(build: BuildWords, console: Console, settings: Settings, recipes: Recipes) -> BuildOptions:
    is_watched = console.volume is Volume.VERBOSE
    return BuildOptions(
        engine=EngineName(build.engine) if build.engine is not None else None,
        image=build.image,
        logs=build.wheelhouse / "logs" if build.keep_log else None,
        keeps_logs=build.keep_log,
        registry=settings.image_registry,
        rules=Rules(exclude_newer=settings.exclude_newer),
        recipes=recipes,
        say=console.note,
        live=console.detail if is_watched else None,
    )


def _recipes_around(folder: Path) -> Recipes:
    """Read the file of the project that *folder* belongs to, if there is one."""
    found = find_project(folder).found
    return Recipes() if found is None else Recipes(by_project=found.project.recipes, folder=found.folder)


def _requests(
    words: Sequence[str], targets: Sequence[Target], recipes: Recipes, supply: Supply, scratch: Path
) -> Iterator[BuildRequest]:
    for word in words:
        source, siblings = _source(word, supply, scratch)
        recipe, patches = recipes.of(source.project), recipes.patches_of(source.project)
        for target in targets:
            yield BuildRequest(source=source, target=target, recipe=recipe, patches=patches, siblings=siblings)


def _source(word: str, supply: Supply, scratch: Path) -> tuple[Source, tuple[IndexFile, ...]]:
    """Read a folder, an sdist, or a pinned project of an index; raise `NoSuchSourceError`."""
    path = Path(word)
    if path.is_dir():
        return open_folder(path), ()
    if path.is_file() and word.endswith(SDIST_ENDINGS):
        return open_sdist(path), ()
    if os.sep in word or word.endswith(SDIST_ENDINGS):
        raise NoSuchSourceError(word, "there is no such sdist or folder")
    try:
        requirement = parse_requirement(word, COMMAND_LINE)
    except RequirementSyntaxError as error:
        raise NoSuchSourceError(word, str(error)) from error
    file, siblings = find_sdist(requirement, supply)
    return fetch_sdist(file, scratch / canonicalize_name(requirement.name), supply), siblings


def _code(outcome: BuildOutcome) -> int:
    return BuildFailedError.exit_code if isinstance(outcome, Done) else outcome.error.exit_code
