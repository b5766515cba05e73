"""A build as data: which programs run in its container, in order. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from wheelpin.builder import places
from wheelpin.builder.build_system import BuildSystem
from wheelpin.builder.places import Surroundings
from wheelpin.engines import Command

PACKAGE_MANAGERS: Mapping[str, tuple[str, ...]] = {
    "dnf": ("dnf", "install", "-y"),
    "yum": ("yum", "install", "-y"),
    # Where nothing can be fetched, what lies in the image may still do.
    "apt-get": ("sh", "-c", 'apt-get update; exec apt-get install -y --no-install-recommends "$@"', "apt-get"),
    "apk": ("apk", "add"),
}
"""By program, the words that install packages without a question; in the order in which an image is searched."""


class Step(Struct, frozen=True):
    """One program of a build, and what it is for."""

    name: str
    """As messages say it: ``unpacking``, ``building the wheel``."""
    command: Command


def folder_step(around: Surroundings) -> Step:
    """Make the folders of the build."""
    return Step("making folders", around.command("mkdir", "-p", *places.FOLDERS, folder="/"))


def unpack_steps(around: Surroundings, archive: str | None) -> Iterator[Step]:
    """Lay the sdist *archive* out, or the folder that was copied in where there is none."""
    if archive is not None:
        script = f"{places.SCRIPTS}/unpack.py"
        words = (around.python, script, f"{places.SOURCE}/{archive}", f"{places.UNPACKED}/sdist")
        yield Step("unpacking", around.command(*words))
        yield Step("unpacking", around.command("mv", f"{places.UNPACKED}/sdist/tree", places.TREE))
    else:
        yield Step("copying the project", around.command("cp", "-R", places.SOURCE, places.TREE))


def preparation_steps(around: Surroundings, patches: Sequence[str], commands: Sequence[str]) -> Iterator[Step]:
    """Apply patches and run what the recipe wants before the build."""
    for place, name in enumerate(patches):
        words = ("patch", "-p1", "-f", "-i", f"{places.PATCHES}/{place}")
        yield Step(f"the patch {PurePosixPath(name).name}", around.command(*words, folder=places.TREE))
    for command in commands:
        yield Step("before-build", around.command("sh", "-c", command, folder=places.TREE))


def environment_steps(around: Surroundings, pip_wheel: str, pins: Iterable[str]) -> Iterator[Step]:
    """Install the build requirements, pip's wheel among *pins* or not, into a folder of their own."""
    unpack = ("-m", "zipfile", "-e", f"{places.DEPENDENCIES}/{pip_wheel}", places.TOOLS)
    yield Step("unpacking pip", around.command(around.python, *unpack))
    chosen = sorted(pins)
    if chosen:
        words = ("install", "--no-index", "--find-links", places.DEPENDENCIES, "--no-deps", "--no-compile")
        arguments = (*words, "--no-warn-script-location", "--upgrade", "--target", places.PACKAGES, *chosen)
        yield Step(
            "installing the build requirements", around.command(around.python, f"{places.TOOLS}/pip", *arguments)
        )
    isolate = (f"{places.SCRIPTS}/sitecustomize.py", places.PACKAGES)
    yield Step("setting up the environment", around.command("cp", *isolate))


def backend_step(
    around: Surroundings, system: BuildSystem, hook: str, arguments: Sequence[object], *, name: str
) -> Step:
    """Call a *hook* of the project's build backend (PEP 517), with what was laid in and nothing else."""
    question = {
        "backend": system.backend,
        "backend_path": list(system.backend_path),
        "hook": hook,
        "arguments": list(arguments),
        "answer": places.ANSWER,
    }
    words = (around.python, f"{places.SCRIPTS}/backend.py", json.dumps(question, sort_keys=True))
    return Step(name, around.command(*words, folder=places.TREE, packages=places.PACKAGES))


def system_package_step(manager: str, packages: Sequence[str], around: Surroundings) -> Step:
    """Install packages of the image's own system, as its root and with the network."""
    argv = (*PACKAGE_MANAGERS[manager], *packages)
    return Step(f"{manager} for system packages", around.command(*argv, folder="/", user="0:0"))
