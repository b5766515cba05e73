"""A project's file that is about to be written."""

import re
from collections.abc import Iterable, Mapping, Sequence

import tomli_w
from msgspec import Struct, field

from wheelpin.project.functions import Function

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


class DraftTarget(Struct, frozen=True, kw_only=True):
    """A target, and the requirements that it has for itself."""

    tags: str
    requirements: str | None = None


class Draft(Struct, frozen=True, kw_only=True):
    """What the file will say."""

    requirements: tuple[str, ...] | None
    """None: the dependencies of the pyproject.toml there."""
    targets: Mapping[str, DraftTarget] = field(default_factory=dict)


def choose_requirements(names: Iterable[str], *, has_dependencies: bool) -> tuple[str, ...] | None:
    """Choose from the requirements files of a folder: what people write goes before what tools make of it.

    None stands for the pyproject.toml's dependencies; nothing where there is nothing to lock.
    """
    found = sorted(names)
    if "requirements.in" in found:
        return ("requirements.in",)
    if has_dependencies:
        return None
    if "requirements.txt" in found:
        return ("requirements.txt",)
    return (found[0],) if len(found) == 1 else ()


def targets_of(functions: Sequence[tuple[Function, str | None]]) -> Mapping[str, DraftTarget]:
    """Return a target for every runtime, named after it; functions with requirements of their own have their own."""
    found: dict[str, DraftTarget] = {}
    for function, requirements in functions:
        target = DraftTarget(tags=function.preset, requirements=requirements)
        if target in found.values():
            continue
        own = _NOT_IN_NAMES.sub("-", function.name).strip("._-") if requirements is not None else ""
        found[_free_name(own or function.preset, found)] = target
    return found


def _free_name(name: str, taken: Iterable[str]) -> str:
    """Return *name*, numbered if a target has it already, in any case."""
    lower = {other.lower() for other in taken}
    names = (name, *(f"{name}-{number}" for number in range(2, len(lower) + 3)))
    return next(each for each in names if each.lower() not in lower)


def draft_to_toml(draft: Draft) -> str:
    """Write the text of a wheelpin.toml."""
    table: dict[str, object] = {}
    if draft.requirements is not None:
        table["requirements"] = list(draft.requirements)
    table["targets"] = {
        name: target.tags
        if target.requirements is None
        else {"tags": target.tags, "requirements": [target.requirements]}
        for name, target in draft.targets.items()
    }
    return f"# What `wheelpin lock` locks, and for which machines.\n\n{tomli_w.dumps(table)}"
