"""Read ``[tool.wheelpin]`` of a pyproject.toml, or the same keys at the top of a wheelpin.toml."""

import re
from collections.abc import Iterator

from msgspec.structs import replace
from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from wheelpin.project.model import NamedTarget, Project, ProjectIndexes, ProjectInputs
from wheelpin.project.recipe import read_recipes
from wheelpin.project.table import Table, allowed_hint
from wheelpin.values import LOCKFILES, LockFormat

PYPROJECT = "pyproject.toml"
OWN_FILE = "wheelpin.toml"

_INPUT_KEYS = ("requirements", "groups", "extras", "all-extras", "constraints", "overrides")
_INDEX_KEYS = ("index-url", "extra-index-urls", "find-links", "no-index", "project-indexes", "exclude-newer")
_RULE_KEYS = ("pre-releases", "align", "only-binary", "no-binary")
KEYS = (*_INPUT_KEYS, "targets", "lockfiles", "format", *_INDEX_KEYS, *_RULE_KEYS, "build")
TARGET_KEYS = ("tags", "python-full-version", "markers", *_INPUT_KEYS, "lockfile", "format")

_TARGET_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_FORMATS = tuple(form.value for form in LockFormat)


def parse_pyproject(text: str, name: str) -> Project | None:
    """Read a pyproject.toml; None if it has no ``[tool.wheelpin]``. Raise a branch of `InputError`."""
    if "wheelpin" not in text:
        return None  # whatever else may be wrong with it is nothing to us
    tool = Table.parse(text, name).table("tool")
    return read_project(tool.table("wheelpin")) if "wheelpin" in tool.values else None


def parse_own_file(text: str, name: str) -> Project:
    """Read a wheelpin.toml. Raise a branch of `InputError`."""
    return read_project(Table.parse(text, name))


def read_project(table: Table) -> Project:
    """Read the table of a project; raise a branch of `InputError` that names file, key and what is allowed."""
    table.refuse_others(KEYS)
    inputs = _inputs(table, ProjectInputs())
    formats = _formats(table, (LockFormat.REQUIREMENTS,))
    targets = tuple(_targets(table, inputs, formats))
    _refuse_twins(table, targets)
    return Project(
        table=table,
        inputs=inputs,
        targets=targets,
        lockfiles=table.text("lockfiles") or LOCKFILES,
        formats=formats,
        indexes=_indexes(table),
        prereleases=table.flag("pre-releases"),
        align=table.flag("align"),
        only_binary=_projects(table, "only-binary"),
        no_binary=_projects(table, "no-binary"),
        recipes=read_recipes(table),
    )


def _inputs(table: Table, around: ProjectInputs) -> ProjectInputs:
    """Read what is to be locked, and what is not said from *around*."""
    said = table.values
    return ProjectInputs(
        requirements=table.texts("requirements") if "requirements" in said else around.requirements,
        groups=table.texts("groups") if "groups" in said else around.groups,
        extras=table.texts("extras") if "extras" in said else around.extras,
        all_extras=table.flag("all-extras") if "all-extras" in said else around.all_extras,
        constraints=table.texts("constraints") if "constraints" in said else around.constraints,
        overrides=table.texts("overrides") if "overrides" in said else around.overrides,
    )


def _formats(table: Table, around: tuple[LockFormat, ...]) -> tuple[LockFormat, ...]:
    for form in (said := table.text_or_texts("format")):
        if form not in _FORMATS:
            raise table.error(f"{form!r} is no form of a lock", "format", hint=allowed_hint(form, _FORMATS))
    return tuple(dict.fromkeys(map(LockFormat, said))) or around


def _targets(table: Table, inputs: ProjectInputs, formats: tuple[LockFormat, ...]) -> Iterator[NamedTarget]:
    """Yield the targets: an array of spellings, or a table of names with a spelling or a table each."""
    if isinstance(table.values.get("targets"), list):
        for tags in table.texts("targets"):
            yield NamedTarget(name=None, tags=tags, inputs=inputs, formats=formats, keys=("targets",))
        return
    inside = table.table("targets")
    for name in inside.values:
        if not _TARGET_NAME.fullmatch(name):
            hint = "letters, digits and . _ - between them: the lock is named after it"
            raise inside.error("is no name for a target", name, hint=hint)
        plain = NamedTarget(name=name, tags="", inputs=inputs, formats=formats, keys=("targets", name))
        match inside.values[name]:
            case str():
                yield replace(plain, tags=inside.text(name) or "")
            case dict():
                yield _target(inside.table(name), plain)
            case _:
                raise inside.refusal(name, "a string of tags or a table")


def _target(table: Table, plain: NamedTarget) -> NamedTarget:
    table.refuse_others(TARGET_KEYS)
    if (tags := table.text("tags")) is None:
        raise table.error("has no tags", hint="add tags, a preset's name or a target file, for example: tags = …")
    formats = _formats(table, plain.formats)
    lockfile = table.text("lockfile")
    if lockfile == "-":
        raise table.error("must name a file", "lockfile", hint="wheelpin lock --target NAME -o - prints a lock")
    if lockfile is not None and len(formats) > 1:
        raise table.error("names one file, and there are several forms of the lock", "lockfile")
    return replace(
        plain,
        tags=tags,
        python_full_version=table.text("python-full-version"),
        markers=table.text_by_key("markers"),
        inputs=_inputs(table, plain.inputs),
        lockfile=lockfile,
        formats=formats,
    )


def _refuse_twins(table: Table, targets: tuple[NamedTarget, ...]) -> None:
    names: dict[str, str] = {}
    for target in targets:
        name = target.name or ""
        if (other := names.setdefault(name.lower(), name)) != name:
            raise table.error(f"is the same name as {other} where a file's case does not count", *target.keys)


def _indexes(table: Table) -> ProjectIndexes:
    return ProjectIndexes(
        index_url=table.text("index-url"),
        extra_index_urls=table.texts("extra-index-urls"),
        find_links=table.texts("find-links"),
        no_index=table.flag("no-index") or None,
        project_indexes={
            _project_name(table, "project-indexes", name): url
            for name, url in table.text_by_key("project-indexes").items()
        },
        exclude_newer=table.moment("exclude-newer"),
    )


def _projects(table: Table, key: str) -> frozenset[str]:
    texts = table.text_or_texts(key)
    return frozenset(text if text == ":all:" else _project_name(table, key, text) for text in texts)


def _project_name(table: Table, key: str, name: str) -> NormalizedName:
    try:
        return canonicalize_name(name, validate=True)
    except InvalidName:
        raise table.error(f"{name!r} is no project's name", key) from None
