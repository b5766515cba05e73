"""What indexes do wrongly: survived where another way leads on, else one message that names the address."""

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.builders import BuiltFile, make_sdist, make_wheel
from tests.cli.running import LINUX, LOCK, Wheelpin, pins_of
from tests.index_server import IndexServer, Pages, Ranges, Shown, Sidecars, Status

WORLD = (make_wheel("alpha", "1.0", requires=["beta"]), make_wheel("beta", "1.0"))


@pytest.fixture
def index() -> Iterator[IndexServer]:
    with IndexServer.json_with_sidecars(*WORLD) as running:
        yield running


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Reserve a port at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def break_pages(state: Pages) -> Callable[[IndexServer], None]:
    return lambda index: setattr(index, "pages", state)


def answer(status: int) -> Callable[[IndexServer], None]:
    return lambda index: index.answers.update({"/simple/beta/": status})


def send(location: str) -> Callable[[IndexServer], None]:
    return lambda index: index.redirects.update({"/simple/beta/": location})


def serve(content_type: str, body: bytes) -> Callable[[IndexServer], None]:
    return lambda index: index.extra_bodies.update({"/simple/beta/": (content_type, body)})


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(answer(500), "{url}beta/: the server answered 500", id="an error of its own"),
        pytest.param(answer(503), "{url}beta/: the server answered 503", id="overload that does not end"),
        pytest.param(answer(401), "{url}beta/ refuses with status 401", id="a password wanted"),
        pytest.param(answer(403), "{url}beta/ refuses with status 403", id="a refusal"),
        pytest.param(answer(418), "{url}beta/ answers with status 418", id="a status that says nothing"),
        pytest.param(send("/simple/beta/"), "{url}beta/: ", id="a redirect to itself"),
        pytest.param(send("gopher://h/"), "{url}beta/: ", id="a redirect to nowhere"),
        pytest.param(break_pages(Pages.GARBAGE), "{url}alpha/", id="garbage"),
        pytest.param(break_pages(Pages.CUT_OFF), "{url}alpha/", id="JSON that ends in the middle"),
        pytest.param(break_pages(Pages.SHORT), "{url}alpha/: ", id="fewer bytes than announced"),
        pytest.param(serve("application/json", b"[]"), "{url}beta/", id="JSON of another shape"),
        pytest.param(
            serve("application/vnd.pypi.simple.v2+json", b'{"meta":{"api-version":"2.0"},"name":"beta","files":[]}'),
            "{url}beta/",
            id="an index of the future",
        ),
    ],
)
def test_page_that_cannot_be_had_ends_the_run(
    wheelpin: Wheelpin, index: IndexServer, spoil: Callable[[IndexServer], None], message: str
) -> None:
    spoil(index)
    said = wheelpin("lock", "alpha", "-t", LINUX, "-i", index.url)
    assert (said.code, said.out) == (5, ""), said.err
    (error,) = said.errors
    assert error.startswith("error: " + message.format(url=index.url))
    assert not LOCK.exists()


def test_index_that_nobody_serves(wheelpin: Wheelpin, closed_port: int) -> None:
    said = wheelpin("lock", "alpha", "-t", LINUX, "-i", f"http://ada:s3cret@127.0.0.1:{closed_port}/simple")
    assert said.code == 5
    assert said.errors == [f"error: http://127.0.0.1:{closed_port}/simple/alpha/: connection refused"]
    assert said.hints == ["check the address and the network; --offline makes do with the cache"]


def test_second_index_is_not_a_stand_in_for_a_silent_first(
    wheelpin: Wheelpin, index: IndexServer, closed_port: int
) -> None:
    words = ("-i", f"http://127.0.0.1:{closed_port}/simple", "--extra-index-url", index.url)
    said = wheelpin("lock", "alpha", "-t", LINUX, *words)
    assert said.code == 5
    assert said.errors == [f"error: http://127.0.0.1:{closed_port}/simple/alpha/: connection refused"]


def test_setback_that_passes_is_not_noticed(
    wheelpin: Wheelpin, index: IndexServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHEELPIN_RETRIES", "3")
    index.failures = {"/simple/alpha/": 2, "/files/beta-1.0-py3-none-any.whl.metadata": 1}
    said = wheelpin.lock("alpha", "-i", index.url)
    assert said.warnings == []
    assert len(index.asked("/simple/alpha/")) == 3


@pytest.mark.parametrize("sidecars", list(Sidecars), ids=lambda each: f"sidecars {each.value}")
def test_any_sidecar_gives_the_same_pins(wheelpin: Wheelpin, index: IndexServer, sidecars: Sidecars) -> None:
    index.sidecars = sidecars
    assert wheelpin.pins("alpha", "-i", index.url) == ["alpha==1.0", "beta==1.0"]


def test_sidecar_that_is_not_what_its_hash_says_is_told(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.sidecars = Sidecars.WRONG_HASH
    said = wheelpin.lock("alpha", "-i", index.url)
    assert any("alpha-1.0-py3-none-any.whl.metadata" in warning for warning in said.warnings)


@pytest.mark.parametrize("ranges", list(Ranges), ids=lambda each: f"ranges answered with {each.value}")
def test_any_habit_with_ranges_gives_the_same_pins(wheelpin: Wheelpin, index: IndexServer, ranges: Ranges) -> None:
    index.sidecars, index.ranges = Sidecars.NONE, ranges
    big = {"data.bin": bytes(range(256)) * 2000}
    index.add(make_wheel("alpha", "1.1", requires=["beta"], files=big, compression=0))
    assert wheelpin.pins("alpha", "-i", index.url) == ["alpha==1.1", "beta==1.0"]


def renamed(file: BuiltFile, filename: str) -> Shown:
    """Show *file* under a name that is not its own."""
    return Shown(file=file, listed_changes={"filename": filename, "url": f"../../files/{filename}"})


BAD_FILES = (
    renamed(make_wheel("alpha", "2.1"), "alpha-2.x.y-py3-none-any.whl"),
    renamed(make_wheel("alpha", "2.2"), "alpha-2.2-beta-py3-none-any.whl"),
    renamed(make_wheel("alpha", "2.3"), "alpha-2.3-py3-none.whl"),
    renamed(make_wheel("alpha", "2.4"), "other-2.4-py3-none-any.whl"),
    renamed(make_sdist("alpha", "2.5"), "alpha-2.5-py3.12.egg"),
    renamed(make_sdist("alpha", "2.6"), "alpha-2.6.win32-py3.12.exe"),
    renamed(make_sdist("alpha", "2.7"), "alpha-2004d.tar.gz"),
    Shown(file=make_wheel("alpha", "2.8"), listed_changes={"requires_python": ">=3.*.x"}),
    Shown(file=make_wheel("alpha", "2.9"), listed_changes={"url": "../../../%00"}),
    make_wheel("alpha", "3.0", requires=["beta ==="]),
    make_wheel("alpha", "3.1", metadata=b"this is no metadata"),
    make_wheel("alpha", "3.2", metadata=make_wheel("somebody-else", "3.2").metadata),
    make_wheel("alpha", "3.3", requires_python=">=3.13"),
)


@pytest.mark.parametrize("form", [IndexServer.json_with_sidecars, IndexServer.json_plain, IndexServer.html_plain])
def test_bad_files_of_a_project_never_end_a_run(wheelpin: Wheelpin, form: Callable[..., IndexServer]) -> None:
    with form(*WORLD, *BAD_FILES) as index:
        said = wheelpin.lock("alpha", "-i", index.url, "-v", "-o", "-", "--format", "hashes")
    assert pins_of(said.out) == ["alpha==1.0", "beta==1.0"]
    for skipped in ("alpha-2.x.y-", "alpha-2.2-beta-", "alpha-2.3-", "other-2.4-", "alpha-2.8-"):
        assert re.search(rf"^alpha: {re.escape(skipped)}.* is skipped: .+$", said.err, re.MULTILINE), skipped


@pytest.mark.parametrize("algorithms", [("md5",), (), ("md5", "sha1")], ids=["md5 only", "no hash", "two weak ones"])
@pytest.mark.parametrize("form", [IndexServer.json_plain, IndexServer.html_plain], ids=["JSON", "HTML"])
def test_hash_that_an_index_does_not_give_is_computed_and_noted(
    wheelpin: Wheelpin, form: Callable[..., IndexServer], algorithms: tuple[str, ...]
) -> None:
    wheel = make_wheel("alpha", "1.0")
    with form(Shown(file=wheel, algorithms=algorithms)) as index:
        text = wheelpin.text("alpha", "-i", index.url)
    assert f"#sha256={wheel.sha256}\n" in text
    assert "    # note: the index gave no sha256; it was computed from a download\n" in text


def test_download_that_is_not_what_its_weak_hash_says_is_refused(wheelpin: Wheelpin) -> None:
    wheel = make_wheel("alpha", "1.0")
    with IndexServer(Shown(file=wheel, listed_changes={"hashes": {"md5": "0" * 32}})) as index:
        said = wheelpin("lock", "alpha", "-t", LINUX, "-i", index.url)
    assert said.code == 4
    (error,) = said.errors
    assert wheel.filename in error
    assert not LOCK.exists()


@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        pytest.param(None, "no index has a project named alpha", "check the spelling", id="missing"),
        pytest.param(
            Status(status="quarantined", reason="malware"),
            "alpha is quarantined: {url} offers none of its files",
            None,
            id="quarantined",
        ),
        pytest.param(Status(status="archived"), "alpha has no files on {url}", None, id="empty"),
    ],
)
def test_project_without_files_is_told_from_one_that_is_locked_away(
    wheelpin: Wheelpin, status: Status | None, message: str, hint: str | None
) -> None:
    with IndexServer() as index:
        if status is not None:
            index.statuses["alpha"] = status
        said = wheelpin("lock", "alpha", "-t", LINUX, "-i", index.url)
    assert said.code == 3
    assert said.errors == [f"error: {message.format(url=index.url)}"]
    assert [each for each in said.hints if hint is None or not each.startswith(hint)] == []
    assert ("malware" in said.err) is (status is not None and status.reason == "malware")


def test_requirements_file_on_a_server_that_has_none(wheelpin: Wheelpin, index: IndexServer) -> None:
    said = wheelpin("lock", "-r", f"{index.origin}/requirements.txt", "-t", LINUX, "-i", index.url)
    assert said.code == 2
    address = f"{index.origin}/requirements.txt"
    assert said.errors == [f"error: command line: cannot read {address}: the server answers 404"]


def test_requirements_file_on_a_server_is_read(wheelpin: Wheelpin, index: IndexServer) -> None:
    index.extra_bodies["/requirements.txt"] = ("text/plain", b"alpha\n-r more.txt\n")
    index.extra_bodies["/more.txt"] = ("text/plain", b"beta<2\n")
    words = ("-r", f"{index.origin}/requirements.txt", "-i", index.url)
    assert wheelpin.pins(*words) == ["alpha==1.0", "beta==1.0"]
    assert not Path("lockfiles").exists()
