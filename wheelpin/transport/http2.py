"""One HTTP/2 connection without its socket: requests to bytes, and bytes to answers (RFC 9113)."""

from collections.abc import Mapping
from contextlib import suppress

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, DataReceived, ResponseReceived, StreamEnded, StreamReset
from h2.exceptions import H2Error, StreamClosedError
from h2.settings import SettingCodes, Settings
from msgspec import Struct, field

from wheelpin.transport.asks import Answered, Ask, BrokenError, OnAnswer, OnDecline
from wheelpin.transport.fields import answer_fields

_MOST_STREAMS = 100
_STREAM_WINDOW_BYTES = 4 * 1024 * 1024
_CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024
_FIRST_WINDOW_BYTES = 65_535
_CONFIGURATION = H2Configuration(
    client_side=True,
    # What is sent is made here, in the right form; what is received is looked at here. Outbound headers are still
    # normalised, because that is where credentials are kept out of the compression's tables.
    validate_outbound_headers=False,
    normalize_inbound_headers=False,
)
_WORTH_CARE = frozenset({401, 407, 421, 429})


class _Stream(Struct, kw_only=True, eq=False):
    ask: Ask
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)


class Http2:
    """Many requests over one connection. Only plain answers count; all else is declined, for others to look into."""

    def __init__(self, answered: OnAnswer, declined: OnDecline) -> None:
        self._answered, self._declined = answered, declined
        self._streams: dict[int, _Stream] = {}
        self.has_answered = False
        """It was of use: an answer came, be it one to decline."""
        self.redirects = 0
        self._connection = connection = H2Connection(_CONFIGURATION)
        connection.local_settings = Settings(
            client=True,
            initial_values={
                SettingCodes.ENABLE_PUSH: 0,
                SettingCodes.INITIAL_WINDOW_SIZE: _STREAM_WINDOW_BYTES,
                SettingCodes.MAX_HEADER_LIST_SIZE: H2Connection.DEFAULT_MAX_HEADER_LIST_SIZE,
            },
        )
        connection.initiate_connection()
        connection.increment_flow_control_window(_CONNECTION_WINDOW_BYTES - _FIRST_WINDOW_BYTES)

    @property
    def has_room(self) -> bool:
        """Tell whether one request more may be sent."""
        return len(self._streams) < min(_MOST_STREAMS, self._connection.remote_settings.max_concurrent_streams)

    @property
    def is_idle(self) -> bool:
        """Tell whether everything sent is answered."""
        return not self._streams

    @property
    def open_asks(self) -> list[Ask]:
        """What was sent and not answered, oldest first."""
        return [stream.ask for stream in self._streams.values()]

    def send(self, ask: Ask) -> None:
        """Send *ask*; raise `BrokenError` if that cannot be said in HTTP/2."""
        connection = self._connection
        fields = [
            (b":method", b"GET"),
            (b":scheme", ask.address.scheme.encode()),
            (b":authority", ask.address.netloc.encode()),
            (b":path", ask.address.path.encode()),
            *ask.fields,
        ]
        try:
            stream_id = connection.get_next_available_stream_id()
            self._streams[stream_id] = _Stream(ask=ask)
            connection.send_headers(stream_id, fields, end_stream=True)
        except H2Error as error:
            raise BrokenError from error

    def receive(self, data: bytes) -> bool:
        """Take in *data* and tell whether it brought parts of answers; raise `BrokenError` at the connection's end."""
        brought = False
        try:
            for event in self._connection.receive_data(data):
                match event:
                    case ResponseReceived():
                        self._take_head(event)
                    case DataReceived():
                        self._take_data(event)
                    case StreamEnded():
                        self._take_end(event.stream_id)
                    case StreamReset():
                        self._decline(event.stream_id)
                    case ConnectionTerminated():
                        raise BrokenError
                    case _:
                        continue
                brought = True
        except H2Error as error:
            raise BrokenError from error
        return brought

    def take_output(self) -> bytes:
        """Return what is to be sent now."""
        return self._connection.data_to_send()

    def _take_head(self, event: ResponseReceived) -> None:
        stream = self._streams[event.stream_id]
        stream.headers = {name: value for name, value in answer_fields(event.headers).items() if name[0] != ":"}
        stream.status = int(dict(event.headers)[b":status"])
        announced = stream.headers.get("content-length", "0")
        if 300 <= stream.status < 400 and stream.status != 304:
            self.redirects += 1
        if not _is_plain(stream) or not announced.isdecimal() or int(announced) > stream.ask.request.max_bytes:
            self._cancel(event.stream_id)

    def _take_data(self, event: DataReceived) -> None:
        # What still came for a cancelled stream has filled the connection's window, too.
        self._connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        stream = self._streams.get(event.stream_id)
        if stream is None:
            return
        stream.body += event.data
        if len(stream.body) > stream.ask.request.max_bytes:
            self._cancel(event.stream_id)

    def _take_end(self, stream_id: int) -> None:
        stream = self._streams.pop(stream_id, None)
        if stream is None:
            return
        self.has_answered = True
        self._answered(stream.ask, Answered(status=stream.status, headers=stream.headers, body=bytes(stream.body)))

    def _cancel(self, stream_id: int) -> None:
        with suppress(StreamClosedError):
            self._connection.reset_stream(stream_id, ErrorCodes.CANCEL)
        self._decline(stream_id)

    def _decline(self, stream_id: int) -> None:
        stream = self._streams.pop(stream_id, None)
        if stream is not None:
            self.has_answered = True
            answered = Answered(status=stream.status, headers=stream.headers)
            self._declined(stream.ask, answered if stream.status else None)


def _is_plain(stream: _Stream) -> bool:
    """Tell whether an answer is what it is, and no matter of credentials, redirects or patience."""
    status = stream.status
    if status == 403:
        return all(name != b"authorization" for name, _ in stream.ask.fields)
    return 200 <= status < 300 or status in {304, 501} or (400 <= status < 500 and status not in _WORTH_CARE)
