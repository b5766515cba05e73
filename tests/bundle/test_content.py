"""Members are unpacked to the byte, by whichever library is at hand."""

import hashlib
import random
import zlib
from collections.abc import Iterator

import pytest

from wheelpin.bundle import content
from wheelpin.bundle.content import ContentCheck
from wheelpin.bundle.refusal import WheelRefusedError
from wheelpin.bundle.zip_directory import DEFLATED, ZipEntry
from wheelpin.values import Sha256

PIECE = 120 * 1024


@pytest.fixture(params=["zlib", "isal.isal_zlib"])
def _engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    library = pytest.importorskip(request.param, reason=f"{request.param} is not installed")
    monkeypatch.setattr(content, "new_inflater", library.decompressobj)
    monkeypatch.setattr(content, "InflateError", library.error)


def deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def check_of(body: bytes, packed: bytes) -> ContentCheck:
    entry = ZipEntry(
        name="a",
        method=DEFLATED,
        crc=zlib.crc32(body),
        compressed_bytes=len(packed),
        size_bytes=len(body),
        mode=0,
        data_start=0,
    )
    return ContentCheck(entry, "demo-1.0-py3-none-any.whl", Sha256(hashlib.sha256(body).hexdigest()))


def unpacked(check: ContentCheck, packed: bytes, *, read_bytes: int) -> Iterator[bytes]:
    for start in range(0, len(packed), read_bytes):
        yield from check.unpack(packed[start : start + read_bytes])
    check.finish()


ZEROS = [bytes(PIECE * count + more) for count in (1, 2) for more in (-1, 0, 1, 5, 258, 259)]
BODIES = [b"", b"a", *ZEROS, random.Random(1).randbytes(PIECE + 1), b"some text\n" * 300_000]


@pytest.mark.usefixtures("_engine")
@pytest.mark.parametrize("read_bytes", [997, 256 * 1024])
@pytest.mark.parametrize("body", BODIES, ids=len)
def test_every_byte_comes_in_pieces_of_bounded_size(body: bytes, read_bytes: int) -> None:
    packed = deflated(body)
    pieces = list(unpacked(check_of(body, packed), packed, read_bytes=read_bytes))
    assert b"".join(pieces) == body
    assert max(map(len, pieces), default=0) <= PIECE


@pytest.mark.usefixtures("_engine")
@pytest.mark.parametrize("read_bytes", [1, 3, 256 * 1024])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(lambda packed: packed + b"x", "its compressed data ends before its bytes do", id="stray byte"),
        pytest.param(lambda packed: packed + bytes(40), "its compressed data ends before its bytes do", id="more"),
        pytest.param(lambda packed: packed[:-1], "its compressed data breaks off", id="cut"),
        pytest.param(lambda packed: b"\xff" + packed, "its compressed data is broken", id="noise"),
    ],
)
def test_anything_but_the_very_stream_is_refused(change: object, reason: str, read_bytes: int) -> None:
    body = b"some text\n" * 30
    packed = change(deflated(body))  # type: ignore[operator]  # a function of the table
    with pytest.raises(WheelRefusedError, match=reason):
        list(unpacked(check_of(body, packed), packed, read_bytes=read_bytes))


@pytest.mark.usefixtures("_engine")
def test_more_than_announced_is_refused_at_once() -> None:
    packed = deflated(bytes(100 * PIECE))
    check = check_of(bytes(PIECE), packed)
    with pytest.raises(WheelRefusedError, match=f"more than the {PIECE:,} bytes"):
        list(unpacked(check, packed, read_bytes=256 * 1024))
