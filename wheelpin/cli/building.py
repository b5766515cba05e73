"""What ``wheelpin build`` does: from the user's words to requests, and from outcomes to words."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from wheelpin.builder import BuildOptions, expand_braces, make_workshop
from wheelpin.builder.recipes import Recipes
from wheelpin.builder.workshop import DEFAULT_TIME_LIMIT_S
from wheelpin.candidates.rules import Rules
from wheelpin.cli.build_options import BuildWords
from wheelpin.cli.build_report import tell
from wheelpin.cli.build_sources import SourcePlaces, iter_requests, recipes_of
from wheelpin.cli.console import Console, print_data
from wheelpin.cli.params import TargetWords
from wheelpin.cli.targets import project_targets, stated_by
from wheelpin.deliveries.builds import BuildOutcome, Done, build_all, default_jobs, plan_builds, sdists_of
from wheelpin.deliveries.supplies import open_supply
from wheelpin.engines import EngineName
from wheelpin.errors import BuildFailedError
from wheelpin.orders.finding import find_project
from wheelpin.orders.project_settings import options_within
from wheelpin.orders.targets import TargetMissingError
from wheelpin.session import settings_of_host
from wheelpin.settings import ExplicitOptions, Settings
from wheelpin.target import Target


def run(
    words: Sequence[str], target_words: TargetWords, build: BuildWords, options: ExplicitOptions, console: Console
) -> int:
    """Build everything and tell how it went; return the exit code."""
    targets = _targets(target_words)
    for target in targets:
        for warning in target.warnings:
            console.warning(warning)
    project = find_project(Path.cwd()).found
    settings = settings_of_host(os.environ, options=options if project is None else options_within(project, options))
    recipes = recipes_of(project)
    how = _options(build, console, settings, recipes)
    with open_supply(settings, console) as supply, TemporaryDirectory(prefix="wheelpin-") as scratch:
        places = SourcePlaces(
            recipes=recipes, outputs=build.wheelhouse, supply=supply, rules=how.rules, scratch=Path(scratch)
        )
        requests = list(iter_requests(words, targets, places))
        if build.plan:
            print_data(json.dumps({"include": plan_builds(requests, how)}, indent=2) + "\n")
            return 0
        workshop = make_workshop(how, settings, supply, os.environ)
        with console.working("building"):
            sdists = sdists_of(requests, build.wheelhouse, workshop) if build.with_sdist else []
            for path in sdists:
                console.note(f"built: {path.name}")
            outcomes = build_all(requests, build.wheelhouse, workshop, jobs=build.jobs or default_jobs())
    tell(outcomes, sdists, build, console)
    return next((_code(each) for each in outcomes if not isinstance(each, Done)), 0)


def _targets(words: TargetWords) -> tuple[Target, ...]:
    """Read the targets, braces expanded; those of the project's file where none is named."""
    spelled = tuple(dict.fromkeys(word for text in words.targets for word in expand_braces(text)))
    expanded = replace(words, targets=spelled)
    targets = project_targets(expanded) or stated_by(expanded)
    if not targets:
        raise TargetMissingError
    return targets


def _options(build: BuildWords, console: Console, settings: Settings, recipes: Recipes) -> BuildOptions:
    return BuildOptions(
        engine=EngineName(build.engine) if build.engine is not None else None,
        image=build.image,
        logs=build.wheelhouse / "logs" if build.keep_log else None,
        keeps_logs=build.keep_log,
        registry=settings.image_registry,
        rules=Rules(exclude_newer=settings.exclude_newer),
        time_limit_s=DEFAULT_TIME_LIMIT_S if build.time_limit_min is None else build.time_limit_min * 60,
        recipes=recipes,
        say=console.note,
        live=console.watch,
    )


def _code(outcome: BuildOutcome) -> int:
    return BuildFailedError.exit_code if isinstance(outcome, Done) else outcome.error.exit_code
