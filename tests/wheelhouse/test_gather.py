"""Wheels that lie on this machine are used where they lie, as long as they are what was found there."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.builders import BuiltFile, make_wheel
from tests.index.opening import opened
from tests.reporters import RecordingReporter
from tests.wheelhouse.serving import FakeTransport
from wheelpin.bundle.selection import WheelChangedError, tree_of_wheels
from wheelpin.errors import InputError
from wheelpin.locks import Lock, LockedFile, Pin, UnnamedFile
from wheelpin.safe_write import FileNotWritableError
from wheelpin.target import Target
from wheelpin.wheelhouse import Housed, How, LockSource, NoSuchWheelError, Supply, gather_wheels
from wheelpin.wheelhouse.part import Part

TARGET = Target.parse("cp312-manylinux_2_28_x86_64")
SMALL = make_wheel("small", "1.0")
LARGE = make_wheel("large", "1.0", files={"large.py": os.urandom(9_000)})
REMOTE = make_wheel("remote", "1.0")
URL = f"https://files.example/{REMOTE.filename}"


def pin(file: BuiltFile) -> Pin:
    locked: LockedFile | UnnamedFile = UnnamedFile(digests=frozenset({file.sha256}))
    if file is REMOTE:
        locked = LockedFile(filename=file.filename, sha256=file.sha256, url=URL)
    return Pin(project=NormalizedName(file.project), version=Version(file.version), file=locked)


def gathered(folder: Path, *files: BuiltFile) -> list[Housed]:
    return list(iter_gathered(folder, *files))


def iter_gathered(folder: Path, *files: BuiltFile) -> Iterator[Housed]:
    """Gather *files* by their digests, with those that lie in ``folder/links`` at hand."""
    lock = Lock(target=None, pins=tuple(map(pin, files)))
    source = LockSource(lock=lock, name="lock.txt", folder=folder, target=TARGET)
    with opened(find_links=[str(folder / "links")], cache_dir=None) as found:
        transport = FakeTransport({URL: REMOTE.body})
        supply = Supply(transport=transport, index=found.index, reporter=RecordingReporter())
        yield from gather_wheels([source], folder / "scratch", supply)


@pytest.fixture
def links(tmp_path: Path) -> Path:
    folder = tmp_path / "links"
    folder.mkdir()
    for file in (SMALL, LARGE):
        (folder / file.filename).write_bytes(file.body)
    return folder


def test_files_of_this_machine_are_not_copied_and_the_larger_comes_first(tmp_path: Path, links: Path) -> None:
    housed = gathered(tmp_path, SMALL, REMOTE, LARGE)
    assert [(each.path, each.how) for each in housed] == [
        (links / LARGE.filename, How.FOUND),
        (links / SMALL.filename, How.FOUND),
        (tmp_path / "scratch" / REMOTE.filename, How.DOWNLOADED),
    ]
    assert [path.name for path in (tmp_path / "scratch").iterdir()] == [REMOTE.filename]
    assert [each.size_bytes for each in housed] == [len(each.path.read_bytes()) for each in housed]


def test_what_is_there_comes_before_the_rest_is_known(tmp_path: Path, links: Path) -> None:
    coming = iter_gathered(tmp_path, make_wheel("missing", "1.0"), SMALL, LARGE)
    assert next(coming).path == links / LARGE.filename
    with pytest.raises(NoSuchWheelError, match="missing"):
        list(coming)


def test_file_that_was_replaced_since_its_digest_was_read_is_refused(tmp_path: Path, links: Path) -> None:
    housed = gathered(tmp_path, SMALL)
    assert [wheel.project for wheel in tree_of_wheels(housed, TARGET).wheels] == ["small"]
    other = make_wheel("small", "1.0", files={"small.py": "evil = True\n"})
    (links / SMALL.filename).write_bytes(other.body)
    with pytest.raises(WheelChangedError) as caught:
        tree_of_wheels(housed, TARGET)
    assert str(caught.value) == f"{SMALL.filename} changed while it was being read"


def test_digest_of_a_file_that_changed_is_read_again(links: Path) -> None:
    with opened(find_links=[str(links)], cache_dir=None) as found:
        file = found.file("small")
        assert found.index.hashed(file).sha256 == SMALL.sha256
        (links / SMALL.filename).write_bytes(LARGE.body)
        assert found.index.hashed(file).sha256 == LARGE.sha256
        (links / SMALL.filename).unlink()
        with pytest.raises(InputError, match="No such file"):
            found.index.hashed(file)


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let nothing more go into the scratch folder."""
    append = Part.append

    def refuse(part: Part, piece: bytes) -> None:
        if part.path.parent == tmp_path / "scratch":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append(part, piece)

    monkeypatch.setattr(Part, "append", refuse)
    return tmp_path / "scratch"


def several(folder: Path, reporter: RecordingReporter, open_spare: Callable[[], Path] | None) -> list[Housed]:
    """Gather two wheels from an address."""
    files = (REMOTE, make_wheel("further", "1.0"))
    urls = {f"https://files.example/{file.filename}": file for file in files}
    pins = tuple(
        Pin(
            project=NormalizedName(file.project),
            version=Version(file.version),
            file=LockedFile(filename=file.filename, sha256=file.sha256, url=url),
        )
        for url, file in urls.items()
    )
    transport = FakeTransport({url: file.body for url, file in urls.items()})
    source = LockSource(lock=Lock(target=None, pins=pins), name="lock.txt", folder=folder, target=TARGET)
    supply = Supply(transport=transport, reporter=reporter, open_spare=open_spare)
    return list(gather_wheels([source], folder / "scratch", supply))


def test_wheels_go_to_the_spare_folder_once_there_is_no_room(tmp_path: Path, full: Path) -> None:
    spare, reporter, opened_spares = tmp_path / "spare" / "here", RecordingReporter(), list[Path]()

    def open_spare() -> Path:
        spare.mkdir(parents=True)
        opened_spares.append(spare)
        return spare

    housed = several(tmp_path, reporter, open_spare)
    assert sorted(each.path.name for each in housed if each.path.parent == spare) == [
        "further-1.0-py3-none-any.whl",
        REMOTE.filename,
    ]
    assert opened_spares == [spare]
    assert reporter.warnings == [
        f"{tmp_path} cannot be written, so wheels lie in {tmp_path / 'spare'} meanwhile: {os.strerror(errno.ENOSPC)}"
    ]


def no_spare() -> Path:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("open_spare", [None, no_spare], ids=["none", "none that can be made"])
def test_without_a_spare_folder_a_full_one_ends_the_run(
    tmp_path: Path, full: Path, open_spare: Callable[[], Path] | None
) -> None:
    with pytest.raises(FileNotWritableError, match=os.strerror(errno.ENOSPC)):
        several(tmp_path, RecordingReporter(), open_spare)


def test_spare_folder_without_room_ends_the_run(tmp_path: Path, full: Path) -> None:
    with pytest.raises(FileNotWritableError, match=os.strerror(errno.ENOSPC)):
        several(tmp_path, RecordingReporter(), lambda: full)
