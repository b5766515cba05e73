"""HTTP/2 without a socket: what a server may say, and what becomes of it."""

import struct
from collections.abc import Iterator, Mapping
from concurrent.futures import Future

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived, SettingsAcknowledged, WindowUpdated
from hpack import Encoder, HeaderTuple, NeverIndexedHeaderTuple
from hypothesis import given
from hypothesis import strategies as st

from wheelpin.ports import Request
from wheelpin.transport import frames, http2
from wheelpin.transport.addresses import parse_address
from wheelpin.transport.asks import Answered, Ask, BrokenError
from wheelpin.transport.frames import frame
from wheelpin.transport.http2 import Http2

DATA, HEADERS, CONTINUATION = frames.DATA, frames.HEADERS, frames.CONTINUATION
END_STREAM, END_HEADERS, PADDED, HAS_PRIORITY = (
    frames.END_STREAM,
    frames.END_HEADERS,
    frames.PADDED,
    frames.HAS_PRIORITY,
)
GREETING = frames.settings({frames.MAX_CONCURRENT_STREAMS: 50})


class Client:
    """A session whose asks are numbered by the streams that carry them."""

    def __init__(self, *, asks: int = 1, max_bytes: int = 1000, fields: Mapping[str, str] | None = None) -> None:
        self.answered: list[Answered] = []
        self.declined: list[Answered | None] = []
        self.session = Http2(
            lambda _, answer: self.answered.append(answer), lambda _, answer: self.declined.append(answer)
        )
        self._encoder = Encoder()
        for _ in range(asks):
            self.session.send(ask(max_bytes=max_bytes, fields=fields))
        self.session.take_output()

    def block(self, status: int | str = 200, **fields: str) -> bytes:
        said = [(":status", str(status)), *((name.replace("_", "-"), value) for name, value in fields.items())]
        return self._encoder.encode(said)

    def raw_block(self, *fields: tuple[bytes, bytes]) -> bytes:
        return self._encoder.encode(fields)

    def receive(self, *parts: bytes, greeting: bytes = GREETING) -> bool:
        return self.session.receive(greeting + b"".join(parts))

    def said(self) -> list[tuple[int, int, int, bytes]]:
        taken = frames.Frames().take(self.session.take_output())
        return [(kind, flags, stream_id, bytes(content)) for kind, flags, stream_id, content in taken]


def ask(*, max_bytes: int = 1000, fields: Mapping[str, str] | None = None) -> Ask:
    url = "https://index.example/simple/flask/"
    return Ask(
        request=Request(url=url, max_bytes=max_bytes),
        address=parse_address(url),
        fields=[(name.encode(), value.encode()) for name, value in (fields or {}).items()],
        future=Future(),
    )


@pytest.fixture
def client() -> Client:
    return Client()


def head(client: Client, status: int | str = 200, *, flags: int = END_HEADERS, stream: int = 1, **more: str) -> bytes:
    return frame(HEADERS, flags, stream, client.block(status, **more))


def test_answer_is_its_status_its_fields_and_its_body(client: Client) -> None:
    is_part = client.receive(
        head(client, 200, content_type="text/html", content_length="6"),
        frame(DATA, 0, 1, b"a pa"),
        frame(DATA, END_STREAM, 1, b"ge"),
    )
    assert is_part
    (answer,) = client.answered
    assert (answer.status, answer.body) == (200, b"a page")
    assert answer.headers == {"content-type": "text/html", "content-length": "6"}
    assert client.session.is_idle
    assert client.session.has_answered


def test_fields_of_one_name_are_joined(client: Client) -> None:
    block = client.raw_block((b":status", b"200"), (b"vary", b"accept"), (b"vary", b"cookie"))
    client.receive(frame(HEADERS, END_HEADERS | END_STREAM, 1, block))
    assert client.answered[0].headers == {"vary": "accept, cookie"}


@given(cuts=st.lists(st.integers(0, 250), max_size=12))
def test_how_the_network_cuts_it_matters_to_nothing(cuts: list[int]) -> None:
    client = Client(asks=2)
    said = b"".join(
        [
            GREETING,
            head(client, content_length="4"),
            head(client, etag='"x"', stream=3),
            frame(DATA, 0, 3, b"three"),
            frame(DATA, END_STREAM | PADDED, 1, b"\2one!\0\0"),
            frame(DATA, END_STREAM, 3, b""),
        ]
    )
    at = 0
    for cut in sorted({*cuts, len(said)}):
        client.session.receive(said[at:cut])
        at = max(at, cut)
    assert [answer.body for answer in client.answered] == [b"one!", b"three"]


@given(said=st.binary(max_size=200), is_greeted=st.booleans())
def test_nonsense_ends_the_connection_and_nothing_else(said: bytes, *, is_greeted: bool) -> None:
    client = Client()
    try:
        client.receive(said, greeting=GREETING if is_greeted else b"")
    except BrokenError:
        return
    assert len(client.answered) + len(client.declined) <= 1


@given(
    parts=st.lists(
        st.tuples(st.integers(0, 10), st.integers(0, 255), st.integers(0, 4), st.binary(max_size=30)), max_size=12
    )
)
def test_frames_of_any_kind_in_any_order_end_the_connection_at_most(parts: list[tuple[int, int, int, bytes]]) -> None:
    client = Client(asks=2)
    try:
        client.receive(*(frame(*part) for part in parts))
    except BrokenError:
        return
    assert len(client.answered) + len(client.declined) <= 2


def _endings() -> Iterator[object]:
    yield pytest.param([frame(frames.GOAWAY, 0, 0, bytes(8))], id="the server says goodbye")
    yield pytest.param([frame(frames.PUSH_PROMISE, END_HEADERS, 1, bytes(4))], id="a push, which is forbidden")
    yield pytest.param([frame(CONTINUATION, END_HEADERS, 1, b"")], id="the rest of no head")
    yield pytest.param([frame(HEADERS, 0, 1, b""), frame(CONTINUATION, 4, 3, b"")], id="the rest of another's head")
    yield pytest.param([frame(HEADERS, 0, 1, b""), frame(frames.PING, 0, 0, bytes(8))], id="a head that is interrupted")
    yield pytest.param([frame(HEADERS, END_HEADERS, 3, b"")], id="an answer to what was not asked")
    yield pytest.param([frame(HEADERS, END_HEADERS, 2, b"")], id="a stream of the server's own")
    yield pytest.param([frame(HEADERS, END_HEADERS, 0, b"")], id="a head of no stream")
    yield pytest.param([frame(DATA, 0, 0, b"x")], id="a body of no stream")
    yield pytest.param([frame(DATA, 0, 3, b"x")], id="a body of what was not asked")
    yield pytest.param([frame(DATA, 0, 1, b"x")], id="a body before its head")
    yield pytest.param([frame(frames.RST_STREAM, 0, 3, bytes(4))], id="the end of what was not asked")
    yield pytest.param([frame(frames.RST_STREAM, 0, 1, bytes(3))], id="a reset without a reason")
    yield pytest.param([frame(frames.PING, 0, 0, bytes(7))], id="a ping of another size")
    yield pytest.param([frame(frames.SETTINGS, 0, 1, b"")], id="settings of a stream")
    yield pytest.param([frame(frames.SETTINGS, 0, 0, bytes(7))], id="settings of another size")
    yield pytest.param([frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff")], id="a head that cannot be read")
    yield pytest.param([frame(HEADERS, END_HEADERS, 1, b"\x40")], id="a head that breaks off")
    yield pytest.param([frame(HEADERS, END_HEADERS | PADDED, 1, b"")], id="padding without a length")
    yield pytest.param([frame(HEADERS, END_HEADERS | PADDED, 1, b"\5abc")], id="more padding than content")
    yield pytest.param([frame(HEADERS, END_HEADERS | HAS_PRIORITY, 1, b"abcd")], id="half a priority")
    yield pytest.param([struct.pack(">HBBBL", 0x41, 0, 0, 0, 1)], id="a frame larger than agreed")
    parts = [frame(HEADERS, 0, 1, bytes(16_000)), *(frame(CONTINUATION, 0, 1, bytes(16_000)) for _ in range(4))]
    yield pytest.param(parts, id="a head without end")
    yield pytest.param(
        [frame(HEADERS, 4, 1, b"\x40\1x\x7f\xe1\x3e" + bytes(8160) + b"\xbe" * 40)], id="a bomb of fields"
    )


@pytest.mark.parametrize("parts", list(_endings()))
def test_what_the_protocol_forbids_ends_the_connection(client: Client, parts: list[bytes]) -> None:
    with pytest.raises(BrokenError):
        client.receive(*parts)
    assert [len(client.session.open_asks), client.answered, client.declined] == [1, [], []]


def test_settings_come_first(client: Client) -> None:
    with pytest.raises(BrokenError):
        client.receive(head(client, 200), greeting=b"")


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param([], id="nothing at all"),
        pytest.param([(b"content-type", b"text/html")], id="no status"),
        pytest.param([(b"server", b"x"), (b":status", b"200")], id="a status after fields"),
        pytest.param([(b":status", b"200"), (b":status", b"200")], id="two of them"),
        pytest.param([(b":status", b"2000")], id="a status of four digits"),
        pytest.param([(b":status", b"+20")], id="a status that is no number"),
        pytest.param([(b":status", b"200"), (b":path", b"/")], id="what requests have"),
        pytest.param([(b":status", b"200"), (b"Server", b"x")], id="capitals"),
        pytest.param([(b":status", b"200"), (b"", b"x")], id="no name"),
        pytest.param([(b":status", b"200"), (b"a b", b"x")], id="a name with a space"),
        pytest.param([(b":status", b"200"), (b"etag", b"x\r\nhost: x")], id="a line break in a value"),
        pytest.param([(b":status", b"200"), (b"etag", b"\0")], id="a zero in a value"),
        pytest.param([(b":status", b"200"), (b"transfer-encoding", b"chunked")], id="what only HTTP/1.1 knows"),
        pytest.param([(b":status", b"200"), (b"content-length", b"-1")], id="a length below zero"),
        pytest.param([(b":status", b"200"), (b"content-length", b"9" * 5000)], id="a length of too many digits"),
        pytest.param([(b":status", b"200"), (b"content-length", b"1001")], id="a length above the limit"),
    ],
)
def test_head_that_is_none_is_declined_and_costs_no_other_answer(fields: list[tuple[bytes, bytes]]) -> None:
    client = Client(asks=2)
    client.receive(
        frame(HEADERS, END_HEADERS, 1, client.raw_block(*fields)),
        frame(DATA, END_STREAM, 1, b"not wanted any more"),
        head(client, 200, stream=3, flags=END_HEADERS | END_STREAM),
    )
    assert [len(client.declined), len(client.answered)] == [1, 1]
    assert (frames.RST_STREAM, 0, 1, struct.pack(">L", frames.CANCEL)) in client.said()


@pytest.mark.parametrize(
    ("length", "body"),
    [
        pytest.param("5", b"", id="none"),
        pytest.param("5", b"four", id="shorter"),
        pytest.param("5", b"sixsix", id="longer"),
    ],
)
def test_body_of_another_length_than_announced_is_declined(client: Client, length: str, body: bytes) -> None:
    ends = END_STREAM if not body else 0
    client.receive(head(client, 200, flags=END_HEADERS | ends, content_length=length))
    if body:
        client.session.receive(frame(DATA, END_STREAM, 1, body))
    assert [client.answered, len(client.declined)] == [[], 1]


def test_answer_without_a_body_may_tell_the_length_of_the_one_it_spares(client: Client) -> None:
    client.receive(head(client, 304, flags=END_HEADERS | END_STREAM, content_length="500"))
    assert [answer.status for answer in client.answered] == [304]


def test_body_that_grows_too_large_is_declined_and_given_up() -> None:
    client = Client(max_bytes=10)
    client.receive(head(client), frame(DATA, 0, 1, b"123456"), frame(DATA, 0, 1, b"78901"), frame(DATA, 1, 1, b"2"))
    assert [client.answered, len(client.declined)] == [[], 1]
    assert [kind for kind, *_ in client.said() if kind == frames.RST_STREAM] == [frames.RST_STREAM]


def test_head_may_be_announced_and_a_body_followed_by_fields(client: Client) -> None:
    client.receive(
        head(client, 103, link="</style.css>"),
        head(client, 200),
        frame(DATA, 0, 1, b"body"),
        frame(HEADERS, END_HEADERS | END_STREAM, 1, client.raw_block((b"checksum", b"x"))),
    )
    assert [(answer.status, answer.headers, answer.body) for answer in client.answered] == [(200, {}, b"body")]


def test_answer_that_ends_before_its_head_is_declined(client: Client) -> None:
    client.receive(head(client, 103, flags=END_HEADERS | END_STREAM))
    assert client.declined == [None]


def test_head_may_come_in_parts_with_padding_and_priority(client: Client) -> None:
    block = client.block(200, etag='"x"')
    client.receive(
        frame(HEADERS, PADDED | HAS_PRIORITY | END_STREAM, 1, b"\2" + bytes(5) + block[:3] + bytes(2)),
        frame(CONTINUATION, 0, 1, block[3:5]),
        frame(CONTINUATION, END_HEADERS, 1, block[5:]),
    )
    assert client.answered[0].headers == {"etag": '"x"'}


def test_reset_stream_is_declined_with_what_is_known(client: Client) -> None:
    client.receive(head(client, 200), frame(frames.RST_STREAM, 0, 1, bytes(4)))
    client.session.receive(frame(frames.RST_STREAM, 0, 1, bytes(4)) + frame(DATA, END_STREAM, 1, b"late"))
    assert [answer and answer.status for answer in client.declined] == [200]


def test_what_is_not_of_interest_is_passed_over(client: Client) -> None:
    is_part = client.receive(
        frame(2, 0, 1, bytes(5)),  # PRIORITY
        frame(frames.WINDOW_UPDATE, 0, 0, b"\0\0\0\1"),
        frame(0xAB, 0xFF, 7, b"a kind that a later standard may know"),
        frame(frames.SETTINGS, frames.ACK, 0, b""),
        frame(frames.PING, frames.ACK, 0, bytes(8)),
    )
    assert not is_part
    assert [kind for kind, *_ in client.said()] == [frames.SETTINGS]


def test_ping_is_answered_with_what_it_holds(client: Client) -> None:
    client.receive(frame(frames.PING, 0, 0, b"12345678"))
    assert (frames.PING, frames.ACK, 0, b"12345678") in client.said()


def test_server_says_how_many_requests_may_be_open() -> None:
    client = Client(asks=2)
    client.receive(greeting=frames.settings({frames.MAX_CONCURRENT_STREAMS: 2}))
    assert not client.session.has_room
    client.session.receive(frames.settings({frames.MAX_CONCURRENT_STREAMS: 2**32 - 1}))
    assert client.session.has_room


def test_windows_are_opened_again_as_bodies_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http2, "_STREAM_WINDOW_BYTES", 66_000)
    monkeypatch.setattr(http2, "_CONNECTION_WINDOW_BYTES", 66_000)
    client = Client(max_bytes=10**6)
    client.receive(head(client), *(frame(DATA, 0, 1, bytes(11_000)) for _ in range(3)))
    assert not any(kind == frames.WINDOW_UPDATE for kind, *_ in client.said())
    client.session.receive(frame(DATA, PADDED, 1, b"\7" + bytes(12)))
    updates = [(stream, content) for kind, _, stream, content in client.said() if kind == frames.WINDOW_UPDATE]
    assert updates == [(each, struct.pack(">L", 33_013)) for each in (0, 1)]


class TestAgainstACompleteLibrary:
    """What wheelpin says is understood by others."""

    @pytest.fixture
    def server(self) -> H2Connection:
        server = H2Connection(H2Configuration(client_side=False))
        server.initiate_connection()
        return server

    def requests(self, server: H2Connection, *asks: Ask) -> list[list[tuple[bytes, bytes]]]:
        session = Http2(lambda *_: None, lambda *_: None)
        session.receive(server.data_to_send())
        for each in asks:
            session.send(each)
        events = server.receive_data(session.take_output())
        assert any(isinstance(event, SettingsAcknowledged) for event in events)
        assert any(isinstance(event, WindowUpdated) for event in events)
        return [event.headers for event in events if isinstance(event, RequestReceived)]

    def test_request(self, server: H2Connection) -> None:
        (fields,) = self.requests(server, ask(fields={"accept": "text/html"}))
        assert {bytes(name): bytes(value) for name, value in fields} == {
            b":method": b"GET",
            b":scheme": b"https",
            b":authority": b"index.example",
            b":path": b"/simple/flask/",
            b"accept": b"text/html",
        }

    def test_request_with_more_fields_than_a_frame_holds(self, server: H2Connection) -> None:
        long = {f"x-{number}": chr(ord("a") + number) * 9_000 for number in range(5)}
        (fields,) = self.requests(server, ask(fields=long))
        assert long.items() <= {name.decode(): value.decode() for name, value in fields}.items()

    def test_many_requests(self, server: H2Connection) -> None:
        assert len(self.requests(server, *(ask(fields={"accept": f"text/{number}"}) for number in range(90)))) == 90

    @pytest.mark.parametrize("table_bytes", [0, 100, 2**20])
    def test_server_limits_what_is_remembered_of_fields(self, server: H2Connection, table_bytes: int) -> None:
        server.update_settings({frames.HEADER_TABLE_SIZE: table_bytes})
        asks = [ask(fields={"accept": f"text/{number}"}) for number in range(5)]
        assert len(self.requests(server, *asks)) == 5

    def test_credentials_stay_out_of_the_tables_of_header_compression(self, server: H2Connection) -> None:
        fields = {"accept": "text/html", "authorization": "Basic c2VjcmV0"}
        (headers,) = self.requests(server, ask(fields=fields))
        said = {bytes(header[0]): header for header in headers}
        assert isinstance(said[b"accept"], HeaderTuple)
        assert said[b"accept"].indexable
        assert isinstance(said[b"authorization"], NeverIndexedHeaderTuple)


def test_connection_without_numbers_left_is_of_no_more_use(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "LARGEST_NUMBER", 2)
    with pytest.raises(BrokenError):
        client.session.send(ask())
