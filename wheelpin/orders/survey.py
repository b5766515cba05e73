"""Look through a folder for what a project's file could say of it."""

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, field

from wheelpin.project.draft import choose_requirements
from wheelpin.project.functions import Function, PassedOver, functions_of_serverless, functions_of_template
from wheelpin.project.reading import PYPROJECT
from wheelpin.project.yaml_text import parse_yaml
from wheelpin.texts import read_text

_REQUIREMENTS = ("requirements*.in", "requirements*.txt")
_DESCRIPTIONS = {
    "template.yaml": functions_of_template,
    "template.yml": functions_of_template,
    "serverless.yml": functions_of_serverless,
    "serverless.yaml": functions_of_serverless,
}


class Survey(Struct, frozen=True, kw_only=True):
    """What lies in a folder."""

    requirements: tuple[str, ...] | None
    """The files to lock; None: the pyproject.toml's dependencies."""
    others: tuple[str, ...]
    """Requirements files that were not chosen."""
    functions: tuple[tuple[str, Function, str | None], ...] = field(default=())
    """Where it was found, the function, and the file of its own requirements."""
    passed_over: tuple[tuple[str, PassedOver], ...] = ()


def survey(folder: Path) -> Survey:
    """Read the files of *folder* that tell what to lock for which runtimes; raise `YamlError`."""
    names = sorted({path.name for pattern in _REQUIREMENTS for path in folder.glob(pattern) if path.is_file()})
    requirements = choose_requirements(names, has_dependencies=_has_dependencies(folder / PYPROJECT))
    found: list[tuple[str, Function, str | None]] = []
    passed_over: list[tuple[str, PassedOver]] = []
    for name, read in _DESCRIPTIONS.items():
        if (folder / name).is_file():
            for each in read(parse_yaml(read_text(folder / name, name), name)):
                match each:
                    case Function():
                        found.append((name, each, _own_requirements(folder, each, requirements or ())))
                    case PassedOver():
                        passed_over.append((name, each))
    if requirements == ():
        reason = "nothing says what it requires"
        passed_over += [
            (name, PassedOver(name=function.name, reason=reason)) for name, function, own in found if own is None
        ]
        found = [each for each in found if each[2] is not None]
    return Survey(
        requirements=requirements,
        others=tuple(name for name in names if name not in (requirements or ())),
        functions=tuple(found),
        passed_over=tuple(passed_over),
    )


def _own_requirements(folder: Path, function: Function, common: Iterable[str]) -> str | None:
    """Return the file of requirements beside the function's code, None where it is the common one or is not there."""
    path = Path(os.path.normpath(Path(function.folder, function.requirements)))
    is_own = not path.is_absolute() and (folder / path).is_file() and path.as_posix() not in common
    return path.as_posix() if is_own and path.as_posix() != "requirements.txt" else None


def _has_dependencies(pyproject: Path) -> bool:
    """Tell whether there is a pyproject.toml that lists what its project needs."""
    try:
        project = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project")
    except (OSError, ValueError):
        return False
    return isinstance(project, dict) and bool(project.get("dependencies"))
