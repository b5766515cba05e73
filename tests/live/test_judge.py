"""The second opinion finds what is wrong with a lock; it needs no network itself."""

import pytest

from tests.live.judge import Described, LinuxMachine, faults

MACHINE = LinuxMachine(python_full_version="3.6.15", glibc_minor=17)


def pinned(**projects: tuple[str, ...]) -> dict[str, Described]:
    """Describe projects of version 1.0 by what they require."""
    return {
        name: Described(version="1.0", requires_python=">=3.6.1", requires=requires)
        for name, requires in projects.items()
    }


@pytest.mark.parametrize(
    ("asked", "pins", "found"),
    [
        pytest.param("a", pinned(a=("b>=1",), b=("a",)), [], id="a circle is sound"),
        pytest.param("a", pinned(a=("b",)), ["a asks for b, which is not pinned"], id="missing"),
        pytest.param("a<1", pinned(a=()), ["the test asks for a<1, and 1.0 is pinned"], id="out of range"),
        pytest.param("a", pinned(a=("b; extra == 'x'",), b=()), ["nobody asks for b"], id="extra not asked for"),
        pytest.param("a[x]", pinned(a=("a[y]; extra == 'x'", "b; extra == 'y'"), b=()), [], id="extra of an extra"),
        pytest.param("a", pinned(a=("b; python_version < '3.7'",), b=()), [], id="marker of an old Python"),
        pytest.param("a", pinned(a=("b; sys_platform == 'win32'",)), [], id="marker of another system"),
    ],
)
def test_pins_are_judged(asked: str, pins: dict[str, Described], found: list[str]) -> None:
    assert list(faults([asked], pins, MACHINE)) == found


def test_pythons_are_judged() -> None:
    machine = LinuxMachine(python_full_version="3.6.0", glibc_minor=17)
    assert list(faults(["a"], pinned(a=()), machine)) == ["a 1.0 requires Python >=3.6.1"]


@pytest.mark.parametrize(
    ("tag_set", "is_taken"),
    [
        ("cp36-cp36m-manylinux1_x86_64", True),
        ("cp36-abi3-manylinux_2_17_x86_64", True),
        ("cp35-abi3-manylinux2014_x86_64", True),
        ("py2.py3-none-any", True),
        ("cp36-cp36m-manylinux_2_18_x86_64", False),
        ("cp37-abi3-manylinux2014_x86_64", False),
        ("cp36-cp36m-musllinux_1_1_x86_64", False),
        ("cp36-cp36m-manylinux2014_aarch64", False),
    ],
)
def test_names_are_judged(tag_set: str, is_taken: bool) -> None:
    assert MACHINE.takes(f"a-1.0-{tag_set}.whl") is is_taken
