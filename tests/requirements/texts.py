"""A `Reader` over texts in memory."""

import posixpath

from packaging.utils import NormalizedName

from wheelpin.requirements import Document, UnreadableInputError
from wheelpin.values import Origin, Sha256


class Texts(dict[str, str]):
    """Location to text; the working folder is ``/work``."""

    def read(self, location: str, *, relative_to: str | None, asked_by: Origin) -> Document:
        location = _join(location, relative_to)
        if location not in self:
            raise UnreadableInputError(location, "there is no such file", asked_by)
        return Document(location=location, text=self[location])

    def address_of(self, path: str, *, relative_to: str | None) -> str:
        return f"file://{posixpath.join('/srv', _join(path, relative_to))}"

    def project_in(self, path: str) -> NormalizedName | None:
        return NormalizedName("demo") if path.endswith("project") else None

    def digest_of_folder(self, address: str) -> Sha256 | None:
        return Sha256("f" * 64) if address.endswith("/project") else None

    def find_links(self, value: str, *, relative_to: str) -> str:
        return f"{value} as seen from {relative_to}"


def _join(location: str, relative_to: str | None) -> str:
    return (
        location
        if location == "-"
        else posixpath.normpath(posixpath.join(posixpath.dirname(relative_to or ""), location))
    )
