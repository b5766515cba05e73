from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.builders import BuiltFile, make_wheel
from tests.bundle.laying import LINUX, paths
from wheelpin.bundle import WheelMisfitError, WheelNotThereError, WheelRefusedError, tree_of_lock
from wheelpin.errors import WheelpinError
from wheelpin.locks import Lock, LockedFile, Pin, UnnamedFile
from wheelpin.wheelhouse import LockSource

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


def house(folder: Path, *files: BuiltFile) -> Path:
    for file in files:
        (folder / file.filename).write_bytes(file.body)
    return folder


@pytest.mark.parametrize("is_named", [True, False], ids=["by their names", "by their digests alone"])
def test_locks_wheels_become_one_tree(tmp_path: Path, *, is_named: bool) -> None:
    tree = tree_of_lock(source(PURE, NATIVE, is_named=is_named), house(tmp_path, PURE, NATIVE, TOO_NEW), LINUX)
    assert paths(tree) == {"demo.py", "other.py"}
    assert [wheel.project for wheel in tree.wheels] == ["demo", "other"]


@pytest.mark.parametrize(
    ("locked", "present", "error"),
    [
        pytest.param(PURE, [], WheelNotThereError, id="a wheel that is not there"),
        pytest.param(PURE, [BROKEN], WheelNotThereError, id="another file of its name"),
        pytest.param(TOO_NEW, [TOO_NEW], WheelMisfitError, id="a wheel that the target cannot load"),
        pytest.param(BROKEN, [BROKEN], WheelRefusedError, id="a wheel that is none"),
    ],
)
def test_lock_cannot_be_laid_out_with(
    tmp_path: Path, locked: BuiltFile, present: list[BuiltFile], error: type[WheelpinError]
) -> None:
    with pytest.raises(error) as caught:
        tree_of_lock(source(locked), house(tmp_path, *present), LINUX)
    assert locked.filename in str(caught.value)
