"""What a project says of its own building (PEP 517, 518): read from its pyproject.toml, never run here. Pure."""

import tomllib

from msgspec import Struct
from packaging.requirements import InvalidRequirement, Requirement

from wheelpin.builder.errors import SourceRefusedError

_LEGACY_BACKEND = "setuptools.build_meta:__legacy__"
_LEGACY_REQUIRES = ("setuptools>=40.8.0",)


class BuildSystem(Struct, frozen=True, kw_only=True):
    """The table ``build-system``, complete."""

    requires: tuple[str, ...] = _LEGACY_REQUIRES
    backend: str = _LEGACY_BACKEND
    backend_path: tuple[str, ...] = ()


def parse_build_system(text: str | None, source: str) -> BuildSystem:
    """Read a pyproject.toml, None where there is none; raise `SourceRefusedError` that names *source*."""
    if text is None:
        return BuildSystem()
    try:
        table = tomllib.loads(text).get("build-system")
    except (ValueError, RecursionError) as error:
        raise SourceRefusedError(source, f"its pyproject.toml is no TOML: {error}") from error
    if table is None:
        return BuildSystem()
    if not isinstance(table, dict):
        raise SourceRefusedError(source, "build-system in its pyproject.toml is no table")
    backend = table.get("build-backend", _LEGACY_BACKEND)
    if not isinstance(backend, str) or not backend:
        raise SourceRefusedError(source, "build-backend in its pyproject.toml is no string")
    return BuildSystem(
        requires=_requirements(_texts(table, "requires", source), source),
        backend=backend,
        backend_path=_texts(table, "backend-path", source),
    )


def _texts(table: dict[str, object], key: str, source: str) -> tuple[str, ...]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise SourceRefusedError(source, f"{key} in its pyproject.toml is no array of strings")
    return tuple(found)


def _requirements(texts: tuple[str, ...], source: str) -> tuple[str, ...]:
    for text in texts:
        try:
            Requirement(text)
        except InvalidRequirement as error:
            raise SourceRefusedError(source, f"its build requirement {text!r} cannot be read") from error
    return texts
