"""From the words that name sources of ``wheelpin build`` to what is asked of the builder."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from packaging.utils import canonicalize_name

from wheelpin.builder import (
    BuildRequest,
    NoSuchSourceError,
    Source,
    fetch_sdist,
    find_sdist,
    open_folder,
    open_sdist,
)
from wheelpin.builder.recipes import Recipes
from wheelpin.builder.sdist_archive import SDIST_ENDINGS
from wheelpin.candidates.rules import Rules
from wheelpin.files import IndexFile
from wheelpin.orders.finding import FoundProject, find_project
from wheelpin.requirements import RequirementSyntaxError, parse_requirement
from wheelpin.target import Target
from wheelpin.values import COMMAND_LINE
from wheelpin.wheelhouse import Supply


class SourcePlaces(Struct, frozen=True, kw_only=True):
    """Where sources come from, and what is known beside them."""

    recipes: Recipes
    """Of the project that the working folder belongs to."""
    outputs: Path
    """Where wheels are put."""
    supply: Supply
    rules: Rules
    """What may be chosen of an index."""
    scratch: Path


def iter_requests(words: Sequence[str], targets: Sequence[Target], places: SourcePlaces) -> Iterator[BuildRequest]:
    """Read every source and ask for a wheel of it for each target; raise `NoSuchSourceError`."""
    for word in words:
        source, siblings = _read(word, places)
        recipes = _recipes_for(source, places)
        recipe, patches = recipes.of(source.project), recipes.patches_of(source.project)
        for target in targets:
            yield BuildRequest(source=source, target=target, recipe=recipe, patches=patches, siblings=siblings)


def recipes_of(project: FoundProject | None) -> Recipes:
    """Return what a project's file says of builds."""
    return Recipes() if project is None else Recipes(by_project=project.project.recipes, folder=project.folder)


def _recipes_for(source: Source, places: SourcePlaces) -> Recipes:
    """Let a folder's own file say how it is built, else the one of the working folder."""
    own = recipes_of(find_project(source.path).found) if source.is_folder else Recipes()
    return own if source.project in own.by_project else places.recipes


def _read(word: str, places: SourcePlaces) -> tuple[Source, tuple[IndexFile, ...]]:
    """Read a folder, an sdist, or a pinned project of an index; raise `NoSuchSourceError`."""
    path = Path(word)
    if path.is_dir():
        return open_folder(path, outputs=places.outputs), ()
    if path.is_file() and word.endswith(SDIST_ENDINGS):
        return open_sdist(path), ()
    if os.sep in word or word.endswith(SDIST_ENDINGS):
        raise NoSuchSourceError(word, "there is no such sdist or folder")
    try:
        requirement = parse_requirement(word, COMMAND_LINE)
    except RequirementSyntaxError as error:
        raise NoSuchSourceError(word, str(error)) from error
    if requirement.marker is not None or requirement.extras:
        raise NoSuchSourceError(word, "extras and markers mean nothing to a build")
    file, siblings = find_sdist(requirement, places.rules, places.supply)
    return fetch_sdist(file, places.scratch / canonicalize_name(requirement.name), places.supply), siblings
