"""Builds within a lock: what is built, what is believed, what is found again."""

import signal
import tempfile
from pathlib import Path

import pytest
from msgspec.structs import replace
from packaging.utils import NormalizedName

from tests.builder.fake_engine import FakeEngine, Script
from tests.builder.workshops import TARGET, index_file, workshop
from tests.builders import BuiltFile, make_sdist, make_wheel
from tests.lock.examples import lock
from wheelpin.builder import NoBuildEngineError, SourceRefusedError, Workshop
from wheelpin.builder.for_locks import BuildPlaces, LockBuilder
from wheelpin.builder.housing import house, read_records
from wheelpin.builder.recipes import Recipes, read_patches
from wheelpin.engines import PullFailedError
from wheelpin.files import IndexFile
from wheelpin.folders.project_files import digest_of_content
from wheelpin.locks import LockedTarget, LockFormat, Proof, to_text
from wheelpin.project import Recipe
from wheelpin.target import Target

DEMO = NormalizedName("demo")
STATIC = make_sdist("demo", "1.0", requires=["six"])
SILENT = make_sdist("demo", "1.0", dynamic=["Requires-Dist"])
WHEEL = make_wheel("demo", "1.0", requires=["attrs"])
OTHER = Target.parse("cp39-manylinux_2_31_x86_64")


def no_engine() -> Workshop:
    raise NoBuildEngineError("nothing here runs containers: docker is not on the PATH")


def builder(
    folder: Path,
    *files: BuiltFile,
    engine: FakeEngine | None = None,
    recipe: Recipe | None = None,
    may_reuse: bool = True,
    said: list[str] | None = None,
) -> LockBuilder:
    made_in = workshop(engine or FakeEngine(Script(built=[WHEEL])), folder, *files, said=said)
    places = BuildPlaces(
        wheelhouse=folder / "wheelhouse",
        recipes=Recipes(by_project={DEMO: recipe} if recipe is not None else {}, folder=folder),
        may_reuse=may_reuse,
    )
    return LockBuilder(places, made_in.supply, no_engine if engine is None else lambda: made_in)


def engine_with(wheel: BuiltFile = WHEEL) -> FakeEngine:
    return FakeEngine(Script(built=[wheel]), images=["stand-in"])


def test_metadata_that_an_sdist_vouches_for_needs_no_build(tmp_path: Path) -> None:
    with builder(tmp_path, STATIC) as made:
        assert made.metadata(index_file(STATIC), DEMO, TARGET).requires_dist == ("six",)


def test_process_that_is_told_to_end_removes_what_it_only_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    def lock_until_told_to_end() -> None:
        with builder(tmp_path, SILENT, engine=engine_with()) as made:
            made.metadata(index_file(SILENT), DEMO, TARGET)
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(SystemExit):
        lock_until_told_to_end()
    assert list(temporary.iterdir()) == []


def test_other_metadata_is_that_of_the_wheel(tmp_path: Path) -> None:
    engine = engine_with()
    with builder(tmp_path, SILENT, engine=engine) as made:
        assert made.refusal(index_file(SILENT), DEMO, TARGET) is None
        assert made.metadata(index_file(SILENT), DEMO, TARGET).requires_dist == ("attrs",)
        opened = len(engine.opened)
        done = made.wheel(index_file(SILENT), DEMO, TARGET)
        assert len(engine.opened) == opened
    assert (done.path, done.path.read_bytes()) == (tmp_path / "wheelhouse" / WHEEL.filename, WHEEL.body)


def test_wheel_of_an_earlier_run_is_found_without_engine_and_cache(tmp_path: Path) -> None:
    with builder(tmp_path, SILENT, engine=engine_with()) as made:
        made.wheel(index_file(SILENT), DEMO, TARGET)
    with builder(tmp_path, SILENT) as made:
        assert made.refusal(index_file(SILENT), DEMO, TARGET) is None
        assert made.metadata(index_file(SILENT), DEMO, TARGET).requires_dist == ("attrs",)
        assert made.wheel(index_file(SILENT), DEMO, TARGET).is_kept


def test_what_is_built_and_why_is_said_before_an_image_is_fetched(tmp_path: Path) -> None:
    said: list[str] = []
    engine = FakeEngine(Script(), images=[])
    with builder(tmp_path, SILENT, engine=engine, said=said) as made, pytest.raises(PullFailedError):
        made.metadata(index_file(SILENT), DEMO, TARGET)
    assert said == [
        f"{SILENT.filename} has to be built: demo has no wheel to take for {TARGET.name}",
        f"fetching the image stand-in for {TARGET.name}",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"may_reuse": False}, id="an upgrade"),
        pytest.param({"recipe": Recipe(environment={"A": "1"})}, id="another recipe"),
    ],
)
def test_wheel_of_an_earlier_run_counts_only_for_the_very_same(tmp_path: Path, changes: dict[str, object]) -> None:
    with builder(tmp_path, SILENT, engine=engine_with()) as made:
        made.wheel(index_file(SILENT), DEMO, TARGET)
    with builder(tmp_path, SILENT, **changes) as made:  # type: ignore[arg-type]
        assert made.refusal(index_file(SILENT), DEMO, TARGET) is not None


def test_wheel_that_was_changed_since_is_none(tmp_path: Path) -> None:
    with builder(tmp_path, SILENT, engine=engine_with()) as made:
        made.wheel(index_file(SILENT), DEMO, TARGET).path.write_bytes(b"changed")
    assert read_records(tmp_path / "wheelhouse") == ()


def test_refusals_say_what_would_have_been_built_and_why_it_is_not(tmp_path: Path) -> None:
    file = index_file(SILENT)
    with builder(tmp_path, SILENT) as made:
        said = made.refusal(file, DEMO, TARGET)
        assert said is not None
        assert "it would be built in quay.io/pypa/manylinux_2_28_x86_64" in said
        assert "docker is not on the PATH" in said
        with pytest.raises(SourceRefusedError):
            made.wheel(file, DEMO, TARGET)
        assert "win_amd64" in (made.refusal(file, DEMO, Target.parse("cp39-win_amd64")) or "")
    with builder(tmp_path, SILENT, engine=engine_with()) as made:
        assert "no emulator for aarch64" in (made.refusal(file, DEMO, Target.parse("cp39-manylinux2014_aarch64")) or "")


def test_two_targets_share_a_wheel_that_holds_the_same(tmp_path: Path) -> None:
    with builder(tmp_path, SILENT, engine=engine_with()) as made:
        first = made.wheel(index_file(SILENT), DEMO, TARGET)
        second = made.wheel(index_file(SILENT), DEMO, OTHER)
    assert first.path == second.path
    (found,) = read_records(tmp_path / "wheelhouse")
    assert found.record.targets == tuple(sorted((TARGET.spelling, OTHER.spelling)))


def test_two_targets_whose_wheels_differ_have_each_its_own(tmp_path: Path) -> None:
    with builder(tmp_path, SILENT, engine=engine_with()) as made:
        first = made.wheel(index_file(SILENT), DEMO, TARGET)
    other = make_wheel("demo", "1.0", files={"demo.py": "other = 1\n"})
    path = tmp_path / other.filename
    path.write_bytes(other.body)
    record = type(first.record)(
        wheel=other.filename,
        sha256=other.sha256,
        targets=(OTHER.spelling,),
        recipe="",
        source="s",
        source_sha256="0" * 64,
        image="i",
    )
    housed = house(path, record, tmp_path / "wheelhouse", OTHER)
    assert housed.path == tmp_path / "wheelhouse" / OTHER.name / other.filename
    assert first.path.read_bytes() == WHEEL.body
    assert len(read_records(tmp_path / "wheelhouse")) == 2


def test_sdist_without_a_digest_is_read_all_the_same(tmp_path: Path) -> None:
    plain = IndexFile(filename=STATIC.filename, url=index_file(STATIC).url)
    with builder(tmp_path, STATIC) as made:
        assert made.metadata(plain, DEMO, TARGET).requires_dist == ("six",)


def test_patches_are_read_beside_the_projects_file(tmp_path: Path) -> None:
    (tmp_path / "a.patch").write_bytes(b"--- a")
    assert read_patches(Recipe(patches=("a.patch",)), tmp_path) == (b"--- a",)
    with pytest.raises(SourceRefusedError, match=r"the patch b\.patch"):
        read_patches(replace(Recipe(), patches=("b.patch",)), tmp_path)


def folder_of(tmp_path: Path, text: str = "[project]\nname = 'demo'\n") -> str:
    """Make a project's folder and return its address with its digest, as requirements have it."""
    folder = tmp_path / "mine"
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(text)
    return f"{folder.as_uri()}#sha256={digest_of_content(folder)}"


def test_folder_is_built_once_while_nothing_in_it_changes(tmp_path: Path) -> None:
    url, engine = folder_of(tmp_path), engine_with()
    with builder(tmp_path, engine=engine) as made:
        file = made.folder(url, DEMO, TARGET)
        assert (file.filename, file.url) == ("demo-1.0.tar.gz", url.partition("#")[0])
        assert made.metadata(file, DEMO, TARGET).requires_dist == ("attrs",)
        done = made.wheel(file, DEMO, TARGET)
    assert (done.record.source, done.record.source_sha256) == ("mine", url.rpartition("=")[2])
    assert ("/wheelpin/source", ["pyproject.toml"]) in engine.copied
    (tmp_path / "mine" / ".git").mkdir()
    (tmp_path / "mine" / ".git" / "index").write_text("touched")
    with builder(tmp_path) as made:
        file = made.folder(folder_of(tmp_path), DEMO, TARGET)
        assert (file.filename, made.wheel(file, DEMO, TARGET).is_kept) == ("demo-1.0.tar.gz", True)


LOCKED = replace(lock(target=LockedTarget.of(TARGET)), inputs=("./mine",), proof=Proof())


@pytest.mark.parametrize("form", LockFormat)
def test_locks_in_a_folder_are_no_part_of_what_they_lock(tmp_path: Path, form: LockFormat) -> None:
    before = folder_of(tmp_path)
    path = tmp_path / "mine" / "lockfiles" / ("pylock.toml" if form is LockFormat.PYLOCK else "demo.txt")
    path.parent.mkdir()
    path.write_text(to_text(LOCKED, form))
    assert folder_of(tmp_path) == before
    path.write_text("# wheelpin\n")
    assert folder_of(tmp_path) != before


def test_folder_with_other_content_is_built_anew(tmp_path: Path) -> None:
    with builder(tmp_path, engine=engine_with()) as made:
        made.wheel(made.folder(folder_of(tmp_path), DEMO, TARGET), DEMO, TARGET)
    changed = folder_of(tmp_path, "[project]\nname = 'demo'\nversion = '2'\n")
    with (
        builder(tmp_path) as made,
        pytest.raises(SourceRefusedError, match=r"mine cannot be built: it would be built in .* docker"),
    ):
        made.folder(changed, DEMO, TARGET)


def test_folder_is_what_was_asked_for(tmp_path: Path) -> None:
    url = folder_of(tmp_path)
    with builder(tmp_path, engine=engine_with(make_wheel("other", "1.0"))) as made:
        with pytest.raises(SourceRefusedError, match="it is other, and not demo"):
            made.folder(folder_of(tmp_path, "[build-system]\nrequires = []\n"), DEMO, TARGET)
        with pytest.raises(SourceRefusedError, match="not what it was when it was asked for"):
            made.folder(url, NormalizedName("demo"), OTHER)


def test_sdist_of_this_machine_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / SILENT.filename
    path.write_bytes(SILENT.body)
    file = IndexFile(filename=path.name, url=path.as_uri())
    with builder(tmp_path, SILENT, engine=engine_with()) as made:
        named = replace(index_file(SILENT), sha256=SILENT.sha256)
        made.wheel(named, DEMO, TARGET)
    with builder(tmp_path) as made:
        assert made.wheel(file, DEMO, TARGET).is_kept
        path.write_bytes(b"other bytes")
        assert made.refusal(file, DEMO, TARGET) is not None
