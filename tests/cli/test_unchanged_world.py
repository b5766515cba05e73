"""The second run: no byte changes, nothing fresh is asked, and one new release is one line."""

import difflib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.cli.running import LINUX, LOCK, Wheelpin
from tests.index_server import IndexServer

WORLD = (
    make_wheel("alpha", "1.0", requires=["beta>=1", "gamma"]),
    make_wheel("beta", "1.0"),
    make_wheel("beta", "1.1"),
    make_wheel("gamma", "1.0", "cp312-cp312-manylinux2014_x86_64", requires=["beta<2"]),
    make_wheel("gamma", "1.0", "cp311-cp311-manylinux2014_x86_64", requires=["beta<2"]),
)


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(*WORLD) as running:
        yield running


def changed_lines(before: str, after: str) -> list[str]:
    """Return the lines of a diff that show a change."""
    diff = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in diff if line[0] in "+-" and not line.startswith(("+++", "---"))]


def asked(index: IndexServer) -> list[str]:
    """Return the paths that were asked for since the last look, sorted."""
    paths = sorted(request.path for request in index.asked())
    index.forget_requests()
    return paths


def test_first_run_asks_for_each_page_and_each_sidecar_once(wheelpin: Wheelpin, index: IndexServer) -> None:
    wheelpin.lock("alpha", "-i", index.url)
    assert asked(index) == [
        "/files/alpha-1.0-py3-none-any.whl.metadata",
        "/files/beta-1.1-py3-none-any.whl.metadata",
        "/files/gamma-1.0-cp312-cp312-manylinux2014_x86_64.whl.metadata",
        "/simple/alpha/",
        "/simple/beta/",
        "/simple/gamma/",
    ]


def test_lock_at_hand_without_a_cache_asks_for_each_thing_once(wheelpin: Wheelpin, index: IndexServer) -> None:
    wheelpin.lock("alpha", "-i", index.url, "--no-cache")
    first = asked(index)
    text = LOCK.read_bytes()
    wheelpin.lock("alpha", "-i", index.url, "--no-cache")
    assert asked(index) == first
    assert LOCK.read_bytes() == text


def test_second_run_asks_nothing_and_touches_nothing(wheelpin: Wheelpin, index: IndexServer) -> None:
    wheelpin.lock("alpha", "-i", index.url)
    text, before = LOCK.read_bytes(), LOCK.stat()
    os.utime(LOCK, ns=(before.st_atime_ns, before.st_mtime_ns - 10**12))
    stamp = LOCK.stat().st_mtime_ns
    asked(index)
    again = wheelpin.lock("alpha", "-i", index.url)
    assert asked(index) == []
    assert again.err == f"{LOCK}: 3 pins for {LINUX} (unchanged)\n"
    assert LOCK.read_bytes() == text
    assert LOCK.stat().st_mtime_ns == stamp


def test_stale_pages_are_asked_again_in_one_round_and_confirmed(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.cache_control = "no-cache"
    wheelpin.lock("alpha", "-i", index.url)
    index.forget_requests()
    wheelpin.lock("alpha", "-i", index.url)
    assert [(request.path, request.status) for request in sorted(index.asked(), key=lambda request: request.path)] == [
        ("/simple/alpha/", 304),
        ("/simple/beta/", 304),
        ("/simple/gamma/", 304),
    ]


def test_fresh_pages_are_asked_again_on_request(wheelpin: Wheelpin, index: IndexServer) -> None:
    wheelpin.lock("alpha", "-i", index.url)
    index.add(make_wheel("beta", "1.2"))
    index.forget_requests()
    assert "/beta-1.1-" in wheelpin.text("alpha", "-i", index.url, "--upgrade")
    assert "/beta-1.2-" in wheelpin.text("alpha", "-i", index.url, "--upgrade", "--refresh")
    assert len(index.asked("/simple/", status=304)) == 2
    assert len(index.asked("/simple/", status=200)) == 1


def test_one_new_release_changes_its_line_and_the_digest_of_all(wheelpin: Wheelpin, index: IndexServer) -> None:
    wheelpin.lock("alpha", "-i", index.url)
    before = LOCK.read_text(encoding="utf-8")
    index.add(make_wheel("beta", "1.2"))
    wheelpin.lock("alpha", "-i", index.url, "--refresh")
    assert LOCK.read_text(encoding="utf-8") == before
    wheelpin.lock("alpha", "-i", index.url, "--refresh", "--upgrade")
    changed = changed_lines(before, LOCK.read_text(encoding="utf-8"))
    starts = ("-# proof: pins=", "+# proof: pins=", "-beta @ ", "+beta @ ")
    assert len(changed) == len(starts)
    assert all(line.startswith(start) for line, start in zip(changed, starts, strict=True))


def test_lock_lets_itself_be_refreshed_by_its_own_command(
    wheelpin: Wheelpin, index: IndexServer, project: Path
) -> None:
    (project / "requirements.in").write_text("alpha\nbeta>=1; python_version>'3'\n", encoding="utf-8")
    (project / "limits.txt").write_text("beta<1.1\n", encoding="utf-8")
    first = wheelpin.lock(
        *("-r", "requirements.in", "-c", "limits.txt", "-i", index.url, "--pre", "--output-dir", "locks"),
        *("--format", "hashes", "--python-full-version", "3.12.1", "--marker", "platform_release=5.10"),
    )
    assert first.code == 0
    lock = Path("locks", f"{LINUX}.txt")
    text = lock.read_text(encoding="utf-8")
    (command,) = [line.removeprefix("# refresh: ") for line in text.splitlines() if line.startswith("# refresh: ")]
    lock.unlink()
    assert wheelpin(*command.split()[1:]).code == 0
    assert lock.read_text(encoding="utf-8") == text


def test_offline_run_needs_nothing_but_the_cache(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.cache_control = "no-cache"
    online = wheelpin.text("alpha", "-i", index.url)
    index.forget_requests()
    assert wheelpin.text("alpha", "-i", index.url, "--offline") == online
    assert index.asked() == []


def test_offline_run_names_what_the_cache_does_not_hold(wheelpin: Wheelpin, index: IndexServer) -> None:
    said = wheelpin("lock", "alpha", "-t", LINUX, "-i", index.url, "--offline")
    assert said.code == 5
    assert said.errors == [f"error: {index.url}alpha/ is not in the cache, and the run is offline"]
    assert said.hints == ["run once without --offline, with the same cache folder"]
    assert index.asked() == []
    assert not LOCK.exists()


def test_run_without_a_cache_leaves_none(wheelpin: Wheelpin, index: IndexServer, tmp_path: Path) -> None:
    wheelpin.lock("alpha", "-i", index.url, "--no-cache")
    first = asked(index)
    wheelpin.lock("alpha", "-i", index.url, "--no-cache")
    assert asked(index) == first
    assert not (tmp_path / "cache").exists()


def test_targets_of_one_run_share_what_is_fetched(wheelpin: Wheelpin, index: IndexServer) -> None:
    said = wheelpin("lock", "alpha", "-i", index.url, "-t", LINUX, "-t", "cp311-manylinux_2_28_x86_64")
    assert said.code == 0
    assert asked(index) == [
        "/files/alpha-1.0-py3-none-any.whl.metadata",
        "/files/beta-1.1-py3-none-any.whl.metadata",
        "/files/gamma-1.0-cp311-cp311-manylinux2014_x86_64.whl.metadata",
        "/files/gamma-1.0-cp312-cp312-manylinux2014_x86_64.whl.metadata",
        "/simple/alpha/",
        "/simple/beta/",
        "/simple/gamma/",
    ]


def test_cache_is_shown_and_emptied(wheelpin: Wheelpin, index: IndexServer, tmp_path: Path) -> None:
    assert wheelpin("cache", "dir").out == f"{tmp_path / 'cache'}\n"
    wheelpin.lock("alpha", "-i", index.url)
    asked(index)
    shown = wheelpin("cache", "info")
    assert shown.code == 0
    kinds = json.loads(wheelpin("cache", "info", "--json").out)["kinds"]
    assert len(kinds) >= 2
    sizes = [f"  {name}: {kind['entries']} entries, 0.0 MB" for name, kind in kinds.items()]
    assert shown.out.splitlines() == [str(tmp_path / "cache"), *sizes]
    assert wheelpin("cache", "prune", "--days", "1").err == "removed 0 entries, 0.0 MB\n"
    everything = sum(kind["entries"] for kind in kinds.values())
    assert wheelpin("cache", "clear").err == f"removed {everything} entries, 0.0 MB\n"
    wheelpin.lock("alpha", "-i", index.url)
    assert len(asked(index)) == 6
