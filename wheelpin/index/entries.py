"""What the readers of index pages share: which entries may be files, and what a page may do wrong."""

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from msgspec import Struct
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from wheelpin.errors import IndexUnavailableError
from wheelpin.files import IndexFile
from wheelpin.values import IndexUrl, Sha256, without_secrets


class PageAddress(Struct, frozen=True, kw_only=True):
    """Which page a body is: whose, on which index, and where it came from in the end."""

    project: NormalizedName
    index: IndexUrl
    url: str
    """After redirects; relative addresses in the body start here."""


class PageUnreadableError(IndexUnavailableError):
    """An index answered with something that is no page."""

    def __init__(self, url: str, reason: str) -> None:
        url = without_secrets(url)
        super().__init__(url, reason)
        self.url, self.reason = url, reason

    def __str__(self) -> str:
        return f"{self.url} is no readable index page: {self.reason}"


class ApiVersionError(IndexUnavailableError):
    """An index speaks a version of the simple API that nobody here knows (PEP 629)."""

    hint = "a newer wheelpin may know it"

    def __init__(self, url: str, version: str) -> None:
        url = without_secrets(url)
        super().__init__(url, version)
        self.url, self.version = url, version

    def __str__(self) -> str:
        return f"{self.url} speaks version {self.version} of the simple API; wheelpin knows version 1"


def check_api_version(url: str, version: object) -> None:
    """Stop at a major version past 1; what is no version at all is taken for 1 (PEP 629)."""
    major = str(version).partition(".")[0]
    if major.isascii() and major.isdigit() and int(major[:9]) > 1:
        raise ApiVersionError(url, str(version)[:40])


_STATUSES = frozenset({"active", "archived", "deprecated", "quarantined"})


def known_status(status: object) -> str:
    """Return a status marker as PEP 792 has it; one that it does not have says nothing."""
    return status if isinstance(status, str) and status in _STATUSES else "active"


def filename_fault(filename: str) -> str | None:
    """Say why *filename* cannot be the name of a distribution file, or None."""
    # A colon makes a drive or a stream of it on Windows. Plain tests, because pages have thousands of names.
    if "/" in filename or "\\" in filename or ":" in filename or " " in filename or not filename.isprintable():
        return "not a plain file name"
    if filename.endswith((".whl", ".tar.gz")) or IndexFile(filename=filename, url="").is_sdist:
        return None
    return "neither a wheel nor an sdist"


def project_of(filename: str) -> NormalizedName:
    """Return whose file *filename* is by its name, where no page says it.

    An old sdist's name may hold dashes anywhere; its version is taken for what follows the last one.
    """
    if filename.endswith(".whl"):
        return canonicalize_name(filename.partition("-")[0])
    return canonicalize_name(filename.rpartition("-")[0])


_SDIST_ENDING = re.compile(r"\.(?:tar\.(?:gz|bz2|xz|Z)|tgz|zip)$")


def version_of(filename: str) -> Version | None:
    """Return the version in *filename*, None if it is none that PEP 440 knows."""
    if filename.endswith(".whl"):
        text = filename.partition("-")[2].partition("-")[0]
    else:
        text = _SDIST_ENDING.sub("", filename.rpartition("-")[2])
    try:
        return Version(text)
    except ValueError:  # also for digits without end
        return None


_KEPT = "!$%&'()*+,/:;=?@~"
"""What stays as it is in a path or a query (RFC 3986), beside letters and digits."""


def file_address(href: str, base: str) -> str:
    """Return *href*, seen from *base*, as an absolute address without fragment and user information.

    What cannot stand in an address is percent-encoded. Raise `ValueError` with a reason if there is no such address.
    """
    if href.startswith("https://") and href[8:9].isalnum() and _is_plain(href):
        return href
    parts = urlsplit(urljoin(base, href))
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme in ("http", "https"):
        if not host or not _is_plain(host.strip("[]")):
            raise ValueError("its address names no host")
    # A page from the network has no business with the files of the host.
    elif parts.scheme != "file" or not base.startswith("file:"):
        raise ValueError("its address is neither http nor https")
    return urlunsplit((parts.scheme, host, quote(parts.path, safe=_KEPT), quote(parts.query, safe=_KEPT), ""))


def _is_plain(address: str) -> bool:
    """Tell whether nothing in *address* has to be encoded or cut off; thousands on a page, so plain tests only."""
    return (
        address.isascii()
        and address.isprintable()
        and not (" " in address or "#" in address or "@" in address or "[" in address or "\\" in address)
    )


_ALGORITHMS = frozenset(name for name in hashlib.algorithms_guaranteed if not name.startswith("shake"))


def as_sha256(digest: str) -> Sha256:
    """Return *digest* in lower case; raise `ValueError` if it is no SHA-256."""
    if len(digest) != 64 or not _is_hexadecimal(digest):
        raise ValueError("its sha256 is not 64 hexadecimal digits")
    return Sha256(digest.lower())


def other_hashes(hashes: Iterable[tuple[str, str | None]]) -> tuple[tuple[str, str], ...]:
    """Keep the well-formed hashes by known algorithms other than SHA-256, in a fixed order."""
    return tuple(
        sorted(
            (algorithm, digest.lower())
            for algorithm, digest in hashes
            if digest and algorithm in _ALGORITHMS and algorithm != "sha256" and _is_hexadecimal(digest)
        )
    )


def _is_hexadecimal(digest: str) -> bool:
    try:
        # fromhex overlooks spaces: then there are fewer bytes.
        return len(bytes.fromhex(digest)) * 2 == len(digest)
    except ValueError:
        return False
