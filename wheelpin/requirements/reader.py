"""The door through which inputs come in, and the errors of what cannot be read."""

from typing import Protocol

from msgspec import Struct
from packaging.utils import NormalizedName

from wheelpin.errors import InputError
from wheelpin.values import Origin, Sha256, text_without_secrets, without_secrets


class Document(Struct, frozen=True, kw_only=True):
    """A text and where it lies."""

    location: str
    """A path, an address or ``-``: what nested files are relative to. May hold secrets."""
    text: str

    @property
    def name(self) -> str:
        """The location as messages spell it."""
        return "standard input" if self.location == "-" else without_secrets(self.location)


class Reader(Protocol):
    """Where the texts of requirement and project files come from."""

    def read(self, location: str, *, relative_to: str | None, asked_by: Origin) -> Document:
        """Return the text at a path, an http(s) or file address, or ``-`` for standard input.

        *relative_to* is the location of the document that includes this one, None for the user. The same
        file has the same location in the answer. Raise `UnreadableInputError`.
        """
        ...

    def address_of(self, path: str, *, relative_to: str | None) -> str:
        """Return the absolute address of *path*, which lies beside *relative_to* or in the working folder."""
        ...

    def project_in(self, path: str) -> NormalizedName | None:
        """Return the name of the project in a folder of the user's, None if there is none or only a build can tell."""
        ...

    def digest_of_folder(self, address: str) -> Sha256 | None:
        """Return the digest of the project in a folder, ``file:`` and absolute; None if there is none."""
        ...

    def find_links(self, value: str, *, relative_to: str) -> str:
        """Return where *value* leads: beside the document that names it if it exists there, else unchanged."""
        ...


class UnreadableInputError(InputError):
    """A file of requirements, a project file or a lock cannot be read."""

    def __init__(self, location: str, reason: str, asked_by: Origin, hint: str | None = None) -> None:
        self.location = without_secrets(location)
        self.reason = text_without_secrets(reason)
        self.asked_by = asked_by
        self.hint = hint
        super().__init__(self.location, self.reason, asked_by, hint)

    def __str__(self) -> str:
        """Name what asked for the file, the file and the reason on one line."""
        return f"{self.asked_by}: cannot read {self.location}: {self.reason}"


class IncludeCycleError(InputError):
    """Requirement files include each other in a circle."""

    def __init__(self, chain: tuple[str, ...], origin: Origin) -> None:
        super().__init__(chain, origin)
        self.chain, self.origin = chain, origin

    def __str__(self) -> str:
        """Name the line that closes the circle and the way round."""
        return f"{self.origin}: a file includes itself: {' → '.join(self.chain)}"
