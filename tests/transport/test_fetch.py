"""Fetching: answers, what is tried again, and what is refused."""

import gzip
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.reporters import RecordingReporter
from tests.transport.conftest import NOW, FakeClock, Open
from tests.transport.servers import Reply, WebServer, redirect
from wheelpin.errors import IndexUnavailableError
from wheelpin.ports import Request, Response
from wheelpin.settings import Settings
from wheelpin.transport import HttpTransport
from wheelpin.transport.failures import (
    FetchError,
    OfflineError,
    RedirectError,
    ServerStatusError,
    TimedOutError,
    TooLargeError,
    UnreadableAnswerError,
)
from wheelpin.version import __version__

ROOT = Path(__file__).parents[2]
PAGE = Reply(body=b"a page", headers={"Content-Type": "text/html", "X-Thing": "one"})


def fetch(transport: HttpTransport, url: str, **fields: object) -> Response:
    return transport.fetch(Request(url=url, **fields)).result()  # type: ignore[arg-type]


def test_answer_has_status_address_headers_and_body(transport: HttpTransport, server: WebServer) -> None:
    url = server.serve("/simple/flask/", PAGE)
    response = fetch(transport, url, headers={"Accept": "text/html"})
    assert (response.status, response.url, response.body) == (200, url, b"a page")
    assert response.headers["content-type"] == "text/html"
    assert response.headers["x-thing"] == "one"
    (seen,) = server.seen
    assert seen.headers["accept"] == "text/html"
    assert seen.headers["host"] == server.netloc


def test_request_says_nothing_about_the_host(transport: HttpTransport, server: WebServer) -> None:
    fetch(transport, server.serve("/", PAGE))
    assert server.seen[0].headers == {
        "host": server.netloc,
        "user-agent": f"wheelpin/{__version__}",
        "accept-encoding": "gzip",
    }


@pytest.mark.parametrize("status", [304, 400, 403, 404, 410, 416, 501])
def test_status_that_is_an_answer_is_not_tried_again(
    transport: HttpTransport, server: WebServer, clock: FakeClock, status: int
) -> None:
    assert fetch(transport, server.serve("/", Reply(status=status))).status == status
    assert clock.pauses == []
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "setback",
    [
        pytest.param(Reply(status=429), id="too many requests"),
        pytest.param(Reply(status=500), id="internal error"),
        pytest.param(Reply(status=502), id="bad gateway"),
        pytest.param(Reply(status=503), id="unavailable"),
        pytest.param(Reply(status=504), id="gateway timeout"),
        pytest.param(Reply(body=b"half", announced_bytes=8), id="a body shorter than announced"),
        pytest.param(
            Reply(headers={"Transfer-Encoding": "chunked"}, body=b"4\r\nhalf\r\n"), id="chunks without an end"
        ),
        pytest.param(
            Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"whole" * 99)[:-9]), id="half a gzip body"
        ),
        pytest.param(Reply(is_raw=True), id="a connection closed without a word"),
        pytest.param(Reply(is_raw=True, body=b"SSH-2.0-x\r\n"), id="an answer in another protocol"),
    ],
)
def test_setback_is_tried_again(transport: HttpTransport, server: WebServer, clock: FakeClock, setback: Reply) -> None:
    assert fetch(transport, server.serve("/", setback, setback, PAGE)).body == b"a page"
    assert len(server.seen) == 3
    first, second = clock.pauses
    assert 0 < first < 1
    assert first < second


@pytest.mark.parametrize(
    ("header", "pause_s"),
    [
        pytest.param("7", 7, id="seconds"),
        pytest.param("86400", 60, id="too many seconds"),
        pytest.param(format_datetime(NOW + timedelta(seconds=9), usegmt=True), 9, id="a date"),
    ],
)
def test_server_says_how_long_to_wait(
    transport: HttpTransport, server: WebServer, clock: FakeClock, header: str, pause_s: float
) -> None:
    busy = Reply(status=429, headers={"Retry-After": header})
    assert fetch(transport, server.serve("/", busy, PAGE)).status == 200
    assert clock.pauses == [pause_s]


@pytest.mark.parametrize("header", ["", "soon", "-3", format_datetime(NOW - timedelta(days=1), usegmt=True)])
def test_senseless_wait_is_ignored(transport: HttpTransport, server: WebServer, clock: FakeClock, header: str) -> None:
    busy = Reply(status=503, headers={"Retry-After": header})
    assert fetch(transport, server.serve("/", busy, PAGE)).status == 200
    assert len(clock.pauses) == 1
    assert clock.pauses[0] < 1


def test_server_that_stays_busy_is_an_error(open_transport: Open, server: WebServer, clock: FakeClock) -> None:
    url = server.serve("/simple/?token=s3cret", Reply(status=503))
    with pytest.raises(ServerStatusError) as caught:
        fetch(open_transport(retries=2), url)
    assert str(caught.value) == f"{server.url}/simple/: the server answered 503 (Service Unavailable) (3 tries)"
    assert caught.value.status == 503
    assert caught.value.exit_code == 5
    assert len(clock.pauses) == 2


def test_other_server_errors_are_not_tried_again(transport: HttpTransport, server: WebServer) -> None:
    with pytest.raises(ServerStatusError, match=r"the server answered 599$"):
        fetch(transport, server.serve("/", Reply(status=599)))
    assert len(server.seen) == 1


def test_silent_server_times_out(open_transport: Open, server: WebServer) -> None:
    with pytest.raises(TimedOutError, match=r"said nothing for 0\.1 s \(2 tries\)$"):
        fetch(open_transport(timeout_s=0.1, retries=1), server.serve("/", Reply(is_silent=True)))


def test_server_that_falls_silent_within_the_body_times_out(open_transport: Open, server: WebServer) -> None:
    half = Reply(body=b"half", announced_bytes=8, is_silent=True)
    with pytest.raises(TimedOutError, match=r"said nothing for 0\.1 s \(2 tries\)$"):
        fetch(open_transport(timeout_s=0.1, retries=1), server.serve("/", half))


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("http://localhost:1/", "connection refused (2 tries)", id="nobody listens"),
        pytest.param("http://index.invalid/", "the host name cannot be resolved (2 tries)", id="no such host"),
        pytest.param("ftp://index.example/", "is not an address that can be fetched", id="another scheme"),
        pytest.param("http:///simple/", "is not an address that can be fetched", id="no host"),
        pytest.param("http://index.example:x/", "is not a valid address", id="no port"),
        pytest.param("http://[::1/", "is not a valid address", id="half an IPv6 address"),
        pytest.param("http://300.1.1.1/", "is not a valid address", id="numbers that are no IPv4 address"),
    ],
)
def test_address_without_an_answer_is_an_error_in_words(open_transport: Open, url: str, problem: str) -> None:
    with pytest.raises(IndexUnavailableError) as caught:
        fetch(open_transport(retries=1), url)
    assert str(caught.value) == f"{url}: {problem}"


def test_error_shows_no_secret(open_transport: Open) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(open_transport(retries=0), "http://us3r:s3cret@localhost:1/simple/?sig=s1gned")
    assert str(caught.value) == "http://localhost:1/simple/: connection refused"
    assert "s3cret" not in repr(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_followed(transport: HttpTransport, server: WebServer, status: int) -> None:
    url = server.serve("/old", redirect("new/?page=1#top", status))
    target = server.serve("/new/?page=1", PAGE)
    response = fetch(transport, url)
    assert (response.body, response.url) == (b"a page", target)
    assert server.connections == 1


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(status=302, headers={"Location": "/new"}, body=bytes(1_000_000)), id="a long body"),
        pytest.param(Reply(status=302, headers={"Location": "/new"}, body=b"x", announced_bytes=2), id="a broken body"),
    ],
)
def test_body_of_a_redirect_does_no_harm(transport: HttpTransport, server: WebServer, reply: Reply) -> None:
    server.serve("/new", PAGE)
    assert fetch(transport, server.serve("/old", reply)).body == b"a page"


@pytest.mark.parametrize(
    ("replies", "problem"),
    [
        pytest.param({"/": redirect("/a"), "/a": redirect("/")}, "redirects in a circle", id="a circle"),
        pytest.param({"/": redirect("/")}, "redirects in a circle", id="to itself"),
        pytest.param(
            {"/": redirect("/0")} | {f"/{n}": redirect(f"/{n + 1}") for n in range(30)},
            "redirects more than 10 times",
            id="too often",
        ),
        pytest.param({"/": redirect("file:///etc/passwd")}, "not an address", id="to a file"),
        pytest.param({"/": Reply(status=302)}, "not an address", id="without a target"),
        pytest.param({"/": redirect("http://[::1/")}, "not an address", id="to half an address"),
    ],
)
def test_redirect_that_leads_nowhere_is_an_error(
    transport: HttpTransport, server: WebServer, replies: dict[str, Reply], problem: str
) -> None:
    for path, reply in replies.items():
        server.serve(path, reply)
    with pytest.raises(RedirectError, match=problem):
        fetch(transport, server.url + "/")
    assert len(server.seen) <= 11


@pytest.mark.parametrize(
    ("zipped", "body"),
    [
        pytest.param(gzip.compress(b"a page"), b"a page", id="a page"),
        pytest.param(gzip.compress(b"a ") + gzip.compress(b"page"), b"a page", id="in two members"),
        pytest.param(gzip.compress(b""), b"", id="an empty page"),
        pytest.param(b"", b"", id="no body at all"),
    ],
)
def test_body_is_unzipped(transport: HttpTransport, server: WebServer, zipped: bytes, body: bytes) -> None:
    reply = Reply(headers={"Content-Encoding": "gzip"}, body=zipped)
    assert fetch(transport, server.serve("/", reply)).body == body
    assert len(server.seen) == 1


def test_part_of_a_file_is_asked_for_as_it_is(transport: HttpTransport, server: WebServer) -> None:
    fetch(transport, server.serve("/", PAGE), headers={"Range": "bytes=0-9"})
    assert server.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("reply", "fits"),
    [
        pytest.param(Reply(body=bytes(1000)), True, id="just fits"),
        pytest.param(Reply(body=bytes(1001)), False, id="one byte too long"),
        pytest.param(
            Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(bytes(1000))), True, id="fits unzipped"
        ),
        pytest.param(
            Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(bytes(1001))),
            False,
            id="one byte too long unzipped",
        ),
        pytest.param(
            Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(bytes(50_000_000))[:900]), False, id="a bomb"
        ),
    ],
)
def test_body_has_a_limit(transport: HttpTransport, server: WebServer, reply: Reply, fits: bool) -> None:
    request = Request(url=server.serve("/", reply), max_bytes=1000)
    if fits:
        assert len(transport.fetch(request).result().body) == 1000
    else:
        with pytest.raises(TooLargeError, match=r"more than 1,000 bytes$"):
            transport.fetch(request).result()
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("encoding", "problem"),
    [
        pytest.param("br", "'br', which was not asked for", id="an encoding nobody asked for"),
        pytest.param("gzip", "not the gzip data", id="not what it is said to be"),
    ],
)
def test_unreadable_body_is_an_error(transport: HttpTransport, server: WebServer, encoding: str, problem: str) -> None:
    with pytest.raises(UnreadableAnswerError, match=problem):
        fetch(transport, server.serve("/", Reply(headers={"Content-Encoding": encoding}, body=b"plain")))


def test_address_may_hold_what_has_to_be_quoted(transport: HttpTransport, server: WebServer) -> None:
    server.serve("/my%20f%C3%B6lder/a%2Bb+c%20d?x=%20%22", PAGE)
    assert fetch(transport, server.url + '/my földer/a%2Bb+c%20d?x=%20"#frag').status == 200


def test_many_requests_share_few_connections(transport: HttpTransport, server: WebServer) -> None:
    urls = [server.serve(f"/{number}", Reply(body=str(number).encode())) for number in range(300)]
    for _ in range(2):
        futures = [transport.fetch(Request(url=url)) for url in urls]
        assert [future.result().body for future in futures] == [str(number).encode() for number in range(300)]
    assert len(server.seen) == 600
    assert server.connections <= 32


def test_offline_nothing_is_asked(open_transport: Open, server: WebServer) -> None:
    with pytest.raises(OfflineError) as caught:
        fetch(open_transport(is_offline=True), server.serve("/", PAGE))
    assert caught.value.hint is not None
    assert caught.value.exit_code == 5
    assert server.seen == []


def test_closing_cancels_what_has_not_begun(open_transport: Open, server: WebServer) -> None:
    transport = open_transport()
    url = server.serve("/", Reply(is_silent=True))
    futures = [transport.fetch(Request(url=url)) for _ in range(40)]
    transport.close()
    assert sum(future.cancelled() for future in futures) >= 8
    assert transport.fetch(Request(url=url)).cancelled()


def test_closing_ends_the_wait_for_another_try(settings: Settings, server: WebServer) -> None:
    busy = Reply(status=503, headers={"Retry-After": "60"})
    with HttpTransport(settings, RecordingReporter()) as transport:
        future = transport.fetch(Request(url=server.serve("/", busy)))
        while not server.seen:
            time.sleep(0.01)
    with pytest.raises(ServerStatusError):
        future.result(timeout=60)


PROGRAM = textwrap.dedent("""
    import sys
    from pathlib import Path
    from tests.reporters import RecordingReporter
    from wheelpin.values import IndexUrl
    from wheelpin.ports import Request
    from wheelpin.settings import IndexLocation, Settings
    from wheelpin.transport import HttpTransport

    url = sys.argv[1]
    settings = Settings(index_url=IndexLocation(url=IndexUrl(url)), cache_dir=Path("unused"), timeout_s=3600)
""")


def test_interrupted_program_ends_while_a_server_is_silent(server: WebServer) -> None:
    program = PROGRAM + textwrap.dedent("""
        with HttpTransport(settings, RecordingReporter()) as transport:
            transport.fetch(Request(url=url))
            raise KeyboardInterrupt
    """)
    url = server.serve("/", Reply(is_silent=True))
    done = subprocess.run(
        [sys.executable, "-c", program, url], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr.splitlines()[-1] == "KeyboardInterrupt"


def test_transport_costs_nothing_until_it_is_used() -> None:
    program = PROGRAM + textwrap.dedent("""
        with HttpTransport(settings, RecordingReporter()):
            assert not {"httpx", "hpack", "ssl", "keyring", "truststore", "urllib.request"} & set(sys.modules)
    """)
    url = "https://index.example/simple/"
    done = subprocess.run([sys.executable, "-c", program, url], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
