"""Texts of requirement and project files from folders, standard input and the network, as a `Reader`."""

import codecs
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

from msgspec import Struct
from packaging.utils import NormalizedName

from wheelpin.ports import Request, Transport
from wheelpin.requirements.reader import Document, UnreadableInputError
from wheelpin.values import Origin, Sha256

_STANDARD_INPUT = "-"
_REMOTE = re.compile(r"https?://", re.IGNORECASE)
_FILE = re.compile(r"file:", re.IGNORECASE)
_MAX_BYTES = 16 * 1024 * 1024

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODING = re.compile(rb"#.*?coding[:=][ \t]*([-\w.]+)")


class SourceReader(Struct, kw_only=True):
    """Reads local files, standard input and http(s) addresses; implements `Reader`."""

    folder: Path
    """Where relative paths of the user start, absolute."""
    standard_input: BinaryIO
    open_transport: Callable[[], Transport]
    """Called for the first address; most runs have none."""
    _standard_input_text: str | None = None

    def read(self, location: str, *, relative_to: str | None, asked_by: Origin) -> Document:
        """Return the text at *location*; raise `UnreadableInputError`, or `IndexUnavailableError` for no answer."""
        if location == _STANDARD_INPUT:
            return Document(location=location, text=self._read_standard_input(asked_by))
        location = _join(location, relative_to)
        data = self._fetch(location, asked_by) if _REMOTE.match(location) else self._load(location, asked_by)
        return Document(location=location, text=_decode(data, location, asked_by))

    def address_of(self, path: str, *, relative_to: str | None) -> str:
        """Return the ``file:`` address of a path, or the remote one of a path beside a remote document."""
        if relative_to is not None and _REMOTE.match(relative_to):
            return urljoin(relative_to, path)
        return Path(os.path.normpath(self.folder / _join(path, relative_to))).as_uri()

    def project_in(self, path: str) -> NormalizedName | None:
        """Return the name that the project in a folder gives itself, None if it gives none."""
        from wheelpin.folders.project_files import is_project  # noqa: PLC0415 - few locks have one
        from wheelpin.folders.project_name import project_name_of  # noqa: PLC0415

        folder = self.folder / path
        pyproject = folder / "pyproject.toml"
        try:
            text = pyproject.read_text(encoding="utf-8-sig") if pyproject.is_file() else None
            return project_name_of(folder, text) if is_project(folder) else None
        except (OSError, ValueError):
            return None

    def digest_of_folder(self, address: str) -> Sha256 | None:
        """Return the digest of what a build sees of a project's folder, None if it is none."""
        from wheelpin.folders.project_files import digest_of_content, is_project  # noqa: PLC0415 - few locks have one

        folder = Path(_path_of(address))
        try:
            return digest_of_content(folder) if is_project(folder) else None
        except OSError:
            return None

    def find_links(self, value: str, *, relative_to: str) -> str:
        """Return the path beside *relative_to* if something is there, else *value* (as pip does)."""
        if relative_to == _STANDARD_INPUT or _REMOTE.match(relative_to) or _REMOTE.match(value) or _FILE.match(value):
            return value
        beside = _join(value, relative_to)
        return beside if (self.folder / beside).exists() else value

    def _read_standard_input(self, asked_by: Origin) -> str:
        if self._standard_input_text is None:
            self._standard_input_text = _decode(self.standard_input.read(), _STANDARD_INPUT, asked_by)
        return self._standard_input_text

    def _load(self, location: str, asked_by: Origin) -> bytes:
        try:
            return (self.folder / _path_of(location)).read_bytes()
        except FileNotFoundError as error:
            raise UnreadableInputError(location, "there is no such file", asked_by) from error
        except IsADirectoryError as error:
            raise UnreadableInputError(location, "it is a folder", asked_by, "name a file in it") from error
        except OSError as error:
            raise UnreadableInputError(location, error.strerror or str(error), asked_by) from error
        except ValueError as error:
            raise UnreadableInputError(location, f"no valid path ({error})", asked_by) from error

    def _fetch(self, location: str, asked_by: Origin) -> bytes:
        response = self.open_transport().fetch(Request(url=location, max_bytes=_MAX_BYTES)).result()
        if response.status != 200:
            raise UnreadableInputError(location, f"the server answers {response.status}", asked_by)
        return response.body


def _join(location: str, relative_to: str | None) -> str:
    """Return where *location* is, seen from where the user stands, spelled the same from everywhere."""
    if _REMOTE.match(location) or _FILE.match(location):
        return location
    if relative_to is not None and (_REMOTE.match(relative_to) or _FILE.match(relative_to)):
        return urljoin(relative_to, location)
    beside = Path() if relative_to is None or relative_to == _STANDARD_INPUT else Path(relative_to).parent
    return os.path.normpath(beside / location)


def _path_of(location: str) -> str:
    if not _FILE.match(location):
        return location
    from urllib.request import url2pathname  # noqa: PLC0415 - 40 ms, which paths need not pay

    return url2pathname(urlsplit(location).path)


def _decode(data: bytes, location: str, asked_by: Origin) -> str:
    """Read UTF-8, unless a byte order mark or a comment in the first two lines says otherwise (PEP 263)."""
    encoding = "utf-8"
    for mark, marked in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            data, encoding = data.removeprefix(mark), marked
            break
    else:
        for line in data.split(b"\n", 2)[:2]:
            if coding := _CODING.match(line):
                encoding = coding[1].decode("ascii")
                break
    try:
        return data.decode(encoding)
    except LookupError as error:
        raise UnreadableInputError(location, f"{encoding!r} is no encoding of text", asked_by) from error
    except UnicodeDecodeError as error:
        line_number = data.count(b"\n", 0, error.start) + 1
        reason = f"byte 0x{data[error.start]:02x} in line {line_number} is not {encoding}"
        hint = "save it as UTF-8, or name its encoding in the first line: # -*- coding: … -*-"
        raise UnreadableInputError(location, reason, asked_by, hint) from error
    except UnicodeError as error:
        raise UnreadableInputError(location, f"it is not {encoding} ({error})", asked_by) from error
