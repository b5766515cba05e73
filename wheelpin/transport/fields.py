"""Header fields of requests and answers (RFC 9110)."""

from collections.abc import Iterable, Mapping

from wheelpin.settings import Credentials
from wheelpin.transport.auth import basic
from wheelpin.version import __version__


def request_fields(headers: Mapping[str, str], credentials: Credentials | None) -> dict[str, str]:
    """Return what every request says, the Host aside, and *headers*; names in lower case."""
    fields = {
        "user-agent": f"wheelpin/{__version__}",
        # A range counts encoded bytes, so an encoded range would be of no use.
        "accept-encoding": "identity" if "range" in map(str.lower, headers) else "gzip",
    }
    if credentials is not None:
        fields["authorization"] = basic(credentials)
    fields.update((name.lower(), value) for name, value in headers.items())
    return fields


def on_the_wire(fields: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Encode *fields*; raise ValueError for what no field can hold."""
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in fields.items()]


def answer_fields(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Decode the fields of an answer, those of the same name joined; names in lower case."""
    fields: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


class HeadError(Exception):
    """The fields of an HTTP/2 answer are not what they must be (RFC 9113, section 8)."""


_OF_NAMES = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
_WITHOUT_BREAKS = bytes.maketrans(b"\0\r\n", b"   ")
_STATUS_DIGITS = 3
ONLY_IN_HTTP1 = frozenset({"connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"})
"""They are about one connection, and HTTP/2 forbids them (RFC 9113, section 8.2.2)."""


def read_head(raw: Iterable[tuple[bytes, bytes]]) -> tuple[int, dict[str, str]]:
    """Return status and fields of an HTTP/2 answer; raise `HeadError`."""
    status = b""
    fields: dict[str, str] = {}
    for raw_name, raw_value in raw:
        if raw_name == b":status" and not status and not fields:
            status = raw_value
        elif not raw_name or raw_name.translate(None, _OF_NAMES) or raw_value.translate(_WITHOUT_BREAKS) != raw_value:
            raise HeadError
        else:
            name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
    if len(status) != _STATUS_DIGITS or not status.isdigit() or not ONLY_IN_HTTP1.isdisjoint(fields):
        raise HeadError
    return int(status), fields
