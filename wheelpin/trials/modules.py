"""The modules that a program would import from a folder, by the files that wheels brought."""

import keyword
import re
from collections.abc import Mapping

from wheelpin.bundle.tree import ContentReader, FromWheel, Tree, TreeFile

_MODULE = re.compile(r"(?P<name>\w+)(?:\.py|\.(?:cpython-|pypy|cp\d|abi3)[\w.-]*\.(?:so|pyd)|\.pyd)")
_PLAIN = re.compile(r"(?P<name>\w+)\.so")
"""An extension module of Python 2 is named so, and any other library may be."""
_NOT_FOR_IMPORT = frozenset({"bin", "doc", "docs", "examples", "include", "scripts", "share", "test", "tests"})
"""Folders without ``__init__`` that hold files for other uses; others are namespaces (PEP 420)."""
_NOT_MODULES = re.compile(r"[^/]+\.data/(?:data|scripts|headers)/")


def top_level_modules(tree: Tree) -> Mapping[str, str]:
    """Return dotted names and the projects they belong to: modules, packages, and those in namespaces.

    ``google/cloud/storage/__init__.py`` without files above it stands for ``google.cloud.storage``. A plain
    ``thing.so`` is a module if it has the function that starts one; raise what reading contents raises.
    """
    files = [file for file in tree.files if _is_for_import(file)]
    packages = {file.path.rpartition("/")[0] for file in files if _name_of(file.path) == "__init__"}
    found: dict[str, str] = {}
    for file in files:
        *folders, filename = file.path.split("/")
        within = next((depth for depth in range(1, len(folders) + 1) if "/".join(folders[:depth]) in packages), None)
        if within is not None:
            parts = folders[:within]
        elif (name := _name_of(file.path) or _name_of_plain(file)) and not (folders and folders[0] in _NOT_FOR_IMPORT):
            parts = [*folders, name]
        else:
            continue
        if all(part.isidentifier() and not keyword.iskeyword(part) for part in parts) and filename:
            found.setdefault(".".join(parts), file.owner)
    return found


def _is_for_import(file: TreeFile) -> bool:
    return isinstance(file.content, FromWheel) and not _NOT_MODULES.match(file.content.member.path)


def _name_of(path: str) -> str | None:
    """Return the module's name if an import finds the file, or None."""
    match = _MODULE.fullmatch(path.rpartition("/")[2])
    return match["name"] if match is not None else None


def _name_of_plain(file: TreeFile) -> str | None:
    """Return the module's name if the file is a library that starts a module of its own name."""
    if (match := _PLAIN.fullmatch(file.path.rpartition("/")[2])) is None:
        return None
    name = match["name"]
    starts = tuple(f"{prefix}{name}\0".encode() for prefix in ("PyInit_", "init"))
    overlap = max(map(len, starts))
    seen = b""
    with ContentReader() as reader:
        for piece in reader.iter_content(file):
            seen = seen[-overlap:] + piece
            if any(start in seen for start in starts):
                return name
    return None
