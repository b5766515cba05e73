"""What the cache has of builds, and what comes of it when something is wrong there."""

from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.builder.fake_engine import FakeEngine, Script
from tests.builder.workshops import index_file, workshop
from tests.builders import make_wheel
from tests.reporters import RecordingReporter
from wheelpin.builder import BracesError, expand_braces
from wheelpin.builder.housing import read_records
from wheelpin.builder.kept import KeptBuilds, adopt
from wheelpin.builder.siblings import compare_modules
from wheelpin.cache import Cache
from wheelpin.safe_write import FileNotWritableError
from wheelpin.wheelhouse import WheelStore

DEMO, ONE = NormalizedName("demo"), Version("1.0")
NATIVE = make_wheel("demo", "1.0", "cp38-cp38-manylinux2014_x86_64", files={"_a.cpython-38-x86_64-linux-gnu.so": b""})


def test_nonsense_in_the_cache_is_as_good_as_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path, RecordingReporter())
    kept = KeptBuilds(cache, WheelStore(tmp_path))
    for blob in (b"{", b"1", b'{"wheel": "../a.whl"}'):
        cache.put("build-requires-1", "key", blob)
        cache.put("builds-1", "key", blob)
        assert kept.requirements("key") is None
        assert kept.wheel("key", tmp_path / "wheels") is None


def test_without_a_cache_nothing_is_kept_or_found(tmp_path: Path) -> None:
    kept = KeptBuilds(None, WheelStore(None))
    kept.keep_requirements("key", ["wheel"])
    assert kept.requirements("key") is None
    assert kept.wheel("key", tmp_path) is None


def test_wheel_that_cannot_be_placed_leaves_nothing_half_done(tmp_path: Path) -> None:
    wheel = tmp_path / "a.whl"
    wheel.write_bytes(b"a")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FileNotWritableError):
        adopt(wheel, tmp_path / "file")


def test_records_that_are_none_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.whl.provenance.json").write_text("{}")
    (tmp_path / "b.whl.provenance.json").mkdir()
    assert read_records(tmp_path) == ()
    assert read_records(tmp_path / "nowhere") == ()


@pytest.mark.parametrize(
    ("offered", "modules"),
    [
        pytest.param([NATIVE], frozenset({"_a"}), id="a wheel for Linux"),
        pytest.param([], frozenset(), id="one that cannot be had"),
    ],
)
def test_modules_of_a_published_wheel_are_read_where_it_can_be_had(
    tmp_path: Path, offered: list[object], modules: frozenset[str]
) -> None:
    made_in = workshop(FakeEngine(Script()), tmp_path, *([NATIVE] if offered else []))
    found = compare_modules([index_file(NATIVE)], DEMO, ONE, folder=tmp_path / "siblings", workshop=made_in)
    assert (found.modules, found.always_has_binaries) == (modules, True)


def test_wheels_of_other_versions_and_bad_names_are_no_siblings(tmp_path: Path) -> None:
    made_in = workshop(FakeEngine(Script()), tmp_path)
    files = [index_file(make_wheel("demo", "2.0")), index_file(make_wheel("demo", "1.0", "py3-none-any"))]
    bad = type(files[0])(filename="demo-1.0.whl", url="https://files.example/demo-1.0.whl")
    found = compare_modules([*files, bad], DEMO, ONE, folder=tmp_path, workshop=made_in)
    assert found.platforms == (("any",),)


def test_braces_say_how_they_are_meant() -> None:
    with pytest.raises(BracesError) as caught:
        expand_braces("cp3{9..13")
    assert "'cp3{9..13'" in str(caught.value)
    assert "{9..13}" in caught.value.hint
