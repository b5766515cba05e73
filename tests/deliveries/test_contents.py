"""The audit of what is laid out: a library that another project's wheel brings is not missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import BuiltFile, make_wheel
from tests.elf_builders import Elf, make_elf
from tests.lock.examples import file, lock, pin
from tests.reporters import RecordingReporter
from tests.wheelhouse.serving import FakeTransport
from wheelpin.deliveries import Contents, UnsoundWheelsError, vendor
from wheelpin.locks import LockedTarget
from wheelpin.target import Target
from wheelpin.wheelhouse import LockSource, Supply

TARGET = Target.parse("cp312-manylinux_2_28_x86_64")
TAG = "cp312-cp312-manylinux_2_28_x86_64"
LIBRARY = make_elf(Elf(soname="libmaths.so.1", defined=["add"]))
MODULE = make_elf(
    Elf(needed=["libc.so.6", "libmaths.so.1"], runpath="$ORIGIN/../vendor/maths/lib", defined=["PyInit__fast"])
)
FAST = make_wheel("fast", "1.0", TAG, files={"fast/_fast.cpython-312-x86_64-linux-gnu.so": MODULE})
MATHS = make_wheel("maths", "1.0", "py3-none-manylinux_2_28_x86_64", files={"vendor/maths/lib/libmaths.so.1": LIBRARY})
ELSEWHERE = make_wheel("maths", "1.0", "py3-none-manylinux_2_28_x86_64", files={"other/lib/libmaths.so.1": LIBRARY})


def laid_out(where: Path, *wheels: BuiltFile) -> RecordingReporter:
    reporter = RecordingReporter()
    urls = {f"https://files.example/{wheel.filename}": wheel.body for wheel in wheels}
    pins = [pin(wheel.project, wheel.version, a_file=file(wheel.filename, digest=wheel.sha256)) for wheel in wheels]
    source = LockSource(lock=lock(*pins, target=LockedTarget.of(TARGET)), name="a.txt", folder=Path(), target=TARGET)
    (where / "scratch").mkdir()
    supply = Supply(transport=FakeTransport(urls), reporter=reporter)
    vendor(source, where / "vendored", Contents(is_audited=True), supply, scratch=where / "scratch")
    return reporter


def test_library_of_another_wheel_where_the_loader_looks_is_there(tmp_path: Path) -> None:
    laid_out(tmp_path, FAST, MATHS)
    assert (tmp_path / "vendored" / "vendor" / "maths" / "lib" / "libmaths.so.1").is_file()


@pytest.mark.parametrize(
    "wheels", [pytest.param((FAST,), id="nowhere"), pytest.param((FAST, ELSEWHERE), id="where no loader looks")]
)
def test_library_that_nobody_brings_there_is_missing(tmp_path: Path, wheels: tuple[BuiltFile, ...]) -> None:
    with pytest.raises(UnsoundWheelsError) as caught:
        laid_out(tmp_path, *wheels)
    assert [filename for filename, _ in caught.value.findings] == [FAST.filename]
    assert "libmaths.so.1" in str(caught.value)
    assert not (tmp_path / "vendored").exists()


def test_nothing_comes_any_more_after_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []

    def gather(*_: object) -> Iterator[str]:
        try:
            yield "a wheel"
        finally:
            ended.append("gathering")

    def interrupted(wheels: Iterator[str], *_: object, **__: object) -> None:
        next(wheels)
        raise KeyboardInterrupt

    monkeypatch.setattr("wheelpin.deliveries.contents.gather_wheels", gather)
    monkeypatch.setattr("wheelpin.deliveries.contents.tree_of_wheels", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        laid_out(tmp_path, MATHS)
    assert (ended, caught.tb is None) == (["gathering"], False)  # whoever holds the traceback holds the frames
