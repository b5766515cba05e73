"""Ignore files, as git understands them: which names of a tree they leave out."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IgnoreRules = tuple[str, "GitIgnoreSpec"]
"""The prefix of a folder within the tree, and what the ignore file in it says of names below."""


def patterns_of(lines: Iterable[str]) -> "GitIgnoreSpec":
    """Read the lines of an ignore file."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - brings thirty modules along, and few runs leave anything out

    return GitIgnoreSpec.from_lines(lines)


def rules_in(folder: Path, prefix: str, filenames: Iterable[str]) -> Iterator[IgnoreRules]:
    """Yield what the ignore files of a folder say, in the order of *filenames*."""
    for filename in filenames:
        if (folder / filename).is_file():
            lines = (folder / filename).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
            yield prefix, patterns_of(lines)


def is_ignored(name: str, rules: Sequence[IgnoreRules]) -> bool:
    """Tell whether a name, a folder's with a slash at its end, is left out; the first rules that speak of it decide."""
    for prefix, spec in rules:
        answer = spec.check_file(name.removeprefix(prefix)).include
        if answer is not None:
            return answer
    return False
