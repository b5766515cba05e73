"""The rooms of the package, what each may import, and how big its parts may grow."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "wheelpin"
MODULES = sorted(PACKAGE.rglob("*.py"))

CORE = (
    *("errors", "values", "version", "target", "requirements", "files"),
    *("ports", "candidates", "resolve", "locks", "sbom", "checks", "project", "elf"),
)
"""Pure: they decide over bytes, text and values."""
EDGES = (
    *(
        "inflate",
        "digests",
        "blobs",
        "answers",
        "folders",
        "revisions",
        "texts",
        "ignore_files",
        "safe_write",
        "settings",
    ),
    *("cache", "transport", "index", "sources"),
    *("wheelhouse", "engines", "bundle", "trials", "builder"),
)
"""They touch the world and implement the ports."""
SHELL = ("session", "workflows", "orders", "deliveries", "api", "cli", "interrupts", "entry", "__main__")
"""They choose adapters and talk to people."""
ROOMS = (*CORE, *EDGES, *SHELL)
"""In import order: a room may import itself and the rooms before it."""

OWNERS = {
    "_sha2": {"digests"},  # the standard library's from Python 3.12 on
    "_sha256": {"digests"},  # and before
    "click": {"cli"},
    "cyclonedx": {"sbom"},
    "elftools": {"elf"},
    "hpack": {"transport"},
    "httpx": {"transport"},
    "installer": {"bundle"},
    "isal": {"inflate"},
    "keyring": {"transport"},
    "packageurl": {"sbom"},
    "pathspec": {"ignore_files"},
    "platformdirs": {"settings"},
    "resolvelib": {"resolve"},
    "rich": {"cli"},
    "selectolax": {"index"},
    "tomli_w": {"locks", "project"},
    "truststore": {"transport"},
    "yaml": {"project"},
}
"""Who may know a library. ``msgspec`` and ``packaging`` are everyone's."""

WORLD = {
    *("ctypes", "http", "locale", "os", "platform", "random", "secrets", "shutil", "site", "socket", "subprocess"),
    *("sysconfig", "tempfile", "threading", "time", "urllib.request", "pathlib.Path", "datetime.now"),
    *("sys.platform", "sys.version", "sys.version_info", "sys.implementation", "sys.abiflags", "sys.argv"),
}
"""What no core room imports or names: a decision must not hang on the machine that makes it."""

HOST_READERS = {
    "markers.default_environment",
    *("tags.sys_tags", "tags.platform_tags", "tags.interpreter_name", "tags.interpreter_version"),
}
"""Functions of ``packaging`` that answer for the running interpreter, which is never the target."""

LONGEST_MODULE = 450
LONGEST_FUNCTION = 70


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def iter_imported(path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, those inside functions too."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def iter_named(path: Path) -> Iterator[str]:
    """Yield ``owner.name`` wherever a module says it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            yield f"{node.value.attr}.{node.attr}"


def iter_prefixes(dotted: str) -> Iterator[str]:
    parts = dotted.split(".")
    yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def modules(*rooms: str) -> pytest.MarkDecorator:
    chosen = [path for path in MODULES if not rooms or room_of(path) in rooms]
    return pytest.mark.parametrize("path", chosen, ids=name_of)


def test_every_room_has_its_place() -> None:
    assert {room_of(path) for path in MODULES} - {"__init__"} <= set(ROOMS)


@modules()
def test_imports_point_one_way(path: Path) -> None:
    room = room_of(path)
    reach = ROOMS if room == "__init__" else ROOMS[: ROOMS.index(room) + 1]
    ours = {name.split(".")[1] for name in iter_imported(path) if name.startswith("wheelpin.")}
    assert ours <= set(reach)
    assert "wheelpin" not in set(iter_imported(path))


@modules()
def test_library_is_known_to_its_owners_only(path: Path) -> None:
    roots = {name.partition(".")[0] for name in iter_imported(path)}
    foreign = roots - sys.stdlib_module_names - {"wheelpin", "msgspec", "packaging"}
    assert foreign <= OWNERS.keys()
    assert [name for name in foreign if room_of(path) not in OWNERS[name]] == []


@modules(*CORE)
def test_core_knows_nothing_of_the_world(path: Path) -> None:
    imported = {prefix for name in iter_imported(path) for prefix in iter_prefixes(name)}
    assert imported & WORLD == set()
    assert set(iter_named(path)) & WORLD == set()
    calls = [node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    assert "open" not in {function.id for function in calls if isinstance(function, ast.Name)}


@modules()
def test_values_are_structs(path: Path) -> None:
    """A dataclass takes half a millisecond to import, a Struct a fiftieth of that, and a lock loads a hundred."""
    assert "dataclasses" not in {name.partition(".")[0] for name in iter_imported(path)}


@modules()
def test_nothing_asks_packaging_about_the_host(path: Path) -> None:
    imported = {name.removeprefix("packaging.") for name in iter_imported(path) if name.startswith("packaging.")}
    assert (imported | set(iter_named(path))) & HOST_READERS == set()


@pytest.mark.parametrize("room", [path for path in sorted(PACKAGE.iterdir()) if path.is_dir()], ids=name_of)
def test_modules_of_a_room_import_each_other_without_a_circle(room: Path) -> None:
    known = {f"wheelpin.{room.name}.{path.stem}": path for path in room.glob("*.py")}
    graph = {
        name: known.keys() & {dotted for found in iter_imported(path) for dotted in iter_prefixes(found)}
        for name, path in known.items()
    }
    order = list(TopologicalSorter(graph).static_order())
    assert set(order) == known.keys()


@modules()
def test_siblings_import_the_module_that_defines_a_name(path: Path) -> None:
    if path.parent == PACKAGE or path.name == "__init__.py":
        return
    facade = f"wheelpin.{room_of(path)}"
    siblings = {f"{facade}.{sibling.stem}" for sibling in path.parent.glob("*.py")}
    ours = [name for name in iter_imported(path) if name == facade or name.startswith(f"{facade}.")]
    assert [name for name in ours if not siblings & set(iter_prefixes(name))] == []


@modules()
def test_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))


@modules()
def test_module_fits_a_reader(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    long = [
        node.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []
