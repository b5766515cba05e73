"""The lines of a requirements file as pip sees them: joined, without comments, variables filled in."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from wheelpin.errors import InputError
from wheelpin.values import Origin

_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_DIRECTIVE = re.compile(r"\s*#\s*wheelpin:(.*)")


class Directive(Struct, frozen=True, kw_only=True):
    """``# wheelpin: target=… python-full-version=…`` at the top of a file."""

    target: str | None = None
    python_full_version: str | None = None
    origin: Origin


class DirectiveSyntaxError(InputError):
    """A ``# wheelpin:`` line says something else than it can."""

    def __init__(self, word: str, origin: Origin) -> None:
        super().__init__(word, origin)
        self.word, self.origin = word, origin

    def __str__(self) -> str:
        """Name the place and the word."""
        return f"{self.origin}: {self.word!r} is no part of a '# wheelpin:' line"

    hint = "it takes target=… and python-full-version=…"


def iter_logical_lines(text: str, environ: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield the number of the first line and the content of all that hold something.

    A variable that is not set, or empty, stays as it is written, as with pip.
    """
    for number, line in _join(text):
        content = _COMMENT.sub("", line).strip()
        if content:
            yield number, _VARIABLE.sub(lambda variable: environ.get(variable[1]) or variable[0], content)


def _join(text: str) -> Iterator[tuple[int, str]]:
    pending: list[str] = []
    first = 1
    for number, line in enumerate(text.splitlines(), start=1):
        if not pending:
            first = number
        is_comment = _COMMENT.match(line) is not None
        if line.endswith("\\") and not is_comment:
            pending.append(line.rstrip("\\"))
            continue
        # A comment ends the joined line, and must not become part of its last word.
        yield first, "".join((*pending, " " if is_comment else "", line))
        pending = []
    if pending:
        yield first, "".join(pending)


def read_directive(text: str, source: str) -> Directive | None:
    """Return what the comments before the first line with content say to wheelpin; None if they say nothing."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            return None
        if found := _DIRECTIVE.fullmatch(line):
            return _parse_directive(found[1], Origin(source, number))
    return None


def _parse_directive(text: str, origin: Origin) -> Directive:
    said: dict[str, str] = {}
    for word in text.split():
        key, equals, value = word.partition("=")
        if key not in {"target", "python-full-version"} or not equals or not value or key in said:
            raise DirectiveSyntaxError(word, origin)
        said[key] = value
    return Directive(target=said.get("target"), python_full_version=said.get("python-full-version"), origin=origin)
