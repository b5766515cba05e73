"""Bodies are read as far as they are allowed to go, by whichever library unpacks them."""

import gzip
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wheelpin import inflate
from wheelpin.transport.bodies import read_body
from wheelpin.transport.failures import TooLargeError, Transient, UnreadableAnswerError

URL = "https://index.example/simple/flask/"
PAGE = b"a page of an index, " * 5_000
ZIPPED = gzip.compress(PAGE)

engines = pytest.mark.usefixtures("engine")


@pytest.fixture(params=["zlib", "isal.isal_zlib"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    library = pytest.importorskip(request.param, reason=f"{request.param} is not installed")
    monkeypatch.setattr(inflate, "new_inflater", library.decompressobj)
    monkeypatch.setattr(inflate, "InflateError", library.error)


def unzipped(*chunks: bytes, max_bytes: int = len(PAGE)) -> bytes:
    return read_body(chunks, encoding="gzip", url=URL, max_bytes=max_bytes)


@engines
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cuts=st.lists(st.integers(0, len(ZIPPED)), max_size=5), members=st.integers(1, 3))
def test_how_a_body_is_cut_matters_to_nothing(cuts: list[int], members: int) -> None:
    whole = ZIPPED * members
    ends = [*sorted(cuts), len(whole)]
    chunks = [whole[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    assert unzipped(*chunks, max_bytes=len(PAGE) * 3) == PAGE * members


@engines
@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP "])
def test_body_that_just_fits_is_read(encoding: str) -> None:
    assert read_body([ZIPPED], encoding=encoding, url=URL, max_bytes=len(PAGE)) == PAGE


@engines
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(ZIPPED, id="one byte too many"),
        pytest.param(gzip.compress(bytes(50_000_000)), id="a bomb"),
        pytest.param(gzip.compress(b"x") * 200_000, id="many members"),
    ],
)
def test_body_that_unpacks_to_too_much_is_given_up(body: bytes) -> None:
    with pytest.raises(TooLargeError, match="more than 99,999 bytes"):
        unzipped(body, max_bytes=len(PAGE) - 1)


@engines
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"not gzip data at all", id="another thing"),
        pytest.param(ZIPPED[:-8] + b"nope" + ZIPPED[-4:], id="a wrong checksum"),
        pytest.param(ZIPPED[:-4] + b"nope", id="a wrong length"),
        pytest.param(ZIPPED[:12] + b"\xff\xff\xff" + ZIPPED[15:], id="broken within"),
        pytest.param(ZIPPED + b"and a rest", id="something after it"),
    ],
)
def test_body_that_cannot_be_unpacked_is_said_to_be_so(body: bytes) -> None:
    with pytest.raises(UnreadableAnswerError, match="not the gzip data"):
        unzipped(body)


@engines
@pytest.mark.parametrize("body", [ZIPPED[:-1], ZIPPED[:-9], ZIPPED[:5], ZIPPED + ZIPPED[:3]], ids=len)
def test_body_that_breaks_off_may_be_whole_the_next_time(body: bytes) -> None:
    with pytest.raises(Transient):
        unzipped(body, max_bytes=10**6)


def test_other_encodings_are_refused() -> None:
    with pytest.raises(UnreadableAnswerError, match="'br'"):
        read_body([zlib.compress(PAGE)], encoding="br", url=URL, max_bytes=10**6)
