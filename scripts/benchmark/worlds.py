"""Worlds by name: the recorded one, and generated ones for sweeps."""

import random
from collections.abc import Callable, Iterable, Mapping

from benchmark.world import File, Metadata, Project, World, read_world

_FIRST_UPLOAD_S = 1_500_000_000
_DAY_S = 86_400
_LAYERS = 6
_TAGS = ("cp39-abi3-manylinux_2_17_x86_64", "cp39-abi3-manylinux_2_17_aarch64", "cp39-abi3-musllinux_1_2_x86_64")


def world_named(name: str) -> World:
    """Return the world called *name*: ``recorded``, ``layered-N`` or ``backtracking-N``; equal names, equal worlds."""
    kind, _, size = name.partition("-")
    if kind == "recorded":
        return read_world()
    return _GENERATED[kind](int(size))


def layered(size: int) -> World:
    """Generate *size* projects in layers, each needing some of the next; those of the first layer are the roots."""
    rng = random.Random(size)
    per_layer = -(-size // _LAYERS)
    world = {}
    for number in range(size):
        below = range((number // per_layer + 1) * per_layer, min(size, (number // per_layer + 2) * per_layer))
        needed = rng.sample(below, min(len(below), rng.randint(2, 5))) if below else []
        versions = [f"{major}.{minor}.0" for major in range(1, 4) for minor in range(rng.randint(5, 25))]
        requirements = tuple(f"{_layered_name(other)}>={rng.randint(1, 2)}.0" for other in needed)
        project = _project(_layered_name(number), [(version, requirements) for version in versions])
        if number % 4 == 0:
            _make_native(project)
        world[project.name] = project
    return world


def layered_roots(size: int) -> tuple[str, ...]:
    """Return the requirements that need all of ``layered-<size>`` that anything needs."""
    return tuple(_layered_name(number) for number in range(-(-size // _LAYERS)))


def backtracking(size: int) -> World:
    """Generate a project of which only the oldest of *size* versions agree with what ``base`` holds back."""
    return _held_back({"left": size})


def tangled(size: int) -> World:
    """Generate two such projects with *size* versions together; who undoes one step at a time tries all pairs."""
    return _held_back({"left": size // 2, "right": size // 2})


def _held_back(sizes: Mapping[str, int]) -> World:
    """Let ``base`` need ``core<2`` by way of ``plugin``, and all but three versions of the others a newer one."""
    world: dict[str, Project] = {}
    for name, size in sizes.items():
        versions = [(f"1.{n}", ("core<2" if n < 3 else f"core>=2.{n}", "common")) for n in range(size)]
        world[name] = _project(name, versions)
    core: list[tuple[str, tuple[str, ...]]] = [("1.0", ())]
    world["core"] = _project("core", [*core, *((f"2.{n}", ()) for n in range(max(sizes.values())))])
    world["common"] = _project("common", [("1.0", ())])
    world["other"] = _project("other", [("1.0", ())])
    world["base"] = _project("base", [("1.0", ("plugin",))])
    world["plugin"] = _project("plugin", [("1.0", ("core<2",))])
    return world


_GENERATED: dict[str, Callable[[int], World]] = {"layered": layered, "backtracking": backtracking, "tangled": tangled}


def _layered_name(number: int) -> str:
    return f"project-{number:03}"


def _project(name: str, versions: Iterable[tuple[str, tuple[str, ...]]]) -> Project:
    project = Project(name=name)
    stem = name.replace("-", "_")
    for age, (version, requirements) in enumerate(versions):
        uploaded_at_s = _FIRST_UPLOAD_S + age * _DAY_S
        for file_name in (f"{stem}-{version}-py3-none-any.whl", f"{stem}-{version}.tar.gz"):
            project.files.append(File(name=file_name, uploaded_at_s=uploaded_at_s, requires_python=">=3.8"))
        project.metadata[version] = Metadata(
            name=name, version=version, requires_python=">=3.8", requires_dist=requirements, size_bytes=4_000
        )
    return project


def _make_native(project: Project) -> None:
    """Give a project wheels per platform instead of one for all."""
    project.files = [
        File(name=name, uploaded_at_s=file.uploaded_at_s, requires_python=file.requires_python)
        for file in project.files
        for name in _native_names(file)
    ]


def _native_names(file: File) -> list[str]:
    return [file.name.replace("py3-none-any", tags) for tags in _TAGS] if file.is_wheel else [file.name]
