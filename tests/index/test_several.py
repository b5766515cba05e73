"""The first-index rule, pins to an index, and find-links places."""

from pathlib import Path
from threading import Event

import pytest

from tests.builders import BuiltFile, make_sdist, make_wheel
from tests.index.opening import opened
from tests.index_server import IndexServer, Shown, Status
from wheelpin.errors import IndexUnavailableError
from wheelpin.files import ProjectPage, ShadowedIndex
from wheelpin.index.access import IndexRefusedError, NotCachedError
from wheelpin.index.local import FindLinksError
from wheelpin.index.pages import PageStatusError
from wheelpin.ports import MetadataUnusableError

OURS, THEIRS = make_wheel("foo", "1.0"), make_wheel("foo", "99.0")


def folder_of(path: Path, *files: BuiltFile) -> str:
    path.mkdir(parents=True, exist_ok=True)
    for file in files:
        (path / file.filename).write_bytes(file.body)
    return str(path)


def test_first_index_answers_and_tells_what_it_shadows(tmp_path: Path) -> None:
    private = IndexServer.json_plain(OURS)
    public = IndexServer.json_plain(
        THEIRS,
        make_sdist("foo", "98.0"),
        make_wheel("foo", "100.0rc1"),
        Shown(file=make_wheel("foo", "101.0"), yanked=""),
    )
    with private, public, opened(private.url, public.url, cache_dir=tmp_path) as run:
        page = run.existing_page("foo")
        assert [file.filename for file in page.files] == [OURS.filename]
        assert page.index == private.url
        assert page.shadowed == (ShadowedIndex(public.url, "99.0"),)  # type: ignore[arg-type]


def test_later_index_answers_for_what_the_first_does_not_have(tmp_path: Path) -> None:
    private, public = IndexServer.json_plain(OURS), IndexServer.html_plain(make_wheel("bar"))
    with private, public, opened(private.url, public.url, cache_dir=tmp_path) as run:
        page = run.existing_page("bar")
        assert (page.index, page.shadowed) == (public.url, ())
        assert run.page("baz") is None


@pytest.mark.parametrize("status", ["active", "quarantined"])
def test_an_empty_page_is_an_answer(status: str, tmp_path: Path) -> None:
    private, public = IndexServer.json_plain(), IndexServer.json_plain(THEIRS)
    private.statuses["foo"] = Status(status=status)
    with private, public, opened(private.url, public.url, cache_dir=tmp_path) as run:
        page = run.existing_page("foo")
        assert (page.index, page.files, page.status) == (private.url, (), status)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        pytest.param(401, IndexRefusedError, id="401"),
        pytest.param(403, IndexRefusedError, id="403"),
        pytest.param(451, PageStatusError, id="another status"),
        pytest.param(503, IndexUnavailableError, id="out of order"),
    ],
)
def test_first_index_that_cannot_answer_is_never_passed_over(
    status: int, error: type[IndexUnavailableError], tmp_path: Path
) -> None:
    private, public = IndexServer.json_plain(OURS), IndexServer.json_plain(THEIRS)
    private.answers["/simple/foo/"] = status
    with private, public, opened(private.url, public.url, cache_dir=tmp_path) as run, pytest.raises(error):
        run.page("foo")


def test_first_index_that_is_gone_is_never_passed_over(tmp_path: Path) -> None:
    with IndexServer.json_plain(OURS) as private:
        pass
    public = IndexServer.json_plain(THEIRS)
    with public, opened(private.url, public.url, cache_dir=tmp_path) as run, pytest.raises(IndexUnavailableError):
        run.page("foo")


@pytest.mark.parametrize("status", [401, 403, 500])
def test_later_index_that_cannot_answer_does_not_matter(status: int, tmp_path: Path) -> None:
    private, public = IndexServer.json_plain(OURS), IndexServer.json_plain(THEIRS)
    public.answers["/simple/foo/"] = status
    with private, public, opened(private.url, public.url, cache_dir=tmp_path) as run:
        assert run.existing_page("foo").shadowed == ()
        assert run.notes.warnings == []
        assert public.url in run.notes.details[0]


def test_dead_index_is_waited_for_once(tmp_path: Path) -> None:
    with IndexServer.json_plain(THEIRS) as public:
        pass
    private = IndexServer.json_plain(OURS, make_wheel("bar"))
    with private, opened(private.url, public.url, cache_dir=tmp_path) as run:
        assert run.existing_page("foo").shadowed == ()
        assert run.existing_page("bar").shadowed == ()
        foo, bar = (text.partition(": ")[2] for text in run.notes.details)
        assert foo == bar, "the second project was not asked for at all"


def test_pinned_project_is_looked_for_on_its_index_only(tmp_path: Path) -> None:
    private, public = IndexServer.json_plain(OURS), IndexServer.json_plain(THEIRS)
    pinned = {"foo": public.url, "bar": public.url}
    private.add(make_wheel("bar"))
    with private, public, opened(private.url, public.url, cache_dir=tmp_path, pinned=pinned) as run:
        page = run.existing_page("foo")
        assert (page.index, page.shadowed) == (public.url, ())
        assert run.page("bar") is None
        assert private.requests == []


def test_project_may_be_pinned_to_an_index_that_nothing_else_uses(tmp_path: Path) -> None:
    main, other = IndexServer.json_plain(THEIRS), IndexServer.json_plain(OURS)
    with main, other, opened(main.url, cache_dir=tmp_path, pinned={"foo": other.url}) as run:
        assert run.file("foo").filename == OURS.filename
        assert run.page("bar") is None
        assert [served.path for served in other.requests] == ["/simple/foo/"]


def test_one_index_shadows_nothing(tmp_path: Path) -> None:
    with IndexServer.json_plain(OURS) as server, opened(server.url, server.url, cache_dir=tmp_path) as run:
        assert run.existing_page("foo").shadowed == ()
        assert len(server.requests) == 1


def test_offline_a_first_index_that_was_never_asked_ends_the_search(tmp_path: Path) -> None:
    private, public = IndexServer.json_plain(OURS), IndexServer.json_plain(make_wheel("bar"))
    with private, public:
        with opened(private.url, public.url, cache_dir=tmp_path) as run:
            run.page("bar")
        with opened(public.url, cache_dir=tmp_path) as run:
            run.page("foo")
    with opened(private.url, public.url, cache_dir=tmp_path, offline=True) as run:
        assert run.existing_page("bar").index == public.url
        with pytest.raises(NotCachedError):
            run.page("foo")


def test_folder_alone_is_an_index(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "wheels", OURS, make_sdist("foo"), make_wheel("Foo.Bar"), make_wheel("foobar"))
    (tmp_path / "wheels" / "notes.txt").write_text("", encoding="utf-8")
    (tmp_path / "wheels" / "foo-7.0-py3-none-any.whl").mkdir()
    with opened(cache_dir=tmp_path / "cache", find_links=[folder], offline=True) as run:
        page = run.existing_page("foo")
        assert (page.index, [file.filename for file in page.files]) == (folder, [OURS.filename, "foo-1.0.tar.gz"])
        file = page.files[0]
        assert (file.url, file.size_bytes, file.sha256) == (
            (tmp_path / "wheels" / OURS.filename).as_uri(),
            len(OURS.body),
            None,
        )
        assert run.index.hashed(file).sha256 == OURS.sha256
        assert run.index.hashed(file) is run.index.hashed(file)
        assert run.index.metadata(file).name == "foo"
        assert run.file("foo-bar").filename == "foo_bar-1.0-py3-none-any.whl"
        assert run.page("notes-txt") is None
    assert not (tmp_path / "cache").exists()


def test_files_of_the_user_join_the_answering_index(tmp_path: Path) -> None:
    built = make_wheel("foo", "1.0", requires=["ours"])
    folder = folder_of(tmp_path / "wheels", built, make_wheel("foo", "3.0"), make_wheel("only-here"))
    server = IndexServer.json_plain(make_wheel("foo", "1.0"), make_wheel("foo", "2.0"))
    with server, opened(server.url, cache_dir=tmp_path / "cache", find_links=[folder]) as run:
        page = run.existing_page("foo")
        assert page.index == server.url
        files = {file.filename.split("-")[1]: file for file in page.files}
        assert {version: file.url[:5] for version, file in files.items()} == {
            "1.0": "file:",
            "3.0": "file:",
            "2.0": "http:",
        }
        assert run.index.metadata(files["1.0"]).requires_dist == ("ours",)
        assert run.existing_page("only-here").index == folder


def test_files_of_the_user_do_not_hide_that_the_index_is_gone(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "wheels", OURS)
    server = IndexServer.json_plain()
    server.answers["/simple/foo/"] = 503
    with (
        server,
        opened(server.url, cache_dir=tmp_path / "cache", find_links=[folder]) as run,
        pytest.raises(IndexUnavailableError),
    ):
        run.page("foo")


def test_folder_by_its_address(tmp_path: Path) -> None:
    folder_of(tmp_path / "our wheels", OURS)
    with opened(cache_dir=tmp_path / "cache", find_links=[(tmp_path / "our wheels").as_uri()]) as run:
        assert run.index.metadata(run.file("foo")).name == "foo"


def test_page_of_links_in_a_file(tmp_path: Path) -> None:
    folder_of(tmp_path / "wheels", OURS)
    page = tmp_path / "links.html"
    page.write_text(f'<a href="wheels/{OURS.filename}#sha256={OURS.sha256}">x</a>', encoding="utf-8")
    with opened(cache_dir=tmp_path / "cache", find_links=[str(page)]) as run:
        file = run.file("foo")
        assert file.sha256 == OURS.sha256
        assert run.index.hashed(file) is file
        assert run.index.metadata(file).name == "foo"


def test_page_of_links_on_a_server(tmp_path: Path) -> None:
    server = IndexServer(OURS, make_sdist("foo"), make_wheel("bar"))
    with server, opened(cache_dir=tmp_path, find_links=[server.links_url]) as run:
        assert [file.filename for file in run.existing_page("foo").files] == [OURS.filename, "foo-1.0.tar.gz"]
        assert run.index.metadata(run.file("bar")).name == "bar"
        assert run.page("baz") is None
        assert len(server.asked("/links/")) == 1


def test_missing_page_of_links_is_an_error(tmp_path: Path) -> None:
    with (
        IndexServer() as server,
        opened(cache_dir=tmp_path, find_links=[f"{server.origin}/nothing/"]) as run,
        pytest.raises(PageStatusError, match="/nothing/ answers with status 404"),
    ):
        run.page("foo")


def test_missing_folder_is_an_error(tmp_path: Path) -> None:
    with (
        opened(cache_dir=tmp_path, find_links=[str(tmp_path / "nothing")]) as run,
        pytest.raises(FindLinksError, match="nothing: "),
    ):
        run.page("foo")


def test_file_that_vanished_falls(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "wheels", OURS)
    with opened(cache_dir=tmp_path / "cache", find_links=[folder]) as run:
        file = run.file("foo")
        (tmp_path / "wheels" / OURS.filename).unlink()
        with pytest.raises(MetadataUnusableError, match="it cannot be read: "):
            run.index.metadata(file)
        with pytest.raises(FindLinksError):
            run.index.hashed(file)


def test_local_sdist_has_no_metadata_here(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "wheels", make_sdist("foo"))
    with opened(cache_dir=tmp_path / "cache", find_links=[folder]) as run:
        file = run.file("foo")
        with pytest.raises(MetadataUnusableError, match="it is no wheel"):
            run.index.metadata(file)


def test_pages_are_handed_on_when_they_are_there_and_errors_wait(tmp_path: Path) -> None:
    server = IndexServer.json_plain(OURS)
    server.answers["/simple/bar/"] = 403
    with server, opened(server.url, cache_dir=tmp_path) as run:
        got: list[ProjectPage] = []
        arrived = Event()

        def then(page: ProjectPage) -> None:
            got.append(page)
            arrived.set()

        for project in ("bar", "missing", "foo"):
            run.index.when_page(project, then)  # type: ignore[arg-type]
        assert arrived.wait(60)
        assert got == [run.page("foo")]
        assert run.page("missing") is None
        with pytest.raises(IndexRefusedError):
            run.page("bar")
        assert len(server.requests) == 3


def test_warm_graph_of_any_depth_is_followed_without_a_deep_stack(tmp_path: Path) -> None:
    depth = 2000
    folder = folder_of(tmp_path / "wheels", *(make_wheel(f"p{number}") for number in range(depth)))
    with opened(cache_dir=tmp_path / "cache", find_links=[folder]) as run:
        seen: list[str] = []

        def then(page: ProjectPage) -> None:
            seen.append(page.project)
            run.index.when_page(f"p{len(seen)}", then)  # type: ignore[arg-type]

        run.index.when_page("p0", then)  # type: ignore[arg-type]
        assert seen == [f"p{number}" for number in range(depth)]
