from collections.abc import Sequence
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.builders import BuiltFile, make_wheel
from tests.bundle.laying import LINUX, paths
from tests.reporters import RecordingReporter
from tests.wheelhouse.serving import FakeTransport
from wheelpin.bundle import WheelMisfitError, WheelRefusedError, tree_of_wheels
from wheelpin.errors import WheelpinError
from wheelpin.locks import Lock, LockedFile, Pin, UnnamedFile
from wheelpin.wheelhouse import Housed, LockSource, Supply, fill_wheelhouse

PURE = make_wheel("demo", "1.0")
NATIVE = make_wheel("other", "1.0", "cp312-cp312-manylinux_2_17_x86_64")
TOO_NEW = make_wheel("demo", "1.0", "cp312-cp312-manylinux_2_34_x86_64")
BROKEN = BuiltFile(filename=PURE.filename, body=b"no archive", project="demo", version="1.0")


def source(*files: BuiltFile, is_named: bool = True) -> LockSource:
    pins = tuple(
        Pin(
            project=NormalizedName(file.project),
            version=Version(file.version),
            file=LockedFile(filename=file.filename, sha256=file.sha256)
            if is_named
            else UnnamedFile(digests=frozenset({file.sha256})),
        )
        for file in files
    )
    return LockSource(lock=Lock(target=None, pins=pins), name="lock.txt", folder=Path(), target=LINUX)


def housed(folder: Path, *files: BuiltFile, is_named: bool = True) -> Sequence[Housed]:
    for file in (*files, TOO_NEW):
        (folder / file.filename).write_bytes(file.body)
    supply = Supply(transport=FakeTransport({}), reporter=RecordingReporter())
    return fill_wheelhouse([source(*files, is_named=is_named)], folder, supply)


@pytest.mark.parametrize("is_named", [True, False], ids=["by their names", "by their digests alone"])
def test_locks_wheels_become_one_tree(tmp_path: Path, *, is_named: bool) -> None:
    tree = tree_of_wheels(housed(tmp_path, PURE, NATIVE, is_named=is_named), LINUX)
    assert paths(tree) == {"demo.py", "other.py"}
    assert [wheel.project for wheel in tree.wheels] == ["demo", "other"]


@pytest.mark.parametrize(
    ("locked", "error"),
    [
        pytest.param(TOO_NEW, WheelMisfitError, id="a wheel that the target cannot load"),
        pytest.param(BROKEN, WheelRefusedError, id="a wheel that is none"),
    ],
)
def test_lock_cannot_be_laid_out_with(tmp_path: Path, locked: BuiltFile, error: type[WheelpinError]) -> None:
    wheels = housed(tmp_path, locked)
    with pytest.raises(error) as caught:
        tree_of_wheels(wheels, LINUX)
    assert locked.filename in str(caught.value)
