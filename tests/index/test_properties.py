"""Whatever bytes come, nothing but an error of ours; and what the cache holds is what was read."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from tests.builders import Listed, html_page, json_page, make_wheel
from tests.index.opening import NOW, Notes
from wheelpin.cache import Cache
from wheelpin.errors import WheelpinError
from wheelpin.files import CoreMetadata
from wheelpin.index.access import Access
from wheelpin.index.entries import ApiVersionError, PageAddress
from wheelpin.index.metadata import parse_metadata
from wheelpin.index.once import finished
from wheelpin.index.pages import Pages
from wheelpin.index.simple_html import parse_html_page
from wheelpin.index.simple_json import parse_json_page
from wheelpin.index.wheel_metadata import ArchiveView, read_wheel_metadata
from wheelpin.ports import Request, Response, StreamedResponse
from wheelpin.transport.failures import FetchError
from wheelpin.values import IndexUrl

ADDRESS = PageAddress(
    project=canonicalize_name("foo"),
    index=IndexUrl("https://index.example/simple/"),
    url="https://index.example/simple/foo/",
)
WHEEL = make_wheel("foo", requires=["bar"])
THOROUGH = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(max_size=12)
names = st.sampled_from(["foo-1.0-py3-none-any.whl", "foo-1.0.tar.gz", "x.egg", "../foo.whl", "foo-ü.zip"]) | texts
values = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.lists(texts, max_size=2)
hashes = st.dictionaries(st.sampled_from(["sha256", "md5", "sha512", "crc"]), st.just("ab" * 32) | texts, max_size=2)
urls = st.sampled_from(["https://files.example/x", "../x", "http://[", "//x\n", "https://a[b/", "x?y=z"]) | texts

odd_entries = st.fixed_dictionaries(
    {},
    optional={
        "filename": names | values,
        "url": urls | values,
        "hashes": hashes | values,
        "requires-python": values,
        "yanked": values,
        "size": values,
        "upload-time": values,
        "core-metadata": hashes | values,
        "provenance": values,
    },
)

files = st.builds(
    Listed,
    filename=names,
    url=urls,
    hashes=st.dictionaries(st.sampled_from(["sha256", "md5"]), st.just("ab" * 32) | texts, max_size=1),
    requires_python=st.none() | texts,
    yanked=st.none() | texts,
    size_bytes=st.none() | st.integers(0, 2**40),
    uploaded_at=st.none() | texts,
    sidecar=st.none() | st.just("cd" * 32) | st.just(""),
    provenance=st.none() | texts,
)


def error_of(read: Callable[[], object]) -> WheelpinError | None:
    """Return the error that *read* ends with, if it is one of ours; others end the test."""
    try:
        read()
    except WheelpinError as error:
        return error
    return None


def damaged(body: bytes, at: int, by: bytes) -> bytes:
    at %= len(body)
    return body[:at] + by + body[at + len(by) :]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b'{"files": [' + b'{"filename":' * 5000)
@example(b"<" * 100_000)
@example(b"<a>" * 20_000)
@THOROUGH
def test_arbitrary_bytes_raise_nothing_else_from_the_readers(body: bytes) -> None:
    for read in (
        lambda: parse_json_page(body, ADDRESS),
        lambda: parse_html_page(body, ADDRESS),
        lambda: parse_html_page(b"<html>" + body + b"</html>", ADDRESS),
        lambda: parse_metadata(body, WHEEL.filename),
        lambda: read_wheel_metadata(ArchiveView(len(body), lambda start, stop: body[start:stop]), WHEEL.filename),
    ):
        error = error_of(read)
        assert error is None or str(error)


@given(st.lists(odd_entries, max_size=4), values, values)
@THOROUGH
def test_odd_json_raises_nothing_else(entries: list[object], meta: object, status: object) -> None:
    for meta_said in (meta, {"api-version": meta}):
        body = msgspec.json.encode({"files": entries, "meta": meta_said, "project-status": {"status": status}})
        try:
            page = parse_json_page(body, ADDRESS)
        except ApiVersionError:
            continue
        assert len(page.files) + len(page.skipped) == len(entries)


@given(st.lists(files, max_size=4), st.integers(0), st.binary(min_size=1, max_size=3))
@THOROUGH
def test_damaged_page_raises_nothing_else(listing: list[Listed], at: int, by: bytes) -> None:
    for body, parse in ((json_page("foo", listing), parse_json_page), (html_page("foo", listing), parse_html_page)):
        try:
            page = parse(damaged(body, at, by), ADDRESS)
        except WheelpinError:
            continue
        for file in page.files:
            assert "/" not in file.filename
            assert file.url.startswith(("https://", "http://"))
            assert file.url.isascii()
            assert file.url.isprintable()
            assert " " not in file.url


@given(st.integers(0), st.binary(min_size=1, max_size=8), st.integers(0), st.binary(min_size=1, max_size=4))
@THOROUGH
def test_damaged_wheel_raises_nothing_else(at: int, by: bytes, at_end: int, by_end: bytes) -> None:
    # The second wound hits the central directory, where zipfile believes most.
    directory = WHEEL.body.index(b"PK\x01\x02")
    body = damaged(WHEEL.body, at, by)
    body = body[:directory] + damaged(body[directory:], at_end, by_end)
    view = ArchiveView(len(body), lambda start, stop: body[start:stop])
    error = error_of(lambda: read_wheel_metadata(view, WHEEL.filename))
    assert error is None or WHEEL.filename in str(error)


class Answering:
    """A transport with one answer, and then none."""

    def __init__(self, response: Response) -> None:
        self._responses = [response]

    def fetch(self, request: Request) -> Future[Response]:
        if not self._responses:
            raise FetchError(request.url, "was asked for twice")
        return finished(self._responses.pop())

    def expect(self, url: str) -> None:
        pass

    def stream(self, request: Request) -> StreamedResponse:
        raise FetchError(request.url, "nothing is streamed here")


@given(st.lists(files, max_size=4), st.sampled_from(["json", "html"]))
@THOROUGH
def test_page_from_the_cache_equals_the_one_read_afresh(listing: list[Listed], form: str) -> None:
    body = (json_page if form == "json" else html_page)("foo", listing)
    response = Response(status=200, url=ADDRESS.url, headers={"content-type": f"text/{form}"}, body=body)
    with TemporaryDirectory() as folder:
        access = Access(
            transport=Answering(response),  # type: ignore[arg-type]
            cache=Cache(Path(folder), Notes()),
            reporter=Notes(),
            now=NOW,
        )
        pages = Pages(access)
        afresh = pages.future(ADDRESS).result()
        pages.keep()
        assert Pages(access).future(ADDRESS).result() == afresh


@given(
    st.builds(
        CoreMetadata,
        name=texts,
        version=texts,
        requires_python=st.none() | texts,
        requires_dist=st.lists(texts).map(tuple),
        provides_extra=st.lists(texts).map(tuple),
    )
)
def test_metadata_from_the_cache_equals_what_was_read(metadata: CoreMetadata) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(metadata), type=CoreMetadata) == metadata
