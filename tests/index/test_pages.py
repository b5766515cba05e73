"""Pages over a server: forms, freshness, revalidation, refusals."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import make_sdist, make_wheel
from tests.index.opening import opened, overwrite_blobs
from tests.index_server import IndexServer, Pages, Shown, Sidecars, Status, pypiserver
from wheelpin.errors import IndexUnavailableError
from wheelpin.index.access import IndexRefusedError, NotCachedError
from wheelpin.index.entries import PageUnreadableError
from wheelpin.index.kept_pages import PAGES
from wheelpin.index.pages import PageStatusError

WHEEL, SDIST = make_wheel("foo", requires_python=">=3.8"), make_sdist("foo")
FOO = "/simple/foo/"


@pytest.mark.parametrize("shape", [IndexServer.json_with_sidecars, IndexServer.json_plain, IndexServer.html_plain])
def test_every_shape_lists_the_same_files(shape: Callable[..., IndexServer], tmp_path: Path) -> None:
    with shape(WHEEL, SDIST) as server, opened(server.url, cache_dir=tmp_path) as run:
        page = run.existing_page("foo")
        assert (page.project, page.index) == ("foo", server.url)
        assert [(file.filename, file.url, file.sha256) for file in page.files] == [
            (file.filename, server.file_url(file.filename), file.sha256) for file in (WHEEL, SDIST)
        ]
        assert page.files[0].requires_python == ">=3.8"


def test_a_real_pypiserver_behind_a_password(tmp_path: Path) -> None:
    credentials = ("me", "p@ss:word")
    with pypiserver(tmp_path / "packages", [WHEEL, SDIST], credentials=credentials) as url:
        bare = url.partition("://")[0] + "://" + url.rpartition("@")[2]
        with opened(bare, cache_dir=tmp_path / "cache", credentials=credentials) as run:
            files = {file.filename: file for file in run.existing_page("foo").files}
            assert {name: file.sha256 for name, file in files.items()} == {
                file.filename: file.sha256 for file in (WHEEL, SDIST)
            }
            assert run.index.metadata(files[WHEEL.filename]).name == "foo"
            assert run.page("missing") is None


def test_credentials_are_nowhere_on_the_disk(tmp_path: Path) -> None:
    server = IndexServer.json_with_sidecars(WHEEL)
    server.credentials = ("somebody", "hunter2secret")
    with server, opened(server.url, cache_dir=tmp_path, credentials=server.credentials) as run:
        run.index.metadata(run.file("foo"))
        assert "hunter2secret" not in repr(run.existing_page("foo"))
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert len(kept) > 100
    for secret in (b"somebody", b"hunter2secret"):
        assert secret not in kept


@pytest.mark.parametrize(
    ("cache_control", "later", "statuses"),
    [
        pytest.param("max-age=600", 599, [200], id="fresh: nothing is asked"),
        pytest.param("max-age=600", 601, [200, 304], id="stale: asked whether it changed"),
        pytest.param("public, Max-Age=60, must-revalidate", 61, [200, 304], id="among other directives"),
        pytest.param("max-age=0", 0, [200, 304], id="never fresh"),
        pytest.param("no-cache", 0, [200, 304], id="to be asked about always"),
        pytest.param("no-store", 0, [200, 200], id="not to be kept"),
        pytest.param(None, 599, [200], id="nothing said: ten minutes"),
        pytest.param(None, 601, [200, 304], id="nothing said: no longer"),
        pytest.param("max-age=soon", 601, [200, 304], id="nonsense said: ten minutes"),
    ],
)
def test_freshness(cache_control: str | None, later: int, statuses: list[int], tmp_path: Path) -> None:
    server = IndexServer.json_plain(WHEEL)
    server.cache_control = cache_control
    with server:
        with opened(server.url, cache_dir=tmp_path) as run:
            first = run.page("foo")
        with opened(server.url, cache_dir=tmp_path, later=timedelta(seconds=later)) as run:
            assert run.page("foo") == first
        assert [served.status for served in server.asked(FOO)] == statuses


def test_time_in_caches_on_the_way_counts(tmp_path: Path) -> None:
    server = IndexServer.json_plain(WHEEL)
    server.age_s = 500
    with server:
        for seconds in (0, 99, 101):
            with opened(server.url, cache_dir=tmp_path, later=timedelta(seconds=seconds)) as run:
                run.existing_page("foo")
        assert [served.status for served in server.asked(FOO)] == [200, 304]


def test_304_makes_fresh_again(tmp_path: Path) -> None:
    with IndexServer.json_plain(WHEEL) as server:
        for seconds in (0, 700, 1200):
            with opened(server.url, cache_dir=tmp_path, later=timedelta(seconds=seconds)) as run:
                run.existing_page("foo")
        assert [served.status for served in server.asked(FOO)] == [200, 304]


def test_refresh_revalidates_what_is_fresh(tmp_path: Path) -> None:
    with IndexServer.json_plain(WHEEL) as server:
        for refresh in (False, True):
            with opened(server.url, cache_dir=tmp_path, refresh=refresh) as run:
                run.existing_page("foo")
        server.add(SDIST)
        with opened(server.url, cache_dir=tmp_path, refresh=True) as run:
            assert len(run.existing_page("foo").files) == 2
        assert [served.status for served in server.asked(FOO)] == [200, 304, 200]
        assert server.requests[-1].headers["cache-control"] == "no-cache"


def test_server_without_validators_is_asked_for_all_again(tmp_path: Path) -> None:
    with IndexServer.html_plain(WHEEL) as server:
        for seconds in (0, 700):
            with opened(server.url, cache_dir=tmp_path, later=timedelta(seconds=seconds)) as run:
                run.existing_page("foo")
        assert [served.status for served in server.asked(FOO)] == [200, 200]


@pytest.mark.parametrize("shape", [IndexServer.json_with_sidecars, IndexServer.html_plain])
def test_page_from_the_cache_equals_the_one_read_afresh(shape: Callable[..., IndexServer], tmp_path: Path) -> None:
    server = shape(
        WHEEL,
        Shown(file=SDIST, yanked="", algorithms=("md5",), uploaded_at="2024-01-01T00:00:00Z"),
        Shown(file=make_wheel("foo", "2.0"), yanked="why", listed_changes={"url": "ftp://x/foo-2.0.whl"}),
    )
    server.statuses["foo"] = Status(status="deprecated", reason="old")
    with server:
        with opened(server.url, cache_dir=tmp_path) as run:
            fresh = run.existing_page("foo")
        server.forget_requests()
        with opened(server.url, cache_dir=tmp_path) as run:
            assert run.page("foo") == fresh
        assert (len(fresh.files), len(fresh.skipped), fresh.status) == (2, 1, "deprecated")
        assert server.requests == []


def test_damaged_copy_is_fetched_anew(tmp_path: Path) -> None:
    with IndexServer.json_plain(WHEEL) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            first = run.page("foo")
        for path in (tmp_path / PAGES).rglob("*"):
            if path.is_file():
                path.write_bytes(path.read_bytes()[:-20])
        with opened(server.url, cache_dir=tmp_path) as run:
            assert run.page("foo") == first
        assert [served.status for served in server.asked(FOO)] == [200, 200]


def test_page_is_asked_for_once_by_however_many(tmp_path: Path) -> None:
    server = IndexServer.json_plain(WHEEL)
    server.latency_s = 0.05
    with server, opened(server.url, cache_dir=tmp_path) as run, ThreadPoolExecutor(16) as threads:
        pages = list(threads.map(lambda _: run.page("foo"), range(64)))
        assert all(page is pages[0] for page in pages)
        assert len(server.asked(FOO)) == 1


def test_copy_of_another_form_is_fetched_anew(tmp_path: Path) -> None:
    with IndexServer.json_plain(WHEEL) as server:
        with opened(server.url, cache_dir=tmp_path) as run:
            first = run.page("foo")
        overwrite_blobs(tmp_path, b"\x93\x01\x02\x03")
        with opened(server.url, cache_dir=tmp_path) as run:
            assert run.page("foo") == first
        assert [served.status for served in server.asked(FOO)] == [200, 200]


def test_last_modified_serves_where_there_is_no_etag(tmp_path: Path) -> None:
    server = IndexServer.json_plain(WHEEL)
    server.has_validators = False
    server.last_modified = "Thu, 01 Jan 2026 10:00:00 GMT"
    with server:
        for seconds in (0, 700, 1400):
            with opened(server.url, cache_dir=tmp_path, later=timedelta(seconds=seconds)) as run:
                assert run.file("foo").filename == WHEEL.filename
        assert [served.status for served in server.asked(FOO)] == [200, 304, 304]


@pytest.mark.parametrize("status", [404, 410])
def test_project_that_does_not_exist(status: int, tmp_path: Path) -> None:
    server = IndexServer.json_plain()
    server.answers[FOO] = status
    with server:
        for _ in range(2):
            with opened(server.url, cache_dir=tmp_path) as run:
                assert run.page("foo") is None
        assert len(server.asked(FOO)) == 2, "it may have appeared in between"
        with opened(server.url, cache_dir=tmp_path, offline=True) as run:
            assert run.page("foo") is None


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        pytest.param(401, IndexRefusedError, "refuses with status 401", id="no credentials"),
        pytest.param(403, IndexRefusedError, "refuses with status 403", id="wrong credentials"),
        pytest.param(418, PageStatusError, "answers with status 418", id="neither yes nor no"),
        pytest.param(304, PageStatusError, "answers with status 304", id="unchanged, but nothing is known"),
        pytest.param(503, IndexUnavailableError, "503", id="out of order"),
    ],
)
def test_refusal(status: int, error: type[IndexUnavailableError], says: str, tmp_path: Path) -> None:
    server = IndexServer.json_plain(WHEEL)
    server.answers[FOO] = status
    with server, opened(server.url, cache_dir=tmp_path) as run:
        with pytest.raises(error, match=says) as caught:
            run.page("foo")
        assert f"{server.url}foo/" in str(caught.value)


def test_password_is_missing_from_the_refusal(tmp_path: Path) -> None:
    server = IndexServer.json_plain(WHEEL)
    server.credentials = ("me", "right")
    with server, opened(server.url, cache_dir=tmp_path, credentials=("me", "hunter2")) as run:
        with pytest.raises(IndexRefusedError) as caught:
            run.page("foo")
        assert "hunter2" not in f"{caught.value}{caught.value!r}{caught.value.hint}"


def test_failures_that_pass_are_not_seen(tmp_path: Path) -> None:
    server = IndexServer.json_plain(WHEEL)
    server.failures[FOO] = 1
    with server, opened(server.url, cache_dir=tmp_path, retries=2) as run:
        assert run.file("foo").filename == WHEEL.filename


@pytest.mark.parametrize("form", [IndexServer.json_plain, IndexServer.html_plain])
@pytest.mark.parametrize("state", [Pages.CUT_OFF, Pages.SHORT, Pages.GARBAGE])
def test_bad_body_is_an_error_and_never_a_shorter_page(
    form: Callable[..., IndexServer], state: Pages, tmp_path: Path
) -> None:
    server = form(WHEEL, SDIST)
    server.pages = state
    with server, opened(server.url, cache_dir=tmp_path) as run:
        with pytest.raises(IndexUnavailableError) as caught:
            run.page("foo")
        assert server.url in str(caught.value)


@pytest.mark.parametrize(
    ("content_type", "body", "is_read"),
    [
        pytest.param("application/json", b'{"files": []}', True, id="plain JSON"),
        pytest.param("application/octet-stream", b' {"files": []}', True, id="JSON under no name"),
        pytest.param("text/plain", b"<a href='foo-1.0.tar.gz'>x</a>", True, id="HTML under another name"),
        pytest.param("text/html", b'{"files": []}', False, id="JSON under the name of HTML"),
        pytest.param("application/json", b"<html></html>", False, id="HTML under the name of JSON"),
    ],
)
def test_content_type(content_type: str, body: bytes, is_read: bool, tmp_path: Path) -> None:
    server = IndexServer()
    server.extra_bodies[FOO] = (content_type, body)
    with server, opened(server.url, cache_dir=tmp_path) as run:
        if is_read:
            assert run.existing_page("foo").skipped == ()
        else:
            with pytest.raises(PageUnreadableError):
                run.page("foo")


def test_offline_any_age_will_do(tmp_path: Path) -> None:
    with IndexServer.json_plain(WHEEL) as server, opened(server.url, cache_dir=tmp_path) as run:
        first = run.page("foo")
    with opened(server.url, cache_dir=tmp_path, offline=True, refresh=True, later=timedelta(days=999)) as run:
        assert run.page("foo") == first
        with pytest.raises(NotCachedError, match="/simple/bar/ is not in the cache, and the run is offline") as caught:
            run.page("bar")
        assert caught.value.hint


def test_quarantined_is_told_from_missing(tmp_path: Path) -> None:
    server = IndexServer.json_plain(WHEEL)
    server.statuses["foo"] = Status(status="quarantined")
    with server, opened(server.url, cache_dir=tmp_path) as run:
        page = run.existing_page("foo")
        assert (page.status, page.files) == ("quarantined", ())


def test_bad_files_never_cost_the_project(tmp_path: Path) -> None:
    names = (
        "foo-1.0_1-py2-none-any.whl",
        "foo-2004d.tar.gz",
        "foo-1.0-_-py3-none-any.whl",
        "foo-0.1.egg",
        "foo-0.1.exe",
    )
    server = IndexServer(
        *(Shown(file=WHEEL.__class__(filename=name, body=b"", project="foo", version="0")) for name in names),
        Shown(file=make_wheel("foo", "1.1"), algorithms=("md5",)),
        Shown(file=make_wheel("foo", "1.2"), algorithms=()),
        make_wheel("foo", "1.3", requires_python=">=3.*"),
        sidecars=Sidecars.GOOD,
    )
    with server, opened(server.url, cache_dir=tmp_path) as run:
        page = run.existing_page("foo")
        assert [entry.entry for entry in page.skipped] == ["foo-0.1.egg", "foo-0.1.exe"]
        assert [file.filename for file in page.files][-3:] == [
            f"foo-{version}-py3-none-any.whl" for version in ("1.1", "1.2", "1.3")
        ]


def test_redirects_move_the_base_of_relative_links(tmp_path: Path) -> None:
    server = IndexServer()
    server.redirects[FOO] = "/elsewhere/foo.html"
    server.extra_bodies["/elsewhere/foo.html"] = ("text/html", f'<a href="{WHEEL.filename}">x</a>'.encode())
    with server, opened(server.url, cache_dir=tmp_path) as run:
        page = run.existing_page("foo")
        assert page.index == server.url
        assert page.files[0].url == f"{server.origin}/elsewhere/{WHEEL.filename}"


def test_index_address_may_lack_its_slash(tmp_path: Path) -> None:
    server = IndexServer.html_plain(WHEEL)
    with server, opened(server.url.rstrip("/"), cache_dir=tmp_path) as run:
        assert run.file("foo").url == server.file_url(WHEEL.filename)
        assert [served.path for served in server.requests] == [FOO]


def test_index_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "simple" / "foo"
    folder.mkdir(parents=True)
    (tmp_path / WHEEL.filename).write_bytes(WHEEL.body)
    page = f'<html><a href="../../{WHEEL.filename}">x</a></html>'
    (folder / "index.html").write_text(page, encoding="utf-8")
    with opened((tmp_path / "simple").as_uri() + "/", cache_dir=tmp_path / "cache", offline=True) as run:
        assert run.index.metadata(run.file("foo")).name == "foo"
        assert run.page("bar") is None
    assert not (tmp_path / "cache" / PAGES).exists()
