import json

import pytest
from packaging.utils import canonicalize_name

from tests.builders import Listed, json_page, listed, make_sdist, make_wheel
from wheelpin.files import IndexFile, ProjectPage
from wheelpin.index.entries import ApiVersionError, PageAddress, PageUnreadableError
from wheelpin.index.simple_json import parse_json_page
from wheelpin.values import IndexUrl

ADDRESS = PageAddress(
    project=canonicalize_name("foo"),
    index=IndexUrl("https://index.example/simple/"),
    url="https://index.example/simple/foo/",
)
WHEEL = "foo-1.0-py3-none-any.whl"
DIGEST = "0123456789abcdef" * 4


def page_of(*entries: object, **keys: object) -> ProjectPage:
    return parse_json_page(json.dumps({"files": entries, **keys}).encode(), ADDRESS)


def entry(**keys: object) -> dict[str, object]:
    return {"filename": WHEEL, "url": f"https://files.example/{WHEEL}", "hashes": {"sha256": DIGEST}, **keys}


def file_of(**keys: object) -> IndexFile:
    page = page_of(entry(**keys))
    assert page.skipped == ()
    (file,) = page.files
    return file


def test_every_key_of_an_entry_is_read() -> None:
    file = Listed(
        filename=WHEEL,
        url=f"https://files.example/{WHEEL}",
        hashes={"sha256": DIGEST},
        requires_python=">=3.8",
        yanked="broken",
        size_bytes=1234,
        uploaded_at="2024-01-02T03:04:05.000006Z",
        sidecar=DIGEST,
        provenance="https://index.example/provenance",
    )
    page = parse_json_page(json_page("foo", [file], status="archived", reason="moved on"), ADDRESS)
    assert page == ProjectPage(
        project=ADDRESS.project,
        index=ADDRESS.index,
        files=(
            IndexFile(
                filename=WHEEL,
                url=f"https://files.example/{WHEEL}",
                sha256=DIGEST,  # type: ignore[arg-type]
                requires_python=">=3.8",
                yanked="broken",
                size_bytes=1234,
                uploaded_at="2024-01-02T03:04:05.000006Z",
                sidecar=DIGEST,
                provenance="https://index.example/provenance",
            ),
        ),
        status="archived",
        status_reason="moved on",
    )


def test_built_files_keep_their_order() -> None:
    files = [make_wheel("foo", "2.0"), make_sdist("foo", "2.0"), make_wheel("foo", "1.0")]
    body = json_page("foo", [listed(file, f"https://files.example/{file.filename}") for file in files])
    page = parse_json_page(body, ADDRESS)
    assert [(file.filename, file.sha256) for file in page.files] == [(file.filename, file.sha256) for file in files]


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        pytest.param("https://files.example/a/foo.whl", "https://files.example/a/foo.whl", id="absolute"),
        pytest.param("../../files/foo.whl", "https://index.example/files/foo.whl", id="relative to the page"),
        pytest.param("/files/foo.whl", "https://index.example/files/foo.whl", id="relative to the host"),
        pytest.param("//files.example/foo.whl", "https://files.example/foo.whl", id="relative to the scheme"),
        pytest.param("http://files.example/foo.whl", "http://files.example/foo.whl", id="without encryption"),
        pytest.param("https://files.example/foo.whl#sha256=ff", "https://files.example/foo.whl", id="a fragment goes"),
        pytest.param("https://me:pw@files.example/foo.whl", "https://files.example/foo.whl", id="credentials go"),
        pytest.param("https://files.example/foo.whl?sig=a%2Fb", "https://files.example/foo.whl?sig=a%2Fb", id="query"),
        pytest.param("https://files.example/f o\n.whl", "https://files.example/f%20o.whl", id="what breaks a line"),
        pytest.param("https://files.example/ü.whl", "https://files.example/%C3%BC.whl", id="beyond ASCII"),
        pytest.param("https://files.example/@scope/foo.whl", "https://files.example/@scope/foo.whl", id="@ in a path"),
        pytest.param("https://files.example/1%2B2.whl", "https://files.example/1%2B2.whl", id="encoded once only"),
    ],
)
def test_address_of_a_file(url: str, absolute: str) -> None:
    assert file_of(url=url).url == absolute


@pytest.mark.parametrize(
    ("key", "value", "field", "expected"),
    [
        pytest.param("yanked", True, "yanked", "", id="yanked without a reason"),
        pytest.param("yanked", "bad", "yanked", "bad", id="yanked with a reason"),
        pytest.param("yanked", False, "yanked", None, id="not yanked"),
        pytest.param("yanked", None, "yanked", None, id="yanked null is not yanked"),
        pytest.param("core-metadata", True, "sidecar", "", id="sidecar without a hash"),
        pytest.param("core-metadata", {"sha256": DIGEST.upper()}, "sidecar", DIGEST, id="sidecar with a hash"),
        pytest.param("core-metadata", {"md5": "00"}, "sidecar", "", id="sidecar with a hash of no use"),
        pytest.param("core-metadata", False, "sidecar", None, id="no sidecar"),
        pytest.param("dist-info-metadata", {"sha256": DIGEST}, "sidecar", DIGEST, id="sidecar by its old name"),
        pytest.param("hashes", {}, "sha256", None, id="no hash"),
        pytest.param("hashes", None, "sha256", None, id="hashes null"),
        pytest.param("hashes", {"sha256": DIGEST.upper()}, "sha256", DIGEST, id="hash in capitals"),
        pytest.param("hashes", {"md5": "AB" * 16}, "other_hashes", (("md5", "ab" * 16),), id="md5 only"),
        pytest.param("hashes", {"md5": "xyz"}, "other_hashes", (), id="md5 that is none"),
        pytest.param("requires-python", None, "requires_python", None, id="any Python"),
        pytest.param("requires-python", "", "requires_python", None, id="any Python, said in no words"),
        pytest.param("requires-python", ">=3.*", "requires_python", ">=3.*", id="a bad specifier is kept as written"),
        pytest.param("size", "12", "size_bytes", None, id="a size that is no number is no size"),
        pytest.param("size", -1, "size_bytes", None, id="a size below nothing is no size"),
        pytest.param("upload-time", 17, "uploaded_at", None, id="an upload time that is no text is none"),
    ],
)
def test_key_of_an_entry(key: str, value: object, field: str, expected: object) -> None:
    assert getattr(file_of(**{key: value}), field) == expected


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param(entry(filename="../foo-1.0.tar.gz"), "not a plain file name", id="a path"),
        pytest.param(entry(filename="C:foo-1.0.tar.gz"), "not a plain file name", id="a drive"),
        pytest.param(entry(filename="a\\foo-1.0.tar.gz"), "not a plain file name", id="a path on Windows"),
        pytest.param(entry(filename=".."), "neither a wheel nor an sdist", id="the parent folder"),
        pytest.param(entry(filename=""), "neither a wheel nor an sdist", id="no name"),
        pytest.param(entry(filename="foo-1.0-py2.7.egg"), "neither a wheel nor an sdist", id="an egg"),
        pytest.param(entry(filename="foo-1.0.win32.exe"), "neither a wheel nor an sdist", id="an installer"),
        pytest.param(entry(hashes={"sha256": "ff"}), "its sha256 is not 64 hexadecimal digits", id="half a hash"),
        pytest.param(entry(url="file:///etc/passwd"), "its address is neither http nor https", id="a local file"),
        pytest.param(entry(url="javascript:alert()"), "its address is neither http nor https", id="a script"),
        pytest.param(entry(url="http:///foo.whl"), "its address names no host", id="no host"),
        pytest.param(entry(url="https://[::1/foo.whl"), "Invalid IPv6 URL", id="half a host"),
        pytest.param(entry(url=None), "Expected `str`, got `null` - at `$.url`", id="no address"),
        pytest.param(
            entry(**{"requires-python": 3}), "Expected `str | null`, got `int`", id="a Python that is no text"
        ),
        pytest.param("foo", "Expected `object`, got `str`", id="no entry at all"),
    ],
)
def test_one_bad_entry_is_skipped_with_a_reason(bad: object, reason: str) -> None:
    page = page_of(entry(), bad, entry(filename="foo-1.0.tar.gz"))
    assert [file.filename for file in page.files] == [WHEEL, "foo-1.0.tar.gz"]
    (skipped,) = page.skipped
    assert skipped.reason.startswith(reason)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "truncated", id="nothing"),
        pytest.param(b"\x00\xff gateway", "malformed", id="garbage"),
        pytest.param(b'{"files": [{"filename": "foo-1', "truncated", id="cut off"),
        pytest.param(b'{"meta": {}}', "missing required field `files`", id="no files"),
        pytest.param(b'{"files": {}}', "got `object`", id="files that are no list"),
        pytest.param(b'{"x": ' + b"[" * 100_000, "recursion", id="nested without end"),
    ],
)
def test_body_that_is_no_page(body: bytes, reason: str) -> None:
    with pytest.raises(PageUnreadableError) as caught:
        parse_json_page(body, ADDRESS)
    assert caught.value.url == ADDRESS.url
    assert reason in caught.value.reason


@pytest.mark.parametrize("version", ["1.0", "1.99", "1", 1.4, None, "", "odd"])
def test_known_and_unsaid_versions_are_read(version: object) -> None:
    assert len(page_of(entry(), meta={"api-version": version}).files) == 1


@pytest.mark.parametrize("version", ["2.0", "2", "10.1", 2.0])
def test_another_major_version_stops(version: object) -> None:
    with pytest.raises(ApiVersionError, match=r"speaks version \d+\S* of the simple API"):
        page_of(entry(), meta={"api-version": version})


@pytest.mark.parametrize(
    ("marker", "status", "reason"),
    [
        pytest.param(None, "active", None, id="none"),
        pytest.param({"status": "quarantined", "reason": "malware"}, "quarantined", "malware", id="quarantined"),
        pytest.param({"status": "deprecated"}, "deprecated", None, id="deprecated without a reason"),
        pytest.param({"status": "sleeping"}, "active", None, id="one that the standard does not know"),
        pytest.param({"status": ["x"], "reason": 1}, "active", None, id="nonsense"),
        pytest.param("archived", "active", None, id="not an object"),
    ],
)
def test_status_marker(marker: object, status: str, reason: str | None) -> None:
    page = page_of(**{"project-status": marker})
    assert (page.status, page.status_reason) == (status, reason)
