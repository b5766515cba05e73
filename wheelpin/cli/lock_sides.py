"""The locks on one side of a comparison: a file, a folder of them, or either as a revision in git has it."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from msgspec import Struct

from wheelpin import revisions
from wheelpin.cli.console import Console
from wheelpin.deliveries import LockText, open_lock
from wheelpin.errors import InputError
from wheelpin.locks import Lock
from wheelpin.target import Target
from wheelpin.texts import decoded, read_text

_REVISION = re.compile(r"(?![A-Za-z]:[\\/])[^:]*:")
"""What git splits at its colon, and no drive of Windows."""
_LOCK_NAME = re.compile(r".+\.txt|pylock(\.[^.]+)?\.toml")


class SideMissingError(InputError):
    """One side of a comparison is not there."""

    hint = "name a lock, a folder of locks, or either in git as REV:PATH"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"there is no file and no folder {self.name}"


class Side(Struct, frozen=True, kw_only=True):
    """What one of the two words names."""

    name: str
    is_folder: bool
    texts: Mapping[str, Callable[[], str]]
    """By file name; only what is compared is read."""

    def lock(self, filename: str, target: Target | None, console: Console) -> Lock:
        """Read one of the locks, of any form."""
        name = f"{self.name.rstrip('/')}/{filename}" if self.is_folder else self.name
        found = LockText(name=name, text=self.texts[filename](), folder=Path())
        return open_lock(found, target=target, folder=Path(), reporter=console).lock


def open_side(word: str) -> Side:
    """Find out what *word* names; raise `SideMissingError` and `RevisionError`."""
    path = Path(word)
    if path.is_dir():
        names = sorted(each.name for each in path.iterdir() if each.is_file())
        texts = {name: lambda name=name: read_text(path / name) for name in _locks_among(names)}
        return Side(name=path.as_posix(), is_folder=True, texts=texts)
    if path.exists():
        return Side(name=path.as_posix(), is_folder=False, texts={path.name: lambda: read_text(path)})
    if _REVISION.match(word) is None:
        raise SideMissingError(word)
    if revisions.is_folder(word):
        inside = word if word.endswith((":", "/")) else f"{word}/"
        names = _locks_among(revisions.file_names(word))
        texts = {name: lambda name=name: _text_of_revision(f"{inside}{name}") for name in names}
        return Side(name=word, is_folder=True, texts=texts)
    filename = PurePosixPath(word.partition(":")[2]).name
    return Side(name=word, is_folder=False, texts={filename: lambda: _text_of_revision(word)})


def _locks_among(names: list[str]) -> list[str]:
    return [name for name in names if _LOCK_NAME.fullmatch(name) is not None]


def _text_of_revision(name: str) -> str:
    return decoded(revisions.read_blob(name), name)
