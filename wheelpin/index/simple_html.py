"""Read the HTML form of a project page (PEP 503, 592, 629, 658, 714, 740, 792) and find-links pages."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin

from wheelpin.files import IndexFile, ProjectPage, SkippedEntry
from wheelpin.index.entries import (
    PageAddress,
    PageUnreadableError,
    as_sha256,
    check_api_version,
    file_address,
    filename_fault,
    known_status,
    other_hashes,
)

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

_LOOKS_LIKE_HTML = re.compile(rb"<(?:!doctype|html|head|body|a)\b", re.IGNORECASE)
_OPENS_DOCUMENT = re.compile(rb"<(?:html|body)\b", re.IGNORECASE)
_CLOSES_DOCUMENT = re.compile(rb"</(?:html|body)\s*>", re.IGNORECASE)

Attributes = Mapping[str, str | None]


def parse_html_page(body: bytes, address: PageAddress) -> ProjectPage:
    """Read the page; a link that cannot be a file is skipped with a reason, one that leads elsewhere is left out.

    Raise `PageUnreadableError` for a body that is no such page or breaks off, `ApiVersionError` for one of another
    major version.
    """
    tree = _parse(body, address.url)
    metas = _metas(tree)
    check_api_version(address.url, metas.get("pypi:repository-version", "1.0"))
    skipped: list[SkippedEntry] = []
    files = tuple(_files(tree, address.url, skipped))
    if not files and not skipped and tree.css_first("form") is not None:
        raise PageUnreadableError(address.url, "it is a form for people, perhaps to log in")
    return ProjectPage(
        project=address.project,
        index=address.index,
        files=files,
        status=known_status(metas.get("pypi:project-status")),
        status_reason=metas.get("pypi:project-status-reason"),
        skipped=tuple(skipped),
    )


def _parse(body: bytes, url: str) -> "LexborHTMLParser":
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415 - 17 ms that JSON need not pay

    if not _LOOKS_LIKE_HTML.search(body):
        raise PageUnreadableError(url, "it is neither JSON nor HTML")
    # End tags may be left out in HTML, but who writes <html> writes </html>: a page without it lost its end,
    # and with it perhaps the newest files. One that ends inside a tag did in any case.
    if body.rfind(b"<") > body.rfind(b">") or (_OPENS_DOCUMENT.search(body) and not _CLOSES_DOCUMENT.search(body)):
        raise PageUnreadableError(url, "it breaks off in the middle")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    try:
        return LexborHTMLParser(text)
    except (SelectolaxError, ValueError) as error:
        raise PageUnreadableError(url, str(error)) from error


def _metas(tree: "LexborHTMLParser") -> dict[str, str]:
    """Return the page's ``<meta name=… content=…>``, names in lower case, the first of each."""
    found: dict[str, str] = {}
    for node in tree.css("meta[name][content]"):
        found.setdefault((node.attributes["name"] or "").lower(), node.attributes["content"] or "")
    return found


def _files(tree: "LexborHTMLParser", page_url: str, skipped: list[SkippedEntry]) -> Iterable[IndexFile]:
    base = _base(tree, page_url)
    for node in tree.css("a[href]"):
        attributes = node.attributes
        href = (attributes["href"] or "").strip()
        address, _, fragment = href.partition("#")
        path = address.partition("?")[0]
        if not path or path.endswith("/"):
            continue  # up, down, or sorted otherwise: the page's own furniture
        # Decoded once: a name that still holds %2F then is a name with a percent sign, never a path.
        filename = unquote(path.rpartition("/")[2])
        try:
            yield _file(filename, file_address(address, base), fragment, attributes)
        except ValueError as error:
            skipped.append(SkippedEntry(filename, str(error)))


def _base(tree: "LexborHTMLParser", page_url: str) -> str:
    """Return where relative links start: at ``<base href>``, if the page has a sensible one."""
    node = tree.css_first("base[href]")
    try:
        return page_url if node is None else urljoin(page_url, (node.attributes["href"] or "").strip())
    except ValueError:
        return page_url


def _file(filename: str, url: str, fragment: str, attributes: Attributes) -> IndexFile:
    """Check one link and turn it around; raise `ValueError` with the reason against it."""
    if (fault := filename_fault(filename)) is not None:
        raise ValueError(fault)
    hashes = dict(_assignments(fragment))
    sha256 = hashes.get("sha256")
    offered = attributes.get("data-core-metadata", attributes.get("data-dist-info-metadata"))
    return IndexFile(
        filename=filename,
        url=url,
        sha256=None if sha256 is None else as_sha256(sha256),
        other_hashes=() if sha256 is not None else other_hashes(hashes.items()),
        requires_python=attributes.get("data-requires-python") or None,
        yanked=(attributes["data-yanked"] or "") if "data-yanked" in attributes else None,
        uploaded_at=attributes.get("data-upload-time"),
        sidecar=None if offered in (None, "", "false") else _sidecar_hash(offered),
        provenance=attributes.get("data-provenance"),
    )


def _assignments(fragment: str) -> Iterable[tuple[str, str]]:
    """Take ``sha256=…&egg=…`` apart."""
    for part in fragment.split("&"):
        key, separator, value = part.partition("=")
        if separator:
            yield key.lower(), value


def _sidecar_hash(offered: str) -> str:
    """Return the sidecar's sha256, ``""`` without one that could be checked (``true``)."""
    algorithm, _, digest = offered.partition("=")
    try:
        return as_sha256(digest) if algorithm == "sha256" else ""
    except ValueError:
        return ""
