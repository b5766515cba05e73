"""Read bodies without trusting their length or their compression."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from wheelpin.transport.failures import TooLargeError, Transient, UnreachableError, UnreadableAnswerError

_Bytes = TypeVar("_Bytes", bytes, bytes | memoryview)

_MAGIC = b"\x1f\x8b"
"""What gzip data begins with (RFC 1952)."""


def capped(chunks: Iterable[_Bytes], *, url: str, max_bytes: int) -> Iterator[_Bytes]:
    """Pass *chunks* on until there are more than *max_bytes*."""
    total_bytes = 0
    for chunk in chunks:
        total_bytes += len(chunk)
        if total_bytes > max_bytes:
            raise _too_large(url, max_bytes)
        yield chunk


def is_gzip(encoding: str) -> bool:
    """Tell whether a Content-Encoding says that the body is gzip data."""
    return encoding.strip().lower() in {"gzip", "x-gzip"}


def read_body(chunks: Iterable[bytes | memoryview], *, encoding: str, url: str, max_bytes: int) -> bytes:
    """Join *chunks* and undo their Content-Encoding; *max_bytes* holds before and after that."""
    raw = capped(chunks, url=url, max_bytes=max_bytes)
    match encoding.strip().lower():
        case "" | "identity":
            return b"".join(raw)
        case _ if is_gzip(encoding):
            return _gunzip(raw, url=url, max_bytes=max_bytes)
        case _:
            raise UnreadableAnswerError(url, f"the body is encoded as {encoding!r}, which was not asked for")


def _gunzip(chunks: Iterable[bytes | memoryview], *, url: str, max_bytes: int) -> bytes:
    from wheelpin.inflate import GZIP, InflateError, new_inflater  # noqa: PLC0415 - the first body loads it

    pieces: list[bytes] = []
    room_bytes = max_bytes
    inflater = None
    magic = b""
    try:
        for chunk in chunks:
            rest = chunk
            magic += chunk[: len(_MAGIC) - len(magic)]
            while rest:
                if inflater is None or inflater.eof:  # RFC 1952: one member may follow another
                    inflater = new_inflater(GZIP)
                # One byte of room more than allowed tells a bomb from a body that just fits.
                piece = inflater.decompress(rest, room_bytes + 1)
                room_bytes -= len(piece)
                if room_bytes < 0:
                    raise _too_large(url, max_bytes)
                pieces.append(piece)
                rest = inflater.unused_data
    except InflateError:
        raise _no_gzip(url) from None
    if not _MAGIC.startswith(magic):  # ISA-L says nothing before it has a whole header
        raise _no_gzip(url)
    # No body at all is none to decode: servers name the encoding in 304 and 404 answers too.
    if inflater is not None and not inflater.eof:
        raise Transient(UnreachableError(url, "the answer broke off"))
    return b"".join(pieces)


def _no_gzip(url: str) -> UnreadableAnswerError:
    return UnreadableAnswerError(url, "the body is not the gzip data it is said to be")


def _too_large(url: str, max_bytes: int) -> TooLargeError:
    return TooLargeError(url, f"the body has more than {max_bytes:,} bytes")
