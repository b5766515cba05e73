"""Locks in which some wheels have to be built, by a builder that only pretends."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from packaging.utils import NormalizedName

from tests.reporters import RecordingReporter
from tests.resolve.fake_index import serving
from tests.workflows.test_lock import LINUX, file, job, metadata, page
from wheelpin.builder import BuildRecord, BuiltWheel
from wheelpin.errors import BuildFailedError, ResolutionError
from wheelpin.files import CoreMetadata, IndexFile
from wheelpin.locks import LockedFile, LockFormat, to_text
from wheelpin.ports import MetadataUnusableError
from wheelpin.resolve.conflict import NothingFitsError
from wheelpin.resolve.view import FolderNotBuiltError
from wheelpin.target import Target
from wheelpin.values import Sha256
from wheelpin.workflows import Locked, LockJob, lock

PAGES = (
    page("app", file("app-1.0-py3-none-any.whl")),
    page("old", file("old-1.0.tar.gz"), file("old-2.0.tar.gz")),
    page("leaf", file("leaf-1.0-py3-none-any.whl")),
)
METADATA: dict[str, CoreMetadata | str] = {
    "app-1.0-py3-none-any.whl": metadata("app", "1.0", "old"),
    "leaf-1.0-py3-none-any.whl": metadata("leaf", "1.0"),
}


@dataclass
class Pretending:
    """Knows metadata of sdists, and makes empty wheels of them."""

    wheelhouse: Path
    said: dict[str, CoreMetadata | str]
    refuses: str | None = None
    built: list[str] = field(default_factory=list)

    def refusal(self, file: IndexFile, project: NormalizedName, target: Target) -> str | None:
        return self.refuses

    def folder(self, url: str, project: NormalizedName, target: Target) -> IndexFile:
        address, _, digest = url.partition("#sha256=")
        return IndexFile(filename=f"{project}-2.0.tar.gz", url=address, sha256=Sha256(digest))

    def metadata(self, file: IndexFile, project: NormalizedName, target: Target) -> CoreMetadata:
        found = self.said[file.filename]
        if isinstance(found, str):
            raise MetadataUnusableError(file.filename, found)
        return found

    def wheel(self, file: IndexFile, project: NormalizedName, target: Target) -> BuiltWheel:
        self.built.append(file.filename)
        name = file.filename.replace(".tar.gz", "-py3-none-any.whl")
        self.wheelhouse.mkdir(exist_ok=True)
        path = self.wheelhouse / name
        path.write_bytes(b"wheel")
        record = BuildRecord(
            wheel=name,
            sha256="b" * 64,
            targets=(target.spelling,),
            recipe="",
            source=file.url.rpartition("/")[2] if file.url.startswith("file:") else file.url,
            source_sha256=file.sha256 or "a" * 64,
            image="stand-in",
            notes=("it lacks a module",),
        )
        return BuiltWheel(path=path, record=record, is_kept=False)


def built_by(builder: Pretending, asked: LockJob) -> Locked:
    with serving(PAGES, METADATA) as index:
        (locked,) = lock(asked, index, RecordingReporter())
    return locked


@pytest.fixture
def builder(tmp_path: Path) -> Pretending:
    said = {"old-2.0.tar.gz": metadata("old", "2.0", "leaf"), "old-1.0.tar.gz": metadata("old", "1.0")}
    return Pretending(wheelhouse=tmp_path / "wheelhouse", said=dict(said))


def test_missing_wheel_is_built_and_pinned_by_its_path_with_its_provenance(builder: Pretending, tmp_path: Path) -> None:
    locked = built_by(builder, job("app", builder=builder, folder=tmp_path))
    pins = {pin.project: pin for pin in locked.lock.pins}
    assert list(pins) == ["app", "leaf", "old"]
    made = pins[NormalizedName("old")].file
    assert isinstance(made, LockedFile)
    assert (made.path, made.url) == ("wheelhouse/old-2.0-py3-none-any.whl", None)
    assert made.built is not None
    assert made.built.source == "https://files.example/old-2.0.tar.gz"
    assert pins[NormalizedName("old")].notes == ("it lacks a module",)
    assert builder.built == ["old-2.0.tar.gz"]
    assert "./wheelhouse/old-2.0-py3-none-any.whl --hash=sha256:" in to_text(locked.lock, LockFormat.REQUIREMENTS)


def test_published_wheelhouse_gives_the_address(builder: Pretending) -> None:
    asked = job("old==1.0", builder=builder, wheelhouse_url="https://wheels.example/team/")
    (pin,) = built_by(builder, asked).lock.pins
    assert isinstance(pin.file, LockedFile)
    assert (pin.file.path, pin.file.url) == (None, "https://wheels.example/team/old-1.0-py3-none-any.whl")


def test_sdist_whose_metadata_cannot_be_used_falls_and_the_next_is_tried(builder: Pretending, tmp_path: Path) -> None:
    builder.said["old-2.0.tar.gz"] = "its metadata is that of another"
    (pin,) = built_by(builder, job("old", builder=builder, folder=tmp_path)).lock.pins
    assert str(pin.version) == "1.0"


def test_build_that_fails_ends_the_run(builder: Pretending, tmp_path: Path) -> None:
    class Broken(Pretending):
        def metadata(self, file: IndexFile, project: NormalizedName, target: Target) -> CoreMetadata:
            raise BuildFailedError(file.filename)

    broken = Broken(wheelhouse=tmp_path, said={})
    with pytest.raises(BuildFailedError):
        built_by(broken, job("app", builder=broken))


def test_where_nothing_can_be_built_the_failure_says_what_would_help(builder: Pretending) -> None:
    builder.refuses = "it would be built in an image, and nothing here runs containers"
    with pytest.raises(NothingFitsError) as caught:
        built_by(builder, job("app", builder=builder, targets=(LINUX,)))
    found = caught.value.explanation
    assert found.sdist is not None
    assert (found.sdist.filename, found.build_refusal) == ("old-2.0.tar.gz", builder.refuses)


FOLDER = f"old @ file:///srv/old#sha256={'d' * 64}"


def test_folder_is_built_and_pinned_as_an_sdist_is(builder: Pretending, tmp_path: Path) -> None:
    locked = built_by(builder, job(FOLDER, "app", builder=builder, folder=tmp_path))
    pins = {pin.project: pin for pin in locked.lock.pins}
    made = pins[NormalizedName("old")].file
    assert isinstance(made, LockedFile)
    assert made.built is not None
    assert (made.path, made.built.source) == ("wheelhouse/old-2.0-py3-none-any.whl", "old")
    assert made.built.source_sha256 == "d" * 64
    assert "leaf" in pins


def test_folder_is_told_of_where_nothing_is_built(builder: Pretending) -> None:
    with pytest.raises(FolderNotBuiltError, match="old is the folder file:///srv/old, which has to be built"):
        built_by(builder, job(FOLDER))


def test_metadata_of_a_wheel_gets_at_no_folder(builder: Pretending, tmp_path: Path) -> None:
    pages = (*PAGES, page("evil", file("evil-1.0-py3-none-any.whl")))
    said = {**METADATA, "evil-1.0-py3-none-any.whl": metadata("evil", "1.0", "old @ file:///srv/old")}
    with serving(pages, said) as index, pytest.raises(ResolutionError):
        lock(job("evil", builder=builder, folder=tmp_path), index, RecordingReporter())
    assert builder.built == []
