"""Addresses and paths of single files in requirements: what they are, and whose wheel or sdist they name."""

import re
from urllib.parse import quote, unquote, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    parse_sdist_filename,
    parse_wheel_filename,
)

from wheelpin.requirements.syntax import InvalidText, UnsupportedText

_SDIST_ENDINGS = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar.Z")

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?!\\)")
"""At least two letters before the colon: one is a drive."""
_DRIVE = re.compile(r"[A-Za-z]:/")
_FILE_SCHEMES = frozenset({"http", "https", "file"})
_SHA256_PART = re.compile(r"[#&]sha256=([^&]*)")
_SHA256 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Tell whether *text* starts with a scheme, and so is neither a path nor a name."""
    return _SCHEME.match(text) is not None


def has_archive_ending(path: str) -> bool:
    """Tell whether *path* ends like a wheel or an sdist."""
    return path.endswith((".whl", *_SDIST_ENDINGS))


def is_folder_address(address: str) -> bool:
    """Tell whether a ``file:`` address leads to what is no archive by its name."""
    path = address.partition("#")[0]
    return path.startswith("file:") and not has_archive_ending(path)


def address_of_path(path: str) -> str:
    """Spell a path, with either separator, as a ``file:`` address, which is relative if the path is.

    A digest may stand behind it, as behind an address.
    """
    path, mark, digest = path.replace("\\", "/").partition("#sha256=")
    fragment = mark + digest
    if _DRIVE.match(path):
        return f"file:///{path[:2]}{quote(path[2:])}{fragment}"
    return f"file://{quote(path)}{fragment}" if path.startswith("/") else f"file:{quote(path)}{fragment}"


def relative_path_of(address: str) -> str | None:
    """Return the path of a ``file:`` address that is relative, None for all others."""
    if not address.startswith("file:") or address.startswith("file:/"):
        return None
    return unquote(urlsplit(address).path)


def project_of_address(address: str) -> NormalizedName | None:
    """Return the project that the file's name tells, None where an sdist's name tells none.

    Raise `UnsupportedText` if it is no address of a wheel or sdist, `InvalidText` if it is a broken one.
    """
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise InvalidText(f"the address is broken ({error})") from error
    if parts.scheme not in _FILE_SCHEMES:
        raise UnsupportedText(f"has a {parts.scheme}: address, which wheelpin does not fetch")
    if (digest := _SHA256_PART.search(address)) and not _SHA256.fullmatch(digest[1]):
        raise InvalidText("the address ends in a sha256 that is not 64 hexadecimal digits")
    filename = unquote(parts.path.rpartition("/")[2])
    if filename.endswith(".whl"):
        try:
            return parse_wheel_filename(filename)[0]
        except InvalidWheelFilename as error:
            raise InvalidText(f"{filename} is no valid name of a wheel") from error
    for ending in _SDIST_ENDINGS:
        if filename.endswith(ending):
            return _project_of_sdist(filename.removesuffix(ending))
    raise UnsupportedText("leads to a file that is neither a wheel nor an sdist")


def _project_of_sdist(stem: str) -> NormalizedName | None:
    try:
        return parse_sdist_filename(f"{stem}.tar.gz")[0]
    except InvalidSdistFilename:
        return None
