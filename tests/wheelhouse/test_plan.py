from pathlib import Path

import pytest
from packaging.utils import NormalizedName

from wheelpin.values import Sha256
from wheelpin.wheelhouse import (
    Copy,
    Download,
    FilenameConflictError,
    Reuse,
    Step,
    UnsafeFilenameError,
    WantedWheel,
    plan,
)

A, B = Sha256("a" * 64), Sha256("b" * 64)
NAME = "flask-2.0.3-py3-none-any.whl"


def wanted(
    filename: str = NAME,
    sha256: Sha256 = A,
    *,
    wanted_by: str = "one.txt",
    url: str | None = "https://files.example/flask.whl",
    path: Path | None = None,
    size_bytes: int | None = None,
) -> WantedWheel:
    return WantedWheel(
        project=NormalizedName("flask"),
        filename=filename,
        sha256=sha256,
        wanted_by=wanted_by,
        url=url,
        path=path,
        size_bytes=size_bytes,
    )


BUILT = wanted(url=None, path=Path("built.whl"))


@pytest.mark.parametrize(
    ("wheel", "present", "step"),
    [
        pytest.param(wanted(), {NAME: A}, Reuse(wanted()), id="a file with the locked digest is reused"),
        pytest.param(wanted(), {}, Download(wanted()), id="a missing file is downloaded"),
        pytest.param(wanted(), {NAME: B}, Download(wanted()), id="a file with another digest is downloaded anew"),
        pytest.param(BUILT, {}, Copy(BUILT, Path("built.whl")), id="a file on this machine is copied"),
        pytest.param(BUILT, {NAME: A}, Reuse(BUILT), id="a copied file is not copied again"),
        pytest.param(wanted(url=None), {}, Download(wanted(url=None)), id="a pin without an address is for the index"),
    ],
)
def test_step_follows_from_what_is_there(wheel: WantedWheel, present: dict[str, Sha256], step: Step) -> None:
    assert plan([wheel], present) == (step,)


def test_file_of_several_locks_is_one_step_with_all_that_they_say() -> None:
    first = wanted(url=None)
    second = wanted(wanted_by="two.txt", size_bytes=7)
    assert plan([first, second], {}) == (Download(wanted(size_bytes=7)),)


def test_steps_come_in_the_order_of_their_names() -> None:
    names = ["b-1-py3-none-any.whl", "a-1-py3-none-any.whl"]
    assert [step.wheel.filename for step in plan(map(wanted, names), {})] == sorted(names)


def test_locks_that_give_one_name_to_two_files_are_refused() -> None:
    with pytest.raises(FilenameConflictError) as caught:
        plan([wanted(), wanted(sha256=B, wanted_by="two.txt")], {})
    assert (caught.value.filename, caught.value.first, caught.value.second) == (NAME, "one.txt", "two.txt")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "filename",
    [
        pytest.param("../flask-1-py3-none-any.whl", id="leads out of the folder"),
        pytest.param("a\\flask-1-py3-none-any.whl", id="leads out of a folder on Windows"),
        pytest.param("C:flask-1-py3-none-any.whl", id="names a drive"),
        pytest.param("flask\n-1-py3-none-any.whl", id="has a control character"),
        pytest.param("flask-1.tar.gz", id="is no wheel"),
    ],
)
def test_name_that_is_no_file_name_of_a_wheel_is_refused(filename: str) -> None:
    with pytest.raises(UnsafeFilenameError):
        wanted(filename)
