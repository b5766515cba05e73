"""Builds that went well and lost something: exit codes do not tell."""

import io

import pytest

from tests.builders import make_wheel
from tests.elf_builders import make_extension
from wheelpin.builder.loss import Comparison, failed_extensions, find_loss, module_paths
from wheelpin.elf import WheelBinaries, read_wheel_binaries

PLATFORM_ONLY = Comparison(platforms=(("manylinux2014_x86_64",), ("win_amd64",)))
BOTH = Comparison(platforms=(("manylinux2014_x86_64",), ("any",)))
EXTENSION = {"demo/_fast.cpython-39-x86_64-linux-gnu.so": make_extension("_fast")}


def binaries(tag: str, files: dict[str, bytes | str]) -> WheelBinaries:
    wheel = make_wheel("demo", tag=tag, files={"demo/__init__.py": "", **files})
    return read_wheel_binaries(io.BytesIO(wheel.body), wheel.filename)


COMPILED = binaries("cp39-cp39-linux_x86_64", dict(EXTENSION))
HOLLOW = binaries("cp39-cp39-linux_x86_64", {})
PURE = binaries("py3-none-any", {})


@pytest.mark.parametrize(
    ("wheel", "published", "log", "told"),
    [
        pytest.param(HOLLOW, Comparison(), [], "no binary in it", id="a platform without a binary"),
        pytest.param(PURE, PLATFORM_ONLY, [], "every published wheel", id="pure where none is"),
        pytest.param(
            COMPILED,
            Comparison(),
            ['building extension "demo._other" failed'],
            "demo._other",
            id="the log names an extension",
        ),
        pytest.param(
            PURE,
            BOTH,
            ["WARNING: The C extension could not be compiled, speedups are not enabled."],
            "C extension",
            id="log",
        ),
    ],
)
def test_loss_is_certain(wheel: WheelBinaries, published: Comparison, log: list[str], told: str) -> None:
    found = find_loss(wheel, published, log)
    assert found is not None
    assert found.is_certain
    assert told in found.reason


@pytest.mark.parametrize(
    ("wheel", "published"),
    [
        pytest.param(COMPILED, PLATFORM_ONLY, id="compiled as the others are"),
        pytest.param(PURE, BOTH, id="a pure wheel is published, too"),
        pytest.param(PURE, Comparison(), id="nothing is published"),
        pytest.param(COMPILED, Comparison(modules=frozenset({"demo/_fast"})), id="the same modules"),
    ],
)
def test_nothing_is_lost(wheel: WheelBinaries, published: Comparison) -> None:
    assert find_loss(wheel, published, ["running build_ext", "building 'demo._fast' extension"]) is None


def test_module_that_a_sibling_has_is_worth_a_warning() -> None:
    found = find_loss(COMPILED, Comparison(modules=frozenset({"demo/_fast", "demo/_more"})), [])
    assert found is not None
    assert not found.is_certain
    assert "demo/_more" in found.reason


def test_module_paths_are_those_of_any_python_and_platform() -> None:
    members = [
        "demo/_fast.cpython-312-darwin.so",
        "demo-1.0.data/platlib/demo/_more.cp39-win_amd64.pyd",
        "demo.libs/libfoo-1.so",
        "demo/a.py",
    ]
    assert module_paths(members) == {"demo/_fast", "demo/_more"}


def test_log_without_complaints_lists_nothing() -> None:
    assert failed_extensions(["building 'demo' extension", "gcc -c a.c"]) == ()


@pytest.mark.parametrize(
    ("log", "optional", "allowed"),
    [
        pytest.param([], [], False, id="nothing is optional"),
        pytest.param([], ["demo._fast"], True, id="nothing tells what is missing"),
        pytest.param(['building extension "demo._fast" failed'], ["demo._fast"], True, id="what is named"),
        pytest.param(['building extension "demo._fast" failed'], ["demo._*"], True, id="by a pattern"),
        pytest.param(['building extension "demo._slow" failed'], ["demo._fast"], False, id="something else"),
        pytest.param(
            ['building extension "demo._fast" failed', 'building extension "demo._slow" failed'],
            ["demo._fast"],
            False,
            id="more than that",
        ),
    ],
)
def test_recipe_may_allow_a_loss(log: list[str], optional: list[str], allowed: bool) -> None:
    found = find_loss(HOLLOW, Comparison(), log)
    assert found is not None
    assert found.is_allowed_by(optional) is allowed


def test_published_modules_count_as_missing_by_their_dotted_names() -> None:
    found = find_loss(HOLLOW, Comparison(modules=frozenset({"demo/_fast"})), [])
    assert found is not None
    assert found.modules == ("demo._fast",)
