"""``vendor --verify-imports --image``: the loader of another machine, and what it says."""

from pathlib import Path

import pytest

from tests.builders import BuiltFile, make_wheel
from tests.cli.running import Outcome, Wheelpin
from tests.containers.image import Image
from tests.elf_builders import Elf, make_elf, make_extension
from wheelpin.target import Target

pytestmark = pytest.mark.container

FOLDER = Path("vendored")
TOO_NEW = "2.99"
"""A glibc that no image has."""


def native(module: str, body: bytes, target: Target) -> BuiltFile:
    """Build a wheel that claims to be for *target* and has one extension module."""
    interpreter = target.interpreter.tag
    return make_wheel(
        "engine",
        tag=f"{interpreter}-{interpreter}-{target.spelling.partition('-')[2]}",
        files={f"{module}.abi3.so": body},
    )


def vendored(wheelpin: Wheelpin, image: Image, *wheels: BuiltFile, python: str | None = None) -> Outcome:
    """Lock wheels for the image's target, lay them out and try their imports in the image."""
    Path("wheels").mkdir()
    for wheel in wheels:
        Path("wheels", wheel.filename).write_bytes(wheel.body)
    offline = ("--no-index", "--find-links", "wheels")
    wheelpin.lock(*(wheel.project for wheel in wheels), *offline, target=image.target.name)
    named = () if python is None else ("--python", python)
    lock = f"lockfiles/{image.target.name}.txt"
    return wheelpin("vendor", lock, *offline, "-t", FOLDER, "--verify-imports", "--image", image.name, *named)


def test_modules_that_import_are_counted(wheelpin: Wheelpin, image: Image) -> None:
    said = vendored(wheelpin, image, make_wheel("app", requires=["core"]), make_wheel("core"))
    assert said.code == 0, said.err
    assert said.err.splitlines()[-1] == f"imported 2 modules with {image.python} in {image.name}"


def test_library_that_the_image_lacks_is_named_with_the_module(wheelpin: Wheelpin, image: Image) -> None:
    body = make_elf(Elf(needed=("libnowhere.so.7", "libc.so.6")))
    said = vendored(wheelpin, image, make_wheel("core"), native("_engine", body, image.target))
    assert said.code == 1
    assert said.errors == [
        f"error: vendored does not import with {image.python} in {image.name}: _engine of engine: ImportError: "
        "libnowhere.so.7: cannot open shared object file: No such file or directory"
    ]


def test_glibc_that_the_image_lacks_is_named_with_the_module(wheelpin: Wheelpin, image: Image) -> None:
    body = make_extension("_engine", glibc=TOO_NEW)
    said = vendored(wheelpin, image, native("_engine", body, image.target))
    assert said.code == 1
    assert "_engine of engine: ImportError: " in said.errors[0]
    assert f"version `GLIBC_{TOO_NEW}' not found" in said.errors[0]


def test_module_that_takes_the_interpreter_down_is_named(wheelpin: Wheelpin, image: Image) -> None:
    fatal = make_wheel("fatal", files={"fatal.py": "import os\nos._exit(77)\n"})
    said = vendored(wheelpin, image, make_wheel("core"), fatal)
    assert said.code == 1
    assert "fatal of fatal: the interpreter ended with exit code 77" in said.errors[0]


def test_interpreter_that_the_image_lacks_is_named(wheelpin: Wheelpin, image: Image) -> None:
    said = vendored(wheelpin, image, make_wheel("core"), python="python2.1")
    assert said.code == 2
    assert f"cannot run python2.1 in {image.name}" in said.errors[0]


@pytest.mark.live
def test_wheels_of_pypi_load_in_the_image(wheelpin: Wheelpin, image: Image) -> None:
    wheelpin.lock("markupsafe", "jinja2", "cffi", target=image.target.name)
    lock = f"lockfiles/{image.target.name}.txt"
    said = wheelpin("vendor", lock, "-t", FOLDER, "--audit", "--verify-imports", "--image", image.name)
    assert said.code == 0, said.err
    assert said.err.splitlines()[-1].startswith("imported ")
    assert list(FOLDER.glob("_cffi_backend.*.so"))
