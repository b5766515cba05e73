"""Streams of large files, and addresses of local ones."""

import gzip
from pathlib import Path

import pytest

from tests.transport.conftest import FakeClock, Open
from tests.transport.servers import Reply, WebServer
from wheelpin.ports import Request
from wheelpin.transport import HttpTransport
from wheelpin.transport.failures import (
    FetchError,
    OfflineError,
    ServerStatusError,
    TooLargeError,
    UnreachableError,
)

LARGE = bytes(range(256)) * 4096
FILE = Reply(body=LARGE, headers={"ETag": '"x"'})


def read(transport: HttpTransport, url: str, **fields: object) -> bytes:
    with transport.stream(Request(url=url, **fields)) as response:  # type: ignore[arg-type]
        return b"".join(response)


def test_stream_gives_the_file_in_chunks(transport: HttpTransport, server: WebServer) -> None:
    url = server.serve("/f.whl", FILE)
    with transport.stream(Request(url=url)) as response:
        assert (response.status, response.url, response.headers["etag"]) == (200, url, '"x"')
        chunks = list(response)
    assert len(chunks) > 1
    assert b"".join(chunks) == LARGE
    assert server.seen[0].headers["accept-encoding"] == "identity"


def test_no_connection_is_made_after_the_end(transport: HttpTransport, server: WebServer) -> None:
    url = server.serve("/f.whl", FILE)
    assert read(transport, url) == LARGE
    transport.close()
    with pytest.raises(UnreachableError, match="the run is over"):
        read(transport, url)
    assert len(server.seen) == 1


def test_stream_leaves_the_bytes_as_the_server_keeps_them(transport: HttpTransport, server: WebServer) -> None:
    body = gzip.compress(b"a tar archive")
    url = server.serve("/f.tar.gz", Reply(headers={"Content-Encoding": "gzip"}, body=body))
    assert read(transport, url) == body


def test_start_of_a_stream_is_tried_again(transport: HttpTransport, server: WebServer, clock: FakeClock) -> None:
    url = server.serve("/f.whl", Reply(status=503), Reply(is_raw=True), FILE)
    assert read(transport, url) == LARGE
    assert len(clock.pauses) == 2


def test_stream_that_breaks_off_is_an_error(transport: HttpTransport, server: WebServer, clock: FakeClock) -> None:
    url = server.serve("/f.whl", Reply(body=LARGE, announced_bytes=len(LARGE) + 1))
    with pytest.raises(UnreachableError, match=r"broke off$"):
        read(transport, url)
    assert clock.pauses == []


@pytest.mark.parametrize("status", [304, 401, 404, 416, 501])
def test_other_answer_than_the_file_is_an_error(transport: HttpTransport, server: WebServer, status: int) -> None:
    with pytest.raises(ServerStatusError) as caught:
        read(transport, server.serve("/f.whl", Reply(status=status)))
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("headers", "is_error"),
    [
        pytest.param({"Range": "bytes=0-9"}, False, id="asked for a part"),
        pytest.param({}, True, id="asked for the whole"),
    ],
)
def test_part_is_an_answer_for_those_who_asked(
    transport: HttpTransport, server: WebServer, headers: dict[str, str], is_error: bool
) -> None:
    url = server.serve("/f.whl", Reply(status=206, body=b"0123456789"))
    if is_error:
        with pytest.raises(ServerStatusError):
            read(transport, url, headers=headers)
    else:
        assert read(transport, url, headers=headers) == b"0123456789"


def test_stream_has_a_limit(transport: HttpTransport, server: WebServer) -> None:
    url = server.serve("/f.whl", FILE)
    assert read(transport, url, max_bytes=len(LARGE)) == LARGE
    with pytest.raises(TooLargeError):
        read(transport, url, max_bytes=len(LARGE) - 1)


def test_stream_left_early_gives_its_connection_up(transport: HttpTransport, server: WebServer) -> None:
    url = server.serve("/f.whl", FILE)
    for _ in range(3):
        with transport.stream(Request(url=url)) as response:
            assert next(response.chunks)
    assert read(transport, url) == LARGE


def test_offline_nothing_is_streamed(open_transport: Open, server: WebServer) -> None:
    with pytest.raises(OfflineError):
        read(open_transport(is_offline=True), server.serve("/f.whl", FILE))
    assert server.seen == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my index"
    (folder / "flask").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "flask" / "index.html").write_text("<a>", encoding="utf-8")
    (folder / "flask.whl").write_bytes(LARGE)
    return folder


@pytest.mark.parametrize("slash", ["/", ""])
def test_folder_answers_with_its_index_page(open_transport: Open, folder: Path, slash: str) -> None:
    transport = open_transport(is_offline=True)
    response = transport.fetch(Request(url=f"{folder.as_uri()}/flask{slash}")).result()
    assert (response.status, response.body) == (200, b"<a>")
    assert response.url == f"{folder.as_uri()}/flask/index.html"
    assert response.headers == {"content-type": "text/html"}


@pytest.mark.parametrize("path", ["missing/", "empty/", "flask.whl/index.html"])
def test_file_that_is_not_there_is_404(transport: HttpTransport, folder: Path, path: str) -> None:
    response = transport.fetch(Request(url=f"{folder.as_uri()}/{path}")).result()
    assert (response.status, response.body) == (404, b"")


def test_local_file_is_read_up_to_the_limit(transport: HttpTransport, folder: Path) -> None:
    url = f"{folder.as_uri()}/flask.whl"
    assert transport.fetch(Request(url=url, max_bytes=len(LARGE))).result().body == LARGE
    assert read(transport, url, max_bytes=len(LARGE)) == LARGE
    with pytest.raises(TooLargeError):
        transport.fetch(Request(url=url, max_bytes=len(LARGE) - 1)).result()
    with pytest.raises(TooLargeError):
        read(transport, url, max_bytes=len(LARGE) - 1)


@pytest.mark.parametrize("url", ["file://server.example/share/f.whl", "file:///a%00b"])
def test_file_of_another_machine_is_refused(transport: HttpTransport, url: str) -> None:
    with pytest.raises(FetchError, match="not a file of this machine"):
        transport.fetch(Request(url=url)).result()


def test_local_stream_of_nothing_is_an_error(transport: HttpTransport, folder: Path) -> None:
    with pytest.raises(ServerStatusError) as caught:
        read(transport, f"{folder.as_uri()}/missing.whl")
    assert caught.value.status == 404
    with pytest.raises(FetchError, match="cannot be read"):
        read(transport, f"{folder.as_uri()}/flask")
