from collections import Counter
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import pytest

from tests.builders import make_wheel
from tests.index.opening import opened
from tests.index_server import IndexServer
from wheelpin.cache import Cache
from wheelpin.index.chores import Chores
from wheelpin.index.kept_pages import PAGES, TEXTS


def test_who_waits_does_chores_in_order_until_the_answer_is_there() -> None:
    chores, answer, done = Chores(), Future[str](), list[str]()
    for name in ("first", "second"):
        chores.add(partial(done.append, name))
    chores.add(lambda: answer.set_result("answer"))
    chores.add(partial(done.append, "last"))
    assert chores.until(answer) == "answer"
    assert done == ["first", "second"]
    assert chores.until(answer) == "answer"
    assert done == ["first", "second"]
    chores.finish()
    assert done == ["first", "second", "last"]


def test_an_error_that_was_waited_for_is_raised() -> None:
    failed = Future[str]()
    failed.set_exception(KeyError("gone"))
    with pytest.raises(KeyError, match="gone"):
        Chores().until(failed)


def test_what_came_is_kept_once_and_again_only_when_more_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, kinds = Cache.put, list[str]()

    def noting(cache: Cache, kind: str, key: str, *parts: bytes) -> None:
        kinds.append(kind)
        put(cache, kind, key, *parts)

    monkeypatch.setattr(Cache, "put", noting)
    wheels = {name: make_wheel(name) for name in ("read", "unread", "again", "last")}
    with IndexServer.json_with_sidecars(*wheels.values(), make_wheel("again", "2.0")) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            run.index.metadata(run.file("read"))
            run.existing_page("again").entries.read(0)
            run.existing_page("unread")
            # Somebody waits for the last, and does meanwhile what there is to do.
            run.index.metadata(run.file("last"))
            early = Counter(kinds)
            run.existing_page("again").entries.read(1)
        assert early[PAGES] in (2, 3)
        assert Counter(kinds)["metadata-1"] == 2
        assert Counter(kinds)[PAGES] == len(wheels) + 1
        assert Counter(kinds)[TEXTS] == len(wheels)
        with opened(server.url, cache_dir=tmp_path, offline=True) as run:
            assert run.index.metadata(run.file("read")).name == "read"
            assert len(run.existing_page("again").files) == 2
