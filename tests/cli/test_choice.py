"""Which version is taken: pins kept or let go, limits, overrides, extras, uploads, pre-releases, several targets."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import make_sdist, make_wheel
from tests.cli.running import LINUX, LOCK, Wheelpin, pins_of
from tests.index_server import IndexServer, Shown

MAC = "cp312-macosx_14_0_arm64"


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(
        make_wheel("app", "1.0", requires=["lib>=1", "tool"]),
        make_wheel("lib", "1.0"),
        make_wheel("tool", "1.0"),
    ) as running:
        running.cache_control = "no-cache"
        yield running


@pytest.fixture
def locked(wheelpin: Wheelpin, index: IndexServer) -> IndexServer:
    """Return the index after a lock was made and everything had a new release."""
    wheelpin.lock("app", "-i", index.url)
    index.add(
        make_wheel("app", "1.1", requires=["lib>=1", "tool"]),
        make_wheel("lib", "1.1"),
        make_wheel("tool", "1.1"),
    )
    return index


def pins(wheelpin: Wheelpin, *words: str) -> list[str]:
    """Lock into the usual place, and return what is pinned there."""
    wheelpin.lock(*words)
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return [line.rpartition("/")[2].split("-py3")[0].replace("-", "==") for line in lines if " @ " in line]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param((), ["app==1.0", "lib==1.0", "tool==1.0"], id="nothing said: all are kept"),
        pytest.param(("--upgrade",), ["app==1.1", "lib==1.1", "tool==1.1"], id="--upgrade: none is"),
        pytest.param(("-U",), ["app==1.1", "lib==1.1", "tool==1.1"], id="-U"),
        pytest.param(("--upgrade-package", "LIB"), ["app==1.0", "lib==1.1", "tool==1.0"], id="--upgrade-package"),
        pytest.param(("-P", "lib", "-P", "app"), ["app==1.1", "lib==1.1", "tool==1.0"], id="-P twice"),
        pytest.param(("lib>1",), ["app==1.0", "lib==1.1", "tool==1.0"], id="a pin that no longer answers moves alone"),
    ],
)
def test_pins_of_the_lock_that_stands_there_are_kept(
    wheelpin: Wheelpin, locked: IndexServer, words: tuple[str, ...], expected: list[str]
) -> None:
    assert pins(wheelpin, "app", "-i", locked.url, *words) == expected


def test_pin_that_left_the_index_is_replaced(wheelpin: Wheelpin, locked: IndexServer) -> None:
    locked.remove("lib-1.0-py3-none-any.whl")
    assert pins(wheelpin, "app", "-i", locked.url) == ["app==1.0", "lib==1.1", "tool==1.0"]


def test_pin_that_was_yanked_is_replaced(wheelpin: Wheelpin, locked: IndexServer) -> None:
    locked.add(Shown(file=make_wheel("lib", "1.0"), yanked="broken"))
    assert pins(wheelpin, "app", "-i", locked.url) == ["app==1.0", "lib==1.1", "tool==1.0"]


def test_printed_lock_keeps_nothing(wheelpin: Wheelpin, locked: IndexServer) -> None:
    assert wheelpin.pins("app", "-i", locked.url) == ["app==1.1", "lib==1.1", "tool==1.1"]


def test_lock_under_another_name_keeps_its_own_pins(wheelpin: Wheelpin, locked: IndexServer) -> None:
    LOCK.rename("requirements.txt")
    assert wheelpin("lock", "app", "-i", locked.url, "-t", LINUX, "-o", "requirements.txt").code == 0
    assert "/lib-1.0-" in Path("requirements.txt").read_text(encoding="utf-8")


def test_form_of_a_lock_may_change_while_its_pins_stay(wheelpin: Wheelpin, locked: IndexServer) -> None:
    wheelpin.lock("app", "-i", locked.url, "--format", "hashes")
    assert pins_of(LOCK.read_text(encoding="utf-8")) == ["app==1.0", "lib==1.0", "tool==1.0"]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        pytest.param("lib<1.1\n", ["app==1.1", "lib==1.0", "tool==1.1"], id="a limit"),
        pytest.param("lib==1.0\nunrelated==7\n", ["app==1.1", "lib==1.0", "tool==1.1"], id="an unrelated one"),
        pytest.param("lib<1.1; sys_platform=='win32'\n", ["app==1.1", "lib==1.1", "tool==1.1"], id="for Windows only"),
    ],
)
def test_constraints_limit_what_is_needed_anyway(
    wheelpin: Wheelpin, locked: IndexServer, limits: str, expected: list[str]
) -> None:
    Path("limits.txt").write_text(limits, encoding="utf-8")
    assert wheelpin.pins("app", "-i", locked.url, "-c", "limits.txt") == expected


def test_override_replaces_what_anybody_asks(wheelpin: Wheelpin, locked: IndexServer) -> None:
    Path("overrides.txt").write_text("lib<1\n", encoding="utf-8")
    locked.add(make_wheel("lib", "0.9"))
    expected = ["app==1.1", "lib==0.9", "tool==1.1"]
    assert wheelpin.pins("app", "-i", locked.url, "--override", "overrides.txt") == expected


def test_extras_bring_their_requirements_and_stay_out_of_the_lock(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.add(
        make_wheel(
            *("web", "1.0"),
            requires=["lib; extra == 'fast'", "tool; extra == 'safe-mode'", "web[fast]; extra == 'all'"],
            extras=["fast", "safe-mode", "all"],
        )
    )
    words = ("-i", index.url)
    assert wheelpin.pins("web", *words) == ["web==1.0"]
    assert wheelpin.pins("web[fast]", *words) == ["lib==1.0", "web==1.0"]
    assert wheelpin.pins("web[Safe_Mode]", *words) == ["tool==1.0", "web==1.0"]
    assert wheelpin.pins("web[all]", *words) == ["lib==1.0", "web==1.0"]
    assert wheelpin.pins("web[fast]", "web[safe-mode]", *words) == ["lib==1.0", "tool==1.0", "web==1.0"]
    assert "\nweb @ http" in wheelpin.text("web[fast]", *words)


def test_extra_that_is_none_is_warned_of(wheelpin: Wheelpin, index: IndexServer) -> None:
    said = wheelpin.lock("app[nope]", "-i", index.url)
    assert said.warnings == ["app 1.0 has no extra 'nope'; it is left out"]


@pytest.mark.parametrize(
    ("date", "version"),
    [
        pytest.param("2024-06-01", "1.0", id="a date is its midnight in UTC"),
        pytest.param("2024-06-01T00:00:01Z", "1.1", id="a moment"),
        pytest.param("2024-06-01T05:30:00+05:30", "1.0", id="the same midnight elsewhere"),
        pytest.param("2025-01-01", "1.1", id="later"),
    ],
)
def test_later_uploads_do_not_exist(wheelpin: Wheelpin, index: IndexServer, date: str, version: str) -> None:
    index.add(
        Shown(file=make_wheel("dated", "1.0"), uploaded_at="2024-05-01T00:00:00Z"),
        Shown(file=make_wheel("dated", "1.1"), uploaded_at="2024-06-01T00:00:00.000000Z"),
    )
    text = wheelpin.text("dated", "-i", index.url, "--exclude-newer", date)
    assert f"/dated-{version}-" in text
    assert "\n# exclude-newer: 202" in text


def days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("age", "version", "kept"),
    [
        pytest.param("P7D", "1.0", "P7D", id="ISO 8601"),
        pytest.param("1 week", "1.0", "P7D", id="in words"),
        pytest.param("48h", "1.1", "P2D", id="less than one file's age"),
        pytest.param("PT0S", "1.1", "P0D", id="none"),
    ],
)
def test_files_count_from_an_age_on_and_the_lock_says_which(
    wheelpin: Wheelpin, index: IndexServer, age: str, version: str, kept: str
) -> None:
    index.add(
        Shown(file=make_wheel("dated", "1.0"), uploaded_at=days_ago(30)),
        Shown(file=make_wheel("dated", "1.1"), uploaded_at=days_ago(4)),
    )
    words = ("dated", "-i", index.url, "--exclude-newer", age)
    text = wheelpin.text(*words)
    assert f"/dated-{version}-" in text
    assert f"\n# exclude-newer: {kept}\n" in text


def test_lock_by_age_is_the_same_on_another_day(
    wheelpin: Wheelpin, index: IndexServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(
        Shown(file=make_wheel("dated", "1.0"), uploaded_at=days_ago(30)),
        Shown(file=make_wheel("dated", "1.1"), uploaded_at=days_ago(4)),
    )
    words = ("dated", "-i", index.url, "--exclude-newer", "7 days")
    wheelpin.lock(*words)
    before = LOCK.read_bytes()
    later = time.time() + 5 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    assert wheelpin("lock", *words, "--target", LINUX, "--check").code == 0
    wheelpin.lock(*words)
    assert LOCK.read_bytes() == before
    wheelpin.lock(*words, "--upgrade")
    assert "/dated-1.1-" in LOCK.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "version"),
    [
        pytest.param(("pre",), "1.0", id="not without being asked for"),
        pytest.param(("pre", "--pre"), "2.0b1", id="with --pre"),
        pytest.param(("pre>=2.0b1",), "2.0b1", id="where a requirement names one"),
        pytest.param(("pre>1",), "2.0b1", id="where nothing final is in range"),
    ],
)
def test_prereleases(wheelpin: Wheelpin, index: IndexServer, words: tuple[str, ...], version: str) -> None:
    index.add(make_wheel("pre", "1.0"), make_wheel("pre", "2.0b1"))
    assert wheelpin.pins(*words, "-i", index.url) == [f"pre=={version}"]


def test_yanked_release_is_taken_only_where_it_is_pinned_and_said(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.add(make_wheel("old", "1.0"), Shown(file=make_wheel("old", "1.1"), yanked="leaks memory"))
    assert wheelpin.pins("old", "-i", index.url) == ["old==1.0"]
    said = wheelpin.lock("old==1.1", "-i", index.url)
    assert said.warnings == ["old 1.1 was yanked: leaks memory; it is taken because exactly this version is asked for"]


def test_newest_release_without_a_wheel_yields_to_an_older_one_with_one(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.add(make_sdist("lib", "3.0"), make_wheel("lib", "2.0", "cp312-cp312-manylinux_2_34_x86_64"))
    assert wheelpin.pins("lib", "-i", index.url) == ["lib==1.0"]


@pytest.fixture
def uneven(index: IndexServer) -> IndexServer:
    """Return an index whose newest `lib` is for Linux alone."""
    index.add(
        make_wheel("lib", "2.0", "cp312-cp312-manylinux_2_28_x86_64"),
        make_wheel("lib", "1.5", "cp312-cp312-macosx_11_0_arm64"),
        make_wheel("lib", "1.5", "cp312-cp312-manylinux2014_x86_64"),
    )
    return index


def locked_versions(name: str) -> dict[str, str]:
    """Return the version of one project by target."""
    found = {}
    for path in sorted(Path("lockfiles").iterdir()):
        (pin,) = [pin for pin in pins_of(path.read_text(encoding="utf-8")) if pin.startswith(f"{name}==")]
        found[path.stem] = pin.partition("==")[2]
    return found


def test_several_targets_each_get_their_best(wheelpin: Wheelpin, uneven: IndexServer) -> None:
    words = ("app", "-i", uneven.url, "-t", LINUX, "-t", MAC, "--format", "hashes")
    assert wheelpin("lock", *words).code == 0
    assert locked_versions("lib") == {LINUX: "2.0", MAC: "1.5"}


def test_aligned_targets_get_the_same(wheelpin: Wheelpin, uneven: IndexServer) -> None:
    words = ("app", "-i", uneven.url, "-t", LINUX, "-t", MAC, "--format", "hashes", "--align")
    assert wheelpin("lock", *words).code == 0
    assert locked_versions("lib") == {LINUX: "1.5", MAC: "1.5"}
    text = Path("lockfiles", f"{MAC}.txt").read_text(encoding="utf-8")
    assert f"# refresh: wheelpin lock app --target {LINUX} --target {MAC} -i {uneven.url} --align " in text


def test_what_cannot_be_aligned_is_said(wheelpin: Wheelpin, uneven: IndexServer) -> None:
    uneven.remove("lib-1.5-cp312-cp312-manylinux2014_x86_64.whl")
    uneven.remove("lib-1.0-py3-none-any.whl")
    said = wheelpin("lock", "app", "-i", uneven.url, "-t", LINUX, "-t", MAC, "--align")
    assert said.code == 0
    assert said.warnings == ["lib could not be aligned: the targets have 1.5, 2.0"]


def test_no_lock_is_written_while_a_target_has_no_answer(wheelpin: Wheelpin, uneven: IndexServer) -> None:
    said = wheelpin("lock", "lib>=2", "-i", uneven.url, "-t", LINUX, "-t", MAC)
    assert said.code == 3
    assert said.errors[0] == f"error: 1 of 2 targets has no answer: {MAC}"
    assert not Path("lockfiles").exists()


def test_two_spellings_of_one_target_are_one(wheelpin: Wheelpin, index: IndexServer) -> None:
    said = wheelpin("lock", "lib", "-i", index.url, "-t", LINUX, "-t", "x86_64-CP312-manylinux_2_28", "-o", "-")
    assert said.code == 0
    assert said.out.count("lib @ ") == 1
