"""Where locks go, and what stands in the file of several."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.lock.examples import file, lock, pin
from wheelpin.locks import LockedFile, LockedTarget, LockFormat
from wheelpin.orders.lock_paths import moved
from wheelpin.orders.lock_texts import SharedLockError, iter_lock_files
from wheelpin.orders.model import (
    STANDARD_OUTPUT,
    LockOrder,
    Output,
    Outputs,
    PylockNameError,
    RefreshCommand,
    check_place,
)
from wheelpin.requirements import Sources
from wheelpin.target import Target
from wheelpin.workflows import Locked

LINUX, WINDOWS = Target.parse("cp312-manylinux_2_28_x86_64"), Target.parse("cp312-win_amd64")


def order(outputs: Outputs, *targets: Target) -> LockOrder:
    return LockOrder(folder=Path.cwd(), sources=Sources(), targets=targets, outputs=outputs, refresh=RefreshCommand())


def locked(*targets: Target) -> list[Locked]:
    return [Locked(target=each, lock=lock(pin("app"), target=LockedTarget.of(each)), warnings=()) for each in targets]


@pytest.mark.parametrize(
    ("form", "output_file"),
    [
        pytest.param(LockFormat.PYLOCK, None, id="names that differ by dots only"),
        pytest.param(LockFormat.REQUIREMENTS, Path("lock.txt"), id="a form for one target"),
    ],
)
def test_file_that_cannot_hold_all_is_refused(form: LockFormat, output_file: Path | None) -> None:
    targets = replace(LINUX, name="a.b"), replace(WINDOWS, name="a_b")
    outputs = Outputs(formats=(form,), folder=Path("locks"), file=output_file)
    with pytest.raises(SharedLockError, match=r"the targets a\.b, a_b would all have .* as their lock"):
        list(iter_lock_files(locked(*targets), order(outputs, *targets)))


def test_every_form_of_every_target_has_its_file() -> None:
    outputs = Outputs(formats=(LockFormat.REQUIREMENTS, LockFormat.PYLOCK), folder=Path("locks"))
    found = list(iter_lock_files(locked(LINUX, WINDOWS), order(outputs, LINUX, WINDOWS)))
    assert {each.output.path.name for each in found} == {
        *(f"{target}.txt" for target in (LINUX, WINDOWS)),
        *(f"pylock.{target}.toml" for target in (LINUX, WINDOWS)),
    }
    assert all(len(each.locked) == 1 for each in found)


@pytest.mark.parametrize(
    ("name", "form", "is_known"),
    [
        ("pylock.toml", LockFormat.PYLOCK, True),
        ("locks/pylock.linux.toml", LockFormat.PYLOCK, True),
        ("-", LockFormat.PYLOCK, True),
        ("pylock.a.b.toml", LockFormat.PYLOCK, False),
        ("lock.txt", LockFormat.PYLOCK, False),
        ("lock.txt", LockFormat.REQUIREMENTS, True),
    ],
)
def test_pylock_has_a_name_that_installers_know(name: str, form: LockFormat, is_known: bool) -> None:
    output = Output(path=Path(name), lock_format=form)
    if is_known:
        check_place(output)
    else:
        with pytest.raises(PylockNameError, match="is no name for a pylock"):
            check_place(output)
    assert Path("-") == STANDARD_OUTPUT


@pytest.mark.parametrize(
    ("path", "new", "moved_path"),
    [
        pytest.param("wheels/a.whl", "project/locks", "../wheels/a.whl", id="to a folder inside"),
        pytest.param("wheels/a.whl", "project/wheels", "a.whl", id="to where it lies"),
        pytest.param("../a.whl", "project", "../a.whl", id="to where it is"),
        pytest.param("wheels/a.whl", "other", "../project/wheels/a.whl", id="to another folder"),
    ],
)
def test_path_leads_to_the_same_file(path: str, new: str, moved_path: str) -> None:
    own = pin("a", a_file=file("a-1.0-py3-none-any.whl", url=None, path=path, index=None))
    (found,) = moved(lock(own), Path("project"), Path(new)).pins
    assert isinstance(found.file, LockedFile)
    assert found.file.path == moved_path
