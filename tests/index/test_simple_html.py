import pytest
from packaging.utils import canonicalize_name

from tests.builders import Listed, html_page
from wheelpin.files import IndexFile, ProjectPage
from wheelpin.index.entries import ApiVersionError, PageAddress, PageUnreadableError
from wheelpin.index.simple_html import parse_html_page
from wheelpin.values import IndexUrl, Sha256

ADDRESS = PageAddress(
    project=canonicalize_name("foo"),
    index=IndexUrl("https://index.example/simple/"),
    url="https://index.example/simple/foo/",
)
WHEEL = "foo-1.0-py3-none-any.whl"
DIGEST = Sha256("0123456789abcdef" * 4)


def page_of(body: str) -> ProjectPage:
    return parse_html_page(f"<!DOCTYPE html><html><body>{body}</body></html>".encode(), ADDRESS)


def file_of(anchor: str) -> IndexFile:
    page = page_of(anchor)
    assert page.skipped == ()
    (file,) = page.files
    return file


def test_every_attribute_is_read() -> None:
    file = Listed(
        filename=WHEEL,
        url=f"../../files/{WHEEL}",
        hashes={"sha256": DIGEST},
        requires_python=">=3.8,<4",
        yanked='broken "badly"',
        uploaded_at="2024-01-02T03:04:05Z",
        sidecar=DIGEST,
        provenance="https://index.example/provenance",
    )
    page = parse_html_page(html_page("foo", [file], status="deprecated", reason="use <bar>"), ADDRESS)
    assert page == ProjectPage(
        project=ADDRESS.project,
        index=ADDRESS.index,
        files=(
            IndexFile(
                filename=WHEEL,
                url=f"https://index.example/files/{WHEEL}",
                sha256=DIGEST,
                requires_python=">=3.8,<4",
                yanked='broken "badly"',
                uploaded_at="2024-01-02T03:04:05Z",
                sidecar=DIGEST,
                provenance="https://index.example/provenance",
            ),
        ),
        status="deprecated",
        status_reason="use <bar>",
    )


@pytest.mark.parametrize(
    ("anchor", "filename", "url"),
    [
        pytest.param(
            f'<a href="https://files.example/{WHEEL}">x</a>', WHEEL, f"https://files.example/{WHEEL}", id="absolute"
        ),
        pytest.param(
            f"<A HREF='{WHEEL}'>x</A>", WHEEL, f"https://index.example/simple/foo/{WHEEL}", id="beside the page"
        ),
        pytest.param(
            f'<a rel="internal" href=" /f/{WHEEL} " >', WHEEL, f"https://index.example/f/{WHEEL}", id="spaces around"
        ),
        pytest.param(
            '<a href="/f/foo-1.0%2Bcpu-py3-none-any.whl">x</a>',
            "foo-1.0+cpu-py3-none-any.whl",
            "https://index.example/f/foo-1.0%2Bcpu-py3-none-any.whl",
            id="a name is decoded, its address is not",
        ),
        pytest.param(
            '<a href="/f/foo-1.0%252Bcpu-py3-none-any.whl">x</a>',
            "foo-1.0%2Bcpu-py3-none-any.whl",
            "https://index.example/f/foo-1.0%252Bcpu-py3-none-any.whl",
            id="a name is decoded once",
        ),
        pytest.param(
            f'<a href="/f/{WHEEL}?a=1&amp;b=2">x</a>', WHEEL, f"https://index.example/f/{WHEEL}?a=1&b=2", id="a query"
        ),
        pytest.param(
            f'<base href="https://mirror.example/all/"><a href="{WHEEL}">x</a>',
            WHEEL,
            f"https://mirror.example/all/{WHEEL}",
            id="base",
        ),
        pytest.param(
            f'<base href="../pool/"><a href="{WHEEL}">x</a>',
            WHEEL,
            f"https://index.example/simple/pool/{WHEEL}",
            id="relative base",
        ),
        pytest.param(
            f'<base href="http://[nonsense"><a href="{WHEEL}">x</a>',
            WHEEL,
            f"https://index.example/simple/foo/{WHEEL}",
            id="a base that is no address",
        ),
    ],
)
def test_link(anchor: str, filename: str, url: str) -> None:
    file = file_of(anchor)
    assert (file.filename, file.url) == (filename, url)


@pytest.mark.parametrize(
    ("fragment", "sha256", "others"),
    [
        pytest.param("", None, (), id="none"),
        pytest.param(f"#sha256={DIGEST}", DIGEST, (), id="sha256"),
        pytest.param(f"#sha256={DIGEST.upper()}", DIGEST, (), id="sha256 in capitals"),
        pytest.param(f"#egg=foo&amp;sha256={DIGEST}", DIGEST, (), id="among others"),
        pytest.param(f"#md5={'0a' * 16}", None, (("md5", "0a" * 16),), id="md5"),
        pytest.param(f"#sha512={'0a' * 64}", None, (("sha512", "0a" * 64),), id="sha512"),
        pytest.param("#md5=what", None, (), id="md5 that is none"),
        pytest.param("#crc=00", None, (), id="an unknown algorithm"),
    ],
)
def test_hash_in_the_fragment(fragment: str, sha256: str | None, others: tuple[tuple[str, str], ...]) -> None:
    file = file_of(f'<a href="{WHEEL}{fragment}">x</a>')
    assert (file.sha256, file.other_hashes) == (sha256, others)


@pytest.mark.parametrize(
    ("attribute", "field", "expected"),
    [
        pytest.param("data-yanked", "yanked", "", id="yanked without a value"),
        pytest.param('data-yanked=""', "yanked", "", id="yanked without a reason"),
        pytest.param('data-yanked="bad &amp; old"', "yanked", "bad & old", id="yanked with a reason"),
        pytest.param("", "yanked", None, id="not yanked"),
        pytest.param('data-requires-python="&gt;=3.6"', "requires_python", ">=3.6", id="Python with entities"),
        pytest.param("data-requires-python", "requires_python", None, id="any Python, said in no words"),
        pytest.param('data-requires-python=">=3.6"', "requires_python", ">=3.6", id="Python without entities"),
        pytest.param(f'data-core-metadata="sha256={DIGEST}"', "sidecar", DIGEST, id="sidecar with a hash"),
        pytest.param('data-core-metadata="true"', "sidecar", "", id="sidecar without a hash"),
        pytest.param('data-core-metadata="md5=00"', "sidecar", "", id="sidecar with a hash of no use"),
        pytest.param('data-core-metadata="false"', "sidecar", None, id="no sidecar"),
        pytest.param(f'data-dist-info-metadata="sha256={DIGEST}"', "sidecar", DIGEST, id="sidecar by its old name"),
        pytest.param('data-gpg-sig="true" data-x="y"', "sidecar", None, id="unknown attributes"),
    ],
)
def test_attribute(attribute: str, field: str, expected: str | None) -> None:
    assert getattr(file_of(f'<a href="{WHEEL}" {attribute}>x</a>'), field) == expected


@pytest.mark.parametrize(
    ("href", "reason"),
    [
        pytest.param("foo-1.0-py2.7.egg", "neither a wheel nor an sdist", id="an egg"),
        pytest.param("..%2f..%2fetc%2ffoo.whl", "not a plain file name", id="a path in disguise"),
        pytest.param(
            "ftp://files.example/foo-1.0.tar.gz", "its address is neither http nor https", id="no web address"
        ),
        pytest.param("file:///home/foo-1.0.tar.gz", "its address is neither http nor https", id="a local file"),
        pytest.param("http://[half/foo-1.0.tar.gz", "Invalid IPv6 URL", id="half a host"),
        pytest.param("foo-1.0.tar.gz#sha256=ff", "its sha256 is not 64 hexadecimal digits", id="half a hash"),
    ],
)
def test_one_bad_link_is_skipped_with_a_reason(href: str, reason: str) -> None:
    page = page_of(f'<a href="{href}">x</a><a href="{WHEEL}">y</a>')
    assert [file.filename for file in page.files] == [WHEEL]
    assert [entry.reason for entry in page.skipped] == [reason]


@pytest.mark.parametrize("href", ["../", "/", "?C=M;O=A", "#top", "https://index.example/", ""])
def test_the_page_s_own_furniture_is_no_file(href: str) -> None:
    page = page_of(f'<a href="{href}">x</a>')
    assert (page.files, page.skipped) == ((), ())


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f'<a href="{WHEEL}">x</a>', id="nothing but links"),
        pytest.param(f'<!doctype html><a href="{WHEEL}">x</a><br>', id="end tags left out"),
        pytest.param(f'<html><body><a href="{WHEEL}">x</a></body></html>\n<!-- made at noon -->', id="a comment after"),
        pytest.param(f'\ufeff<html><a href="{WHEEL}">x</a></html>', id="byte order mark"),
    ],
)
def test_whole_page(body: str) -> None:
    assert len(parse_html_page(body.encode(), ADDRESS).files) == 1


def test_page_in_an_old_encoding() -> None:
    body = f'<html><a href="{WHEEL}" data-yanked="défaut">x</a></html>'.encode("latin-1")
    assert parse_html_page(body, ADDRESS).files[0].yanked == "défaut"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "it is neither JSON nor HTML", id="nothing"),
        pytest.param(b"\x89PNG\xff\x00", "it is neither JSON nor HTML", id="garbage"),
        pytest.param(b"502 bad gateway", "it is neither JSON nor HTML", id="words"),
        pytest.param(b'<html><body><a href="foo-1.0.tar.gz">x</a>', "it breaks off in the middle", id="no end"),
        pytest.param(b'<a href="foo-1.0.tar.gz">x</a><a href="foo-', "it breaks off in the middle", id="half a tag"),
        pytest.param(
            b"<html><body><form><input name=user></form></body></html>",
            "it is a form for people, perhaps to log in",
            id="a login page",
        ),
    ],
)
def test_body_that_is_no_page(body: bytes, reason: str) -> None:
    with pytest.raises(PageUnreadableError) as caught:
        parse_html_page(body, ADDRESS)
    assert (caught.value.url, caught.value.reason) == (ADDRESS.url, reason)


def test_a_page_without_files_is_a_page() -> None:
    assert page_of("<h1>Links for foo</h1>").files == ()


@pytest.mark.parametrize(("version", "stops"), [("1.0", False), ("1.9", False), ("2.0", True), ("odd", False)])
def test_version_of_the_api(version: str, stops: bool) -> None:
    body = html_page("foo", [], version=version)
    if stops:
        with pytest.raises(ApiVersionError):
            parse_html_page(body, ADDRESS)
    else:
        assert parse_html_page(body, ADDRESS).files == ()
