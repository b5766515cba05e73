"""Small values that every room shares: where something was said, forms of locks, addresses without secrets."""

import re
from enum import Enum
from typing import NewType

from msgspec import Struct

Sha256 = NewType("Sha256", str)
"""A SHA-256 digest: 64 lower-case hexadecimal digits."""


IndexUrl = NewType("IndexUrl", str)
"""The address of an index or a find-links folder, without secrets: what locks and messages name."""

PYPI = IndexUrl("https://pypi.org/simple/")
"""The index that is asked where nothing names another."""
PYPI_FILES_HOST = "files.pythonhosted.org"
"""Where its pages say that its files are."""


class Origin(Struct, frozen=True):
    """Where a requirement, an option or a setting was said: ``requirements.in, line 3``."""

    source: str
    """A path as the user gave it, ``command line``, ``standard input``, or ``flask 2.0.3`` for a pin."""
    line: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}, line {self.line}"


COMMAND_LINE = Origin("command line")


LOCKFILES = "lockfiles"
"""The folder of locks where nobody names another."""


class LockFormat(Enum):
    """The form of a lock: what ``--format`` takes."""

    REQUIREMENTS = "requirements"
    HASHES = "hashes"
    PYLOCK = "pylock"

    def file_name(self, target_name: str) -> str:
        """Return the usual name of a target's lock in this form."""
        if self is LockFormat.PYLOCK:
            return f"pylock.{target_name.replace('.', '_')}.toml"
        return f"{target_name}.txt"


_ADDRESS = re.compile(r"\w[\w+.-]*://[^\s'\"]+")


def without_secrets(url: str) -> str:
    """Return *url* without user name, password, query and fragment: fit for locks, logs and cache keys.

    The query goes too, because storage services sign their addresses in it. Never fails: what is no
    address comes back shortened in the same way, so that errors about broken addresses can use it.
    """
    scheme, separator, rest = re.split(r"[?#]", url, maxsplit=1)[0].partition("://")
    if not separator:
        return scheme
    authority, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{authority.rpartition('@')[2]}{slash}{path}"


def text_without_secrets(text: str) -> str:
    """Return *text* with every address in it as `without_secrets` spells it: fit for messages."""
    return _ADDRESS.sub(lambda address: without_secrets(address[0]), text)
