"""A wheel that asks for more than the index told when it was locked is not laid out."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace
from packaging.utils import NormalizedName

from tests.builders import make_wheel
from tests.lock.examples import file, lock, pin
from wheelpin.bundle import open_wheel
from wheelpin.deliveries.agreement import MetadataDisagreesError, require_agreement
from wheelpin.locks import Lock, LockedTarget, Proof
from wheelpin.target import Target

TARGET = Target.parse("cp312-manylinux_2_28_x86_64")
INTACT = Proof()
OTHER_TARGET = Target.parse("cp311-manylinux_2_28_x86_64")


def locked(
    projects: Mapping[str, str], *, proof: Proof | None = INTACT, extras: tuple[NormalizedName, ...] = ()
) -> Lock:
    pins = [pin(name, version, a_file=file(f"{name}-{version}-py3-none-any.whl")) for name, version in projects.items()]
    pins[0] = replace(pins[0], extras=extras)
    return replace(lock(*pins, target=LockedTarget.of(TARGET)), proof=proof)


def check(where: Path, a_lock: Lock, *requires: str, python: str | None = None, target: Target = TARGET) -> None:
    built = make_wheel("app", requires=requires, requires_python=python, extras=["fast"])
    path = where / built.filename
    path.write_bytes(built.body)
    require_agreement(a_lock, "lock.txt", [open_wheel(path)], target)


@pytest.mark.parametrize(
    ("requires", "python"),
    [
        pytest.param(["core>=1"], None, id="what is pinned"),
        pytest.param(["nothing; sys_platform == 'win32'"], ">=3.8", id="what other targets need"),
        pytest.param(["nothing; extra == 'fast'"], None, id="what an extra needs that nobody asked for"),
        pytest.param(["nothing; platform_release == '6'"], None, id="what nobody can tell"),
        pytest.param(["no requirement at all ==="], "three", id="what no tool can read"),
    ],
)
def test_wheel_may_ask_for(tmp_path: Path, requires: list[str], python: str | None) -> None:
    check(tmp_path, locked({"app": "1.0", "core": "1.5"}), *requires, python=python)


@pytest.mark.parametrize(
    ("requires", "python", "problem"),
    [
        pytest.param(["more>=2"], None, "requires more>=2, which lock.txt does not know of", id="another project"),
        pytest.param(["core>=2"], None, "requires core>=2, which", id="another version"),
        pytest.param(["more; extra == 'fast'"], None, "requires more", id="a project for an extra that was asked for"),
        pytest.param([], ">=3.13", "is for Python >=3.13, which", id="another Python"),
    ],
)
def test_wheel_may_not_ask_for(tmp_path: Path, requires: list[str], python: str | None, problem: str) -> None:
    a_lock = locked({"app": "1.0", "core": "1.5"}, extras=(NormalizedName("fast"),))
    with pytest.raises(MetadataDisagreesError) as caught:
        check(tmp_path, a_lock, *requires, python=python)
    assert str(caught.value).startswith(f"app-1.0-py3-none-any.whl {problem}")
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("proof", "target"),
    [
        pytest.param(None, TARGET, id="of another tool"),
        pytest.param(Proof(is_intact=False), TARGET, id="that somebody edited"),
        pytest.param(Proof(facts=(("overrides", "ab"),)), TARGET, id="made with overrides"),
        pytest.param(Proof(facts=(("target", "ab"),)), TARGET, id="made with other marker values"),
        pytest.param(Proof(), OTHER_TARGET, id="for another target"),
    ],
)
def test_lock_need_not_be_complete(tmp_path: Path, proof: Proof | None, target: Target) -> None:
    check(tmp_path, locked({"app": "1.0"}, proof=proof), "more", target=target)
