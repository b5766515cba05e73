"""HTTP/2: one connection for many requests, and the long way for all that goes wrong on it."""

import gzip
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.transport.conftest import FakeClock, Open
from tests.transport.http2_server import Http2Server, Move, http2_server
from tests.transport.servers import Reply, WebServer, proxy_server, redirect, web_server
from wheelpin.ports import Request, Response
from wheelpin.settings import Credentials, IndexLocation, Proxy
from wheelpin.transport import HttpTransport, http2
from wheelpin.transport.failures import FetchError, ServerStatusError, TimedOutError, TooLargeError, UnreachableError
from wheelpin.transport.http2 import Http2
from wheelpin.values import IndexUrl
from wheelpin.version import __version__

ROOT = Path(__file__).parents[2]
PAGE = Reply(body=b"a page", headers={"Content-Type": "text/html"})


@pytest.fixture
def server(server_context: ssl.SSLContext) -> Iterator[Http2Server]:
    with http2_server(server_context) as running:
        yield running


@pytest.fixture
def transport(open_transport: Open, authority_file: Path) -> HttpTransport:
    return open_transport(cert=authority_file)


def fetch(transport: HttpTransport, url: str, **fields: object) -> Response:
    return transport.fetch(Request(url=url, **fields)).result(timeout=60)  # type: ignore[arg-type]


def fetch_all(transport: HttpTransport, urls: list[str]) -> list[bytes]:
    futures = [transport.fetch(Request(url=url)) for url in urls]
    return [future.result(timeout=60).body for future in futures]


def serve_numbers(server: WebServer, count: int) -> tuple[list[str], list[bytes]]:
    bodies = [str(number).encode() for number in range(count)]
    return [server.serve(f"/{number}", Reply(body=body)) for number, body in enumerate(bodies)], bodies


def test_answer_has_status_address_headers_and_body(transport: HttpTransport, server: Http2Server) -> None:
    url = server.serve("/simple/flask/?page=1", PAGE)
    response = fetch(transport, url + "#top", headers={"Accept": "text/html"})
    assert (response.status, response.url, response.body) == (200, url + "#top", b"a page")
    assert response.headers == {"content-type": "text/html", "content-length": "6"}
    assert server.asked(over_http2=True) == ["/simple/flask/?page=1"]


def test_request_says_nothing_about_the_host(transport: HttpTransport, server: Http2Server) -> None:
    fetch(transport, server.serve("/", PAGE))
    assert server.seen[0].headers == {
        ":method": "GET",
        ":scheme": "https",
        ":authority": server.netloc,
        ":path": "/",
        "host": server.netloc,
        "user-agent": f"wheelpin/{__version__}",
        "accept-encoding": "gzip",
    }


def test_many_requests_share_one_connection(transport: HttpTransport, server: Http2Server) -> None:
    urls, bodies = serve_numbers(server, 300)
    for _ in range(2):
        assert fetch_all(transport, urls) == bodies
    assert server.connections == 1
    assert len(server.asked(over_http2=True)) == 600


def test_every_server_has_its_own_connection(
    transport: HttpTransport, server: Http2Server, server_context: ssl.SSLContext
) -> None:
    with http2_server(server_context) as other:
        urls = [url for one in (server, other) for url in serve_numbers(one, 20)[0]]
        fetch_all(transport, urls * 2)
        assert (server.connections, other.connections) == (1, 1)
        transport.close()


def test_requests_of_many_threads_share_one_connection(transport: HttpTransport, server: Http2Server) -> None:
    urls, bodies = serve_numbers(server, 200)
    start = threading.Barrier(20)
    futures: list[Future[Response]] = []

    def ask(mine: list[str]) -> None:
        start.wait()
        futures.extend(transport.fetch(Request(url=url)) for url in mine)

    threads = [threading.Thread(target=ask, args=(urls[number::20],)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {future.result(timeout=60).body for future in futures} == set(bodies)
    assert len(futures) == 200
    assert server.connections == 1


@pytest.mark.parametrize("most_streams", [1, 3])
def test_server_says_how_many_requests_may_be_open(
    transport: HttpTransport, server: Http2Server, most_streams: int
) -> None:
    server.most_streams = most_streams
    urls, bodies = serve_numbers(server, 50)
    assert fetch(transport, urls[0]).body == bodies[0]
    assert fetch_all(transport, urls) == bodies
    assert server.connections == 1


def test_requests_that_came_before_the_limit_was_known_are_refused_and_asked_again(
    transport: HttpTransport, server: Http2Server
) -> None:
    server.most_streams = 2
    urls, bodies = serve_numbers(server, 20)
    assert fetch_all(transport, urls) == bodies
    assert server.http2_connections == 1
    assert len(server.seen) == 20


@pytest.mark.parametrize("window_bytes", [70_000, 4 * 1024 * 1024], ids=["narrow windows", "the usual windows"])
def test_bodies_larger_than_the_windows_come_whole(
    transport: HttpTransport, server: Http2Server, monkeypatch: pytest.MonkeyPatch, window_bytes: int
) -> None:
    monkeypatch.setattr(http2, "_STREAM_WINDOW_BYTES", window_bytes)
    monkeypatch.setattr(http2, "_CONNECTION_WINDOW_BYTES", window_bytes)
    bodies = [bytes([number]) * 5_000_000 for number in range(4)]
    urls = [server.serve(f"/{number}", Reply(body=body)) for number, body in enumerate(bodies)]
    assert fetch_all(transport, urls) == bodies
    assert server.http2_connections == server.connections == 1


def test_requests_larger_than_what_the_socket_takes_at_once_are_sent(
    transport: HttpTransport, server: Http2Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connection = create_connection(address, timeout)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return connection

    create_connection = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", connect)
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    urls, bodies = serve_numbers(server, 30)
    futures = [transport.fetch(Request(url=url, headers={"X-Long": "x" * 5_000})) for url in urls]
    assert [future.result(timeout=60).body for future in futures] == bodies
    assert server.connections == 1


@pytest.mark.parametrize(
    ("zipped", "body"),
    [
        pytest.param(gzip.compress(b"a page"), b"a page", id="a page"),
        pytest.param(gzip.compress(b"a ") + gzip.compress(b"page"), b"a page", id="in two members"),
        pytest.param(b"", b"", id="no body at all"),
    ],
)
def test_body_is_unzipped(transport: HttpTransport, server: Http2Server, zipped: bytes, body: bytes) -> None:
    reply = Reply(headers={"Content-Encoding": "gzip"}, body=zipped)
    assert fetch(transport, server.serve("/", reply)).body == body
    assert server.connections == 1


@pytest.mark.parametrize("status", [200, 203, 206, 304, 400, 403, 404, 410, 416, 501])
def test_status_that_is_an_answer_is_handed_on(transport: HttpTransport, server: Http2Server, status: int) -> None:
    assert fetch(transport, server.serve("/", Reply(status=status))).status == status
    assert server.connections == 1


def test_part_of_a_file_is_asked_for_as_it_is(transport: HttpTransport, server: Http2Server) -> None:
    fetch(transport, server.serve("/", PAGE), headers={"Range": "bytes=0-9"})
    (seen,) = server.seen
    assert (seen.is_http2, seen.headers["range"], seen.headers["accept-encoding"]) == (True, "bytes=0-9", "identity")


def test_known_credentials_go_along(open_transport: Open, server: Http2Server, authority_file: Path) -> None:
    index = IndexLocation(url=IndexUrl(server.url + "/"), credentials=Credentials(username="ada", password="pw"))
    server.guarded["/"] = "Basic YWRhOnB3"
    transport = open_transport(cert=authority_file, index_url=index)
    assert fetch(transport, server.serve("/", PAGE)).body == b"a page"
    assert server.connections == 1


@pytest.mark.parametrize(
    ("replies", "pauses"),
    [
        pytest.param([redirect("/other")], 0, id="a redirect"),
        pytest.param([Reply(status=503), Reply(status=503), PAGE], 2, id="unavailable"),
        pytest.param([Reply(status=429), PAGE], 1, id="too many requests"),
        pytest.param([Reply(status=421), PAGE], 0, id="another server's matter"),
        pytest.param([Reply(status=401), PAGE], 0, id="unauthorized"),
    ],
)
def test_answer_that_needs_care_is_asked_for_again_the_long_way(
    transport: HttpTransport, server: Http2Server, clock: FakeClock, replies: list[Reply], pauses: int
) -> None:
    server.serve("/other", PAGE)
    assert fetch(transport, server.serve("/", *replies)).body == b"a page"
    assert len(clock.pauses) == pauses
    assert server.asked(over_http2=True) == ["/"]
    assert server.asked(over_http2=False)[0] == "/"


def test_server_says_over_http2_too_how_long_to_wait(
    transport: HttpTransport, server: Http2Server, clock: FakeClock
) -> None:
    busy = Reply(status=429, headers={"Retry-After": "7"})
    assert fetch(transport, server.serve("/", busy, PAGE)).body == b"a page"
    assert clock.pauses == [7]


def test_busy_answer_over_http2_counts_as_a_try(
    open_transport: Open, server: Http2Server, authority_file: Path, clock: FakeClock
) -> None:
    with pytest.raises(ServerStatusError, match=r"the server answered 503 \(Service Unavailable\)$"):
        fetch(open_transport(cert=authority_file, retries=0), server.serve("/", Reply(status=503)))
    assert len(server.seen) == 1
    with pytest.raises(ServerStatusError, match=r"\(3 tries\)$"):
        fetch(open_transport(cert=authority_file, retries=2), server.serve("/", Reply(status=503)))
    assert len(server.seen) == 4


def test_server_error_that_is_not_worth_a_try_is_an_error(transport: HttpTransport, server: Http2Server) -> None:
    with pytest.raises(ServerStatusError, match=r"the server answered 599$"):
        fetch(transport, server.serve("/", Reply(status=599)))


@pytest.mark.parametrize(
    "credentials", [Credentials(username="ada", password="pw"), Credentials(username="t0ken", password="")]
)
def test_forbidden_to_whom_the_server_knows_is_looked_into(
    open_transport: Open, server: Http2Server, authority_file: Path, credentials: Credentials
) -> None:
    index = IndexLocation(url=IndexUrl(server.url + "/"), credentials=credentials)
    transport = open_transport(cert=authority_file, index_url=index)
    assert fetch(transport, server.serve("/", Reply(status=403))).status == 403
    assert server.asked(over_http2=False) == ["/"]


def test_body_that_is_not_what_it_is_said_to_be_is_asked_for_again(
    transport: HttpTransport, server: Http2Server
) -> None:
    half = Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"whole" * 99)[:-9])
    assert fetch(transport, server.serve("/", half, PAGE)).body == b"a page"
    assert server.asked(over_http2=False) == ["/"]


@pytest.mark.parametrize("move", [Move.REFUSE_STREAM, Move.RESET_STREAM, Move.BREAK_OFF])
def test_request_that_the_server_drops_is_asked_again_the_long_way(
    transport: HttpTransport, server: Http2Server, clock: FakeClock, move: Move
) -> None:
    urls, bodies = serve_numbers(server, 20)
    server.moves["/7"] = [move]
    assert fetch_all(transport, urls) == bodies
    assert server.http2_connections == 1
    assert server.asked(over_http2=False) == ["/7"]
    assert clock.pauses == []


ENDS = [Move.GO_AWAY, Move.HANG_UP, Move.TALK_NONSENSE]


@pytest.mark.parametrize("move", ENDS)
def test_connection_that_was_of_use_is_made_anew(
    transport: HttpTransport, server: Http2Server, clock: FakeClock, move: Move
) -> None:
    urls, bodies = serve_numbers(server, 50)
    assert fetch(transport, urls[0]).body == bodies[0]
    server.moves["/30"] = [move]
    assert fetch_all(transport, urls) == bodies
    assert (server.http2_connections, server.connections) == (2, 2)
    assert clock.pauses == []


@pytest.mark.parametrize("move", ENDS)
def test_server_whose_connections_are_of_no_use_is_asked_the_long_way_from_then_on(
    transport: HttpTransport, server: Http2Server, move: Move
) -> None:
    urls, bodies = serve_numbers(server, 20)
    server.moves = {f"/{number}": [move] for number in range(20)}
    assert fetch_all(transport, urls) == bodies
    assert fetch_all(transport, urls) == bodies
    assert server.http2_connections == 1


@pytest.mark.parametrize("move", ENDS)
def test_request_is_not_repeated_twice(transport: HttpTransport, server: Http2Server, move: Move) -> None:
    urls, bodies = serve_numbers(server, 150)
    server.moves["/99"] = [move] * 9
    assert fetch_all(transport, urls) == bodies
    assert server.asked(over_http2=True).count("/99") == 2
    assert server.asked(over_http2=False) == ["/99"]


@pytest.mark.parametrize("move", ENDS)
def test_request_that_breaks_connections_is_asked_the_long_way(
    transport: HttpTransport, server: Http2Server, move: Move
) -> None:
    urls, bodies = serve_numbers(server, 3)
    server.moves["/1"] = [move, move, move]
    for url, body in zip(urls, bodies, strict=True):
        assert fetch(transport, url).body == body
    assert server.asked(over_http2=False)[0] == "/1"


def test_connection_that_the_server_closes_between_requests_is_made_anew(
    transport: HttpTransport, server: Http2Server
) -> None:
    url = server.serve("/", PAGE)
    server.moves["/"] = [Move.ANSWER_AND_HANG_UP]
    assert fetch(transport, url).body == b"the last page"
    time.sleep(0.05)
    assert fetch(transport, url).body == b"a page"
    assert (server.http2_connections, server.connections) == (2, 2)


def test_server_of_http1_alone_is_tried_for_http2_once(
    transport: HttpTransport, server_context: ssl.SSLContext
) -> None:
    server_context.set_alpn_protocols(["http/1.1"])
    with web_server(server_context) as server:
        urls, bodies = serve_numbers(server, 100)
        for _ in range(3):
            assert fetch(transport, urls[0]).body == bodies[0]
        assert server.connections == 2
        assert fetch_all(transport, urls) == bodies
        assert server.connections <= 33
        assert len(server.seen) == 103
        transport.close()


def test_server_that_redirects_every_request_is_asked_the_long_way_from_then_on(
    transport: HttpTransport, server: Http2Server
) -> None:
    server.serve("/file", PAGE)
    for number in range(12):
        assert fetch(transport, server.serve(f"/{number}", redirect("/file"))).body == b"a page"
    assert 4 <= len(server.asked(over_http2=True)) < 8


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(body=bytes(1001)), id="one byte too long"),
        pytest.param(Reply(body=bytes(100_000)), id="much too long"),
        pytest.param(
            Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(bytes(50_000_000))[:900]), id="a bomb"
        ),
        pytest.param(
            Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(bytes(1001))), id="too long unzipped"
        ),
    ],
)
@pytest.mark.parametrize("announces_lengths", [True, False], ids=["announced", "not announced"])
def test_body_has_a_limit(transport: HttpTransport, server: Http2Server, reply: Reply, announces_lengths: bool) -> None:
    server.announces_lengths = announces_lengths
    urls, bodies = serve_numbers(server, 5)
    too_large = transport.fetch(Request(url=server.serve("/large", reply), max_bytes=1000))
    assert fetch_all(transport, urls) == bodies
    with pytest.raises(TooLargeError, match=r"more than 1,000 bytes$"):
        too_large.result(timeout=60)
    assert server.http2_connections == 1


def test_body_that_just_fits_is_an_answer(transport: HttpTransport, server: Http2Server) -> None:
    request = Request(url=server.serve("/", Reply(body=bytes(1000))), max_bytes=1000)
    assert len(transport.fetch(request).result(timeout=60).body) == 1000
    assert server.connections == 1


@pytest.mark.parametrize(
    "silent",
    [
        pytest.param(Reply(is_silent=True), id="without a word"),
        pytest.param(Reply(body=b"half", announced_bytes=8, is_silent=True), id="within the body"),
    ],
)
def test_silent_server_times_out_the_long_way(
    open_transport: Open, server: Http2Server, authority_file: Path, silent: Reply
) -> None:
    # Time enough for the connections, which are made within it, too.
    transport = open_transport(cert=authority_file, timeout_s=1.0, retries=1)
    with pytest.raises(TimedOutError, match=r"said nothing for 1 s \(2 tries\)$"):
        fetch(transport, server.serve("/", silent))
    assert len(server.asked(over_http2=True)) == 1
    assert len(server.asked(over_http2=False)) == 2


def test_server_that_lets_no_request_be_open_times_out(
    open_transport: Open, server: Http2Server, authority_file: Path
) -> None:
    transport = open_transport(cert=authority_file, timeout_s=1.0)
    url = server.serve("/", PAGE)
    server.most_streams = 0
    for _ in range(3):
        assert fetch(transport, url).body == b"a page"
    assert server.asked(over_http2=True) == []


def test_server_that_accepts_no_connection_is_an_error_in_words(open_transport: Open) -> None:
    with pytest.raises(UnreachableError, match=r"connection refused$"):
        fetch(open_transport(retries=0), "https://localhost:1/")


def test_header_that_http2_forbids_goes_the_long_way(transport: HttpTransport, server: Http2Server) -> None:
    assert fetch(transport, server.serve("/", PAGE), headers={"TE": "gzip"}).body == b"a page"
    assert server.asked(over_http2=True) == []


@pytest.mark.parametrize("url", ["https:///simple/", "https://index.example:x/", "https://[::1/"])
def test_address_that_is_none_is_an_error_in_words(transport: HttpTransport, url: str) -> None:
    with pytest.raises(FetchError, match="is not"):
        fetch(transport, url)


@pytest.mark.parametrize("url", ["{url}/", "https://ada:pw@{netloc}/"], ids=["with a proxy", "with credentials"])
def test_request_that_needs_care_before_it_is_sent_goes_the_long_way(
    open_transport: Open, server: Http2Server, authority_file: Path, url: str
) -> None:
    server.serve("/", PAGE)
    with proxy_server() as proxy:
        its = Proxy(url=f"http://{proxy.netloc}") if "@" not in url else None
        transport = open_transport(cert=authority_file, proxy=its)
        assert fetch(transport, url.format(url=server.url, netloc=server.netloc)).body == b"a page"
        assert len(proxy.asked) == (its is not None)
        assert server.http2_connections == 0
        transport.close()


def test_server_with_a_name_in_other_letters_is_asked(open_transport: Open, server: Http2Server) -> None:
    server.serve("/", PAGE)
    transport = open_transport(trusted_hosts=("localhost",))
    assert fetch(transport, server.url.replace("localhost", "LOCALHOST") + "/").body == b"a page"
    assert fetch(transport, server.url + "/").body == b"a page"
    assert server.connections == server.http2_connections == 1


def test_offline_nothing_is_asked(open_transport: Open, server: Http2Server, authority_file: Path) -> None:
    with pytest.raises(FetchError):
        fetch(open_transport(cert=authority_file, is_offline=True), server.serve("/", PAGE))
    assert server.connections == 0


def test_closing_cancels_what_is_not_answered(transport: HttpTransport, server: Http2Server) -> None:
    url = server.serve("/", PAGE)
    assert fetch(transport, url).status == 200
    server.serve("/silent", Reply(is_silent=True))
    futures = [transport.fetch(Request(url=server.url + "/silent")) for _ in range(150)]
    while len(server.seen) < 101:
        time.sleep(0.01)
    transport.close()
    assert all(future.cancelled() for future in futures)
    assert transport.fetch(Request(url=url)).cancelled()


def test_closing_while_the_connection_is_made_cancels(transport: HttpTransport, server: Http2Server) -> None:
    future = transport.fetch(Request(url=server.serve("/", Reply(is_silent=True))))
    transport.close()
    assert future.cancelled()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_fault_of_the_wire_itself_costs_no_answer(
    transport: HttpTransport, server: Http2Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls, bodies = serve_numbers(server, 150)
    assert fetch(transport, urls[0]).body == bodies[0]
    monkeypatch.delattr(Http2, "receive")
    assert fetch_all(transport, urls) == bodies
    assert fetch_all(transport, urls) == bodies
    assert server.http2_connections == 1


def test_future_that_nobody_waits_for_any_more_harms_nothing(transport: HttpTransport, server: Http2Server) -> None:
    urls, bodies = serve_numbers(server, 20)
    assert transport.fetch(Request(url=urls[3])).cancel()
    assert fetch_all(transport, urls) == bodies


def test_callback_may_ask_for_more(transport: HttpTransport, server: Http2Server) -> None:
    urls, _ = serve_numbers(server, 30)
    found: list[Future[Response]] = []
    done = threading.Event()

    def follow(_: Future[Response]) -> None:
        if len(found) == len(urls):
            done.set()
        else:
            found.append(transport.fetch(Request(url=urls[len(found)])))
            found[-1].add_done_callback(follow)

    follow(Future())
    assert done.wait(60)
    assert server.connections == 1


def test_interrupted_program_ends_while_a_server_is_silent(server: Http2Server, authority_file: Path) -> None:
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from tests.reporters import RecordingReporter
        from wheelpin.ports import Request
        from wheelpin.settings import IndexLocation, Settings
        from wheelpin.transport import HttpTransport
        from wheelpin.values import IndexUrl

        url, cert = sys.argv[1:]
        index = IndexLocation(url=IndexUrl(url))
        settings = Settings(index_url=index, cert=Path(cert), cache_dir=Path("unused"), timeout_s=3600)
        with HttpTransport(settings, RecordingReporter()) as transport:
            transport.fetch(Request(url=url)).result()
            assert not {"asyncio", "httpx"} & set(sys.modules)
            transport.fetch(Request(url=url))
            raise KeyboardInterrupt
    """)
    url = server.serve("/", PAGE, Reply(is_silent=True))
    done = subprocess.run(
        [sys.executable, "-c", program, url, str(authority_file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == "KeyboardInterrupt"


def test_the_way_to_an_expected_server_is_made_before_the_first_request(
    transport: HttpTransport, server: Http2Server
) -> None:
    url = server.serve("/", PAGE)
    for _ in range(3):
        transport.expect(url)
    deadline = time.monotonic() + 60
    while not server.http2_connections:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert server.seen == []
    assert fetch(transport, url).body == b"a page"
    transport.expect(url)
    assert fetch(transport, url).body == b"a page"
    assert server.connections == 1


@pytest.mark.parametrize("url", ["http://index.example/", "https://user:secret@index.example/", "ftp://x/", "https://"])
def test_what_does_not_go_over_http2_is_not_expected(transport: HttpTransport, url: str) -> None:
    before = threading.active_count()
    transport.expect(url)
    assert threading.active_count() == before


def test_an_expected_server_that_is_not_there_is_no_ones_trouble(transport: HttpTransport, server: Http2Server) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        transport.expect(f"https://127.0.0.1:{nobody.getsockname()[1]}/")
    assert fetch(transport, server.serve("/", PAGE)).status == 200
