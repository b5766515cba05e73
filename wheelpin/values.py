"""Small values that every room shares: where something was said, and addresses without secrets."""

from dataclasses import dataclass
from typing import NewType
from urllib.parse import urlsplit, urlunsplit

Sha256 = NewType("Sha256", str)
"""A SHA-256 digest: 64 lower-case hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a requirement, an option or a setting was said: ``requirements.in, line 3``."""

    source: str
    """A path as the user gave it, ``command line``, ``standard input``, or ``flask 2.0.3`` for a pin."""
    line: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}, line {self.line}"


COMMAND_LINE = Origin("command line")


def without_secrets(url: str) -> str:
    """Return *url* without user name, password, query and fragment: fit for locks, logs and cache keys.

    The query goes too, because storage services sign their addresses in it.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
