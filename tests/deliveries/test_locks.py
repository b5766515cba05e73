"""Locks opened for delivery: their own target read back, another one stated, paths where they start."""

from pathlib import Path

import pytest
from packaging.version import Version

from tests.lock.examples import lock, pin
from tests.reporters import RecordingReporter
from wheelpin.deliveries import LockText, LockWithoutTargetError, open_lock, target_of
from wheelpin.locks import LockedTarget, LockFormat, LockSyntaxError, to_text
from wheelpin.target import Target
from wheelpin.values import Origin
from wheelpin.wheelhouse import LockSource

ORIGIN = Origin("a.txt")
WORKING_FOLDER = Path("work")
WINDOWS = Target.parse("cp312-win_amd64")
PYLOCK = 'lock-version = "1.0"\ncreated-by = "a test"\npackages = []\n'


def locked(name: str, spelling: str, version: str | None = "3.12.3", *, is_assumed: bool = False) -> LockedTarget:
    full_version = None if version is None else Version(version)
    return LockedTarget(name=name, spelling=spelling, python_full_version=full_version, is_patch_assumed=is_assumed)


@pytest.mark.parametrize(
    "target",
    [
        Target.parse("cp36-manylinux1_x86_64"),
        Target.parse("cp312-manylinux_2_28_aarch64", python_full_version="3.12.3"),
        Target.parse("cp313t-musllinux_1_2_x86_64"),
        Target.parse("pp310-macosx_11_0_arm64"),
        Target.parse("aws-lambda-python3.12-arm64"),
        Target.parse("azure-functions-python3.11", python_full_version="3.11.9"),
    ],
    ids=str,
)
def test_target_of_a_lock_is_the_one_it_was_made_for(target: Target) -> None:
    found = target_of(lock(target=LockedTarget.of(target)), ORIGIN)
    assert found == target
    assert found.tags == target.tags


def test_name_of_a_captured_target_stays() -> None:
    found = target_of(lock(target=locked("box", "cp312-manylinux_2_31_x86_64")), ORIGIN)
    assert found is not None
    assert (found.name, found.spelling) == ("box", "cp312-manylinux_2_31_x86_64")


def test_preset_that_has_changed_since_does_not_change_the_lock() -> None:
    found = target_of(lock(target=locked("aws-lambda-python3.12-arm64", "cp312-manylinux_2_17_aarch64")), ORIGIN)
    assert found is not None
    assert found.spelling == "cp312-manylinux2014_aarch64"


def test_lock_without_a_version_is_for_the_last_known_patch() -> None:
    found = target_of(lock(target=locked("x", "cp36-manylinux1_x86_64", None)), ORIGIN)
    assert found is not None
    assert str(found.python_full_version) == "3.6.15"


def opened(text: str, target: Target | None = None) -> LockSource:
    found = LockText(name="some/a.txt", text=text, folder=Path("some"))
    return open_lock(found, target=target, folder=WORKING_FOLDER, reporter=RecordingReporter())


def test_paths_of_wheelpins_locks_start_where_it_runs() -> None:
    text = to_text(lock(pin("a"), target=LockedTarget.of(WINDOWS)), LockFormat.REQUIREMENTS)
    source = opened(text)
    assert (source.folder, source.target, source.name) == (WORKING_FOLDER, WINDOWS, "some/a.txt")


def test_paths_of_other_tools_locks_start_where_they_lie() -> None:
    source = opened(PYLOCK, WINDOWS)
    assert (source.folder, source.target) == (Path("some"), WINDOWS)


def test_target_that_is_stated_goes_before_the_locks_own() -> None:
    text = to_text(lock(pin("a")), LockFormat.REQUIREMENTS)
    assert opened(text, WINDOWS).target == WINDOWS


def test_file_of_hashes_has_no_target_of_its_own() -> None:
    assert opened(f"a==1.0 --hash=sha256:{'a' * 64}\n").target is None


def test_lock_that_every_target_reads_otherwise_needs_one() -> None:
    with pytest.raises(LockWithoutTargetError, match=r"some/a\.txt"):
        opened(PYLOCK)


def test_file_of_hashes_with_markers_needs_a_target() -> None:
    text = f"a==1.0 ; os_name == 'nt' --hash=sha256:{'a' * 64}\n"
    with pytest.raises(LockWithoutTargetError):
        opened(text)
    assert len(opened(text, WINDOWS).lock.pins) == 1


def test_file_of_requirements_is_told_from_a_broken_lock() -> None:
    with pytest.raises(LockSyntaxError) as requirements:
        opened("a>=1\n")
    assert "wheelpin lock -r some/a.txt" in requirements.value.hint
    with pytest.raises(LockSyntaxError) as broken:
        opened(to_text(lock(pin("a")), LockFormat.REQUIREMENTS) + "b>=1\n")
    assert broken.value.hint == "restore the file, or lock anew with --upgrade, which keeps nothing of it"
