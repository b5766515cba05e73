"""What people read when a bundle cannot be made."""

import pytest
from packaging.utils import NormalizedName

from wheelpin.bundle import (
    ArchiveDiffersError,
    Differences,
    EditedFilesError,
    FileSystemTakesForOneError,
    FolderBusyError,
    FolderDiffersError,
    ForeignFilesError,
    NotOurFolderError,
    Refusal,
    SourceChangedError,
    WheelRefusedError,
    WheelUnreadableError,
)
from wheelpin.errors import WheelpinError
from wheelpin.values import Sha256
from wheelpin.wheelhouse import (
    DigestMismatchError,
    FilenameConflictError,
    MissingWheelFileError,
    NoAddressError,
    SizeMismatchError,
    UnsafeFilenameError,
    WantedWheel,
)

A, B = Sha256("a" * 64), Sha256("b" * 64)
DIFFERENT = Differences(missing=("a.py", "b.py"), foreign=("c.py",))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param(
            WheelRefusedError("d.whl", Refusal.TWICE, member="a\nb"), "d.whl has one name for two members: 'a\\nb'"
        ),
        pytest.param(WheelUnreadableError("d.whl", "Permission denied"), "cannot read d.whl: Permission denied"),
        pytest.param(NotOurFolderError("lib"), "lib holds files that wheelpin did not put there"),
        pytest.param(EditedFilesError("lib", ("a", "b", "c")), "lib: a (and 2 more) changed since wheelpin laid it"),
        pytest.param(ForeignFilesError("lib", ("a",)), "lib: a is not wheelpin's, and a wheel has the same name"),
        pytest.param(
            FolderDiffersError("lib", DIFFERENT),
            "lib is not what the lock says: missing: a.py (and 1 more); foreign: c.py",
        ),
        pytest.param(
            ArchiveDiffersError("x.zip", DIFFERENT),
            "x.zip is not what the lock says: missing: a.py (and 1 more); foreign: c.py",
        ),
        pytest.param(
            ArchiveDiffersError("x.zip", Differences()),
            "x.zip holds the right files, but is not the archive that wheelpin writes",
        ),
        pytest.param(FolderBusyError("lib"), "another wheelpin is writing lib"),
        pytest.param(
            FileSystemTakesForOneError("A.py", "lib"),
            "the file system of lib takes A.py for another file of the same bundle",
        ),
        pytest.param(SourceChangedError("main.py"), "main.py changed while it was being bundled"),
        pytest.param(
            FilenameConflictError("d.whl", "one.txt", "two.txt"),
            "one.txt and two.txt pin different files under the one name d.whl",
        ),
        pytest.param(UnsafeFilenameError("../d.whl", "one.txt"), "one.txt: '../d.whl' is not the name of a wheel"),
        pytest.param(
            SizeMismatchError("d.whl", "https://files.example/d.whl", expected_bytes=1_000),
            "d.whl from https://files.example/d.whl has more than the 1,000 bytes that it may have",
        ),
        pytest.param(
            DigestMismatchError("d.whl", "https://files.example/d.whl", expected=A, actual=B),
            f"d.whl from https://files.example/d.whl has sha256 {B}, and {A} was locked",
        ),
        pytest.param(NoAddressError("d.whl", "one.txt"), "one.txt: no address is known for d.whl"),
        pytest.param(MissingWheelFileError("built/d.whl", "one.txt"), "one.txt: there is no file built/d.whl"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, WheelpinError) else "",
)
def test_error_says_what_where_and_why(error: WheelpinError, text: str) -> None:
    assert str(error) == text
    hint: str | None = getattr(error, "hint", None)
    assert hint is None or "\n" not in hint


def test_wanted_wheel_is_no_path() -> None:
    with pytest.raises(UnsafeFilenameError):
        WantedWheel(project=NormalizedName("d"), filename="a/b.whl", sha256=A, wanted_by="one.txt")
