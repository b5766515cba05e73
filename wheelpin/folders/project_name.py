"""What a project's folder says that the project is called: read, and nothing of it run."""

import ast
import configparser
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

_TABLES = (("project",), ("tool", "poetry"))


def project_name_of(folder: Path, pyproject: str | None) -> NormalizedName | None:
    """Return the name, or None where only a build can tell."""
    for said in (
        *_in_pyproject(pyproject or ""),
        *_in_setup_cfg(folder / "setup.cfg"),
        *_in_setup_py(folder / "setup.py"),
    ):
        try:
            return canonicalize_name(said, validate=True)
        except InvalidName:
            continue
    return None


def _in_pyproject(text: str) -> Iterator[str]:
    try:
        tables: object = tomllib.loads(text)
    except (ValueError, RecursionError):  # whoever reads the build system of it tells
        return
    for path in _TABLES:
        found = tables
        for key in (*path, "name"):
            found = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(found, str):
            yield found


def _in_setup_cfg(path: Path) -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
        yield parser.get("metadata", "name", fallback="")
    except (configparser.Error, ValueError, OSError):
        return


def _in_setup_py(path: Path) -> Iterator[str]:
    """Yield the name that stands literally in the call of ``setup``."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "setup":
            for keyword in node.keywords:
                if (
                    keyword.arg == "name"
                    and isinstance(keyword.value, ast.Constant)
                    and isinstance(keyword.value.value, str)
                ):
                    yield keyword.value.value
