"""Physical lines to logical ones, as pip joins them: a backslash continues a line, a comment ends at its line's end."""

import re
from collections.abc import Iterator

from msgspec import Struct

_COMMENT = re.compile(r"(?:^|\s+)(#.*)$")


class LogicalLine(Struct, frozen=True):
    """What pip would see as one line, its comments apart."""

    number: int
    """Of the first physical line, counted from 1."""
    content: str
    """Without comments and surrounding space; empty for a line of comment only."""
    comments: tuple[str, ...]
    """Each from its ``#`` on."""


def iter_logical_lines(text: str) -> Iterator[LogicalLine]:
    """Yield the lines of *text* that hold anything."""
    start, parts, comments = 0, list[str](), list[str]()
    lines = text.removeprefix("\ufeff").splitlines()
    for number, line in enumerate(lines, start=1):
        start = start or number
        if (comment := _COMMENT.search(line)) is not None:
            comments.append(comment[1].rstrip())
            line = line[: comment.start()]  # noqa: PLW2901 - the rest of the loop wants the line without it
        continues = comment is None and line.endswith("\\")
        parts.append(line.removesuffix("\\").strip() if continues else line.strip())
        if continues and number < len(lines):
            continue
        content = " ".join(filter(None, parts))
        if content or comments:
            yield LogicalLine(start, content, tuple(comments))
        start, parts, comments = 0, [], []
