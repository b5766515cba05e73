"""What the cache has of a page: what runs ask of it, and apart from that all that it lists."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.index.opening import opened, overwrite_blobs
from tests.index_server import IndexServer
from wheelpin.cache import Cache
from wheelpin.files import ProjectPage
from wheelpin.index.access import NotCachedError
from wheelpin.index.kept_pages import PAGES, TEXTS
from wheelpin.index.pages import PageLostError

WHEELS = tuple(make_wheel("foo", f"1.{number}") for number in range(5))
FOO = "/simple/foo/"
WEEK = timedelta(days=7)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what is read of the cache, by kind."""
    counted, get = Counter[str](), Cache.get

    def counting(cache: Cache, kind: str, key: str) -> bytes | None:
        counted[kind] += 1
        return get(cache, kind, key)

    monkeypatch.setattr(Cache, "get", counting)
    return counted


def texts(cache_dir: Path) -> list[Path]:
    return [path for path in (cache_dir / TEXTS).rglob("*") if path.is_file()]


def lose(cache_dir: Path) -> None:
    for path in texts(cache_dir):
        path.unlink()


def tear(cache_dir: Path) -> None:
    for path in texts(cache_dir):
        path.write_bytes(path.read_bytes()[:-5])


def test_what_an_earlier_run_looked_at_takes_one_read(tmp_path: Path, reads: Counter[str]) -> None:
    with IndexServer.json_with_sidecars(*WHEELS) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            first = run.existing_page("foo").entries.read(3)
        reads.clear()
        for later in (timedelta(), WEEK):
            with opened(server.url, cache_dir=tmp_path, later=later) as run:
                entries = run.existing_page("foo").entries
                assert entries.read(3) == entries.read_before(WHEELS[3].filename) == first
                assert entries.read_before(WHEELS[2].filename) is None
        assert [served.status for served in server.asked(FOO)] == [200, 304]
    assert (reads[PAGES], reads[TEXTS]) == (2, 0)
    with opened(server.url, cache_dir=tmp_path, later=WEEK) as run:
        assert len(run.existing_page("foo").files) == len(WHEELS)
    assert reads[TEXTS] == 1


def garble(cache_dir: Path) -> None:
    overwrite_blobs(cache_dir / TEXTS, b"\x00\x00\x00\x01\x93")


@pytest.mark.parametrize("damage", [lose, tear, garble])
@pytest.mark.parametrize("shape", [IndexServer.json_with_sidecars, IndexServer.html_plain])
def test_text_that_the_cache_lost_comes_from_the_index_again(
    shape: Callable[..., IndexServer], damage: Callable[[Path], None], tmp_path: Path
) -> None:
    with shape(*WHEELS) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            first = run.existing_page("foo")
            first.entries.read(3)
        damage(tmp_path)
        for _ in range(2):
            with opened(server.url, cache_dir=tmp_path) as run:
                assert run.page("foo") == first
        assert [served.status for served in server.asked(FOO)] == [200, 200]


def test_text_that_the_cache_lost_cannot_come_offline(tmp_path: Path) -> None:
    with IndexServer.json_with_sidecars(*WHEELS) as server, opened(server.url, cache_dir=tmp_path) as run:
        first = run.existing_page("foo").entries.read(3)
    lose(tmp_path)
    with opened(server.url, cache_dir=tmp_path, offline=True) as run:
        page = run.existing_page("foo")
        assert page.entries.read(3) == first
        with pytest.raises(NotCachedError):
            page.names()


def look(page: ProjectPage) -> None:
    page.entries.read(3)


def note(page: ProjectPage) -> None:
    page.entries.found["that"] = {3: WHEELS[3].filename}


@pytest.mark.parametrize("use", [look, note])
@pytest.mark.parametrize("gone", [0, 3])
def test_text_that_the_cache_lost_is_not_taken_from_another_page(
    use: Callable[[ProjectPage], None], gone: int, tmp_path: Path
) -> None:
    with IndexServer.json_with_sidecars(*WHEELS[:4]) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            use(run.existing_page("foo"))
        lose(tmp_path)
        server.remove(WHEELS[gone].filename)
        with opened(server.url, cache_dir=tmp_path) as run:
            page = run.existing_page("foo")
            with pytest.raises(PageLostError, match="changed while it was read") as caught:
                page.names()
            assert (caught.value.exit_code, caught.value.hint) == (5, "run again")
        with opened(server.url, cache_dir=tmp_path) as run:
            assert len(run.existing_page("foo").names()) == 3


def test_page_that_only_grew_serves_for_one_that_the_cache_lost(tmp_path: Path) -> None:
    with IndexServer.json_with_sidecars(*WHEELS[:4]) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            look(run.existing_page("foo"))
        lose(tmp_path)
        server.add(WHEELS[4])
        with opened(server.url, cache_dir=tmp_path) as run:
            assert run.existing_page("foo").names() == [wheel.filename for wheel in WHEELS]


def test_runs_that_began_before_a_page_changed_may_still_read_what_it_was(tmp_path: Path) -> None:
    with IndexServer.json_with_sidecars(*WHEELS[:3]) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            run.existing_page("foo").entries.read(0)
        with opened(server.url, cache_dir=tmp_path) as old:
            page = old.existing_page("foo")
            for number, wheel in enumerate(WHEELS[3:], start=1):
                server.add(wheel)
                with opened(server.url, cache_dir=tmp_path, later=number * WEEK) as run:
                    assert len(run.existing_page("foo").files) == 3 + number
                assert len(texts(tmp_path)) == 2
                if number == 1:
                    assert len(page.names()) == 3
        assert [served.status for served in server.asked(FOO)] == [200, 200, 200]
