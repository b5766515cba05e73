"""A table of a TOML file, read key by key: errors name the file, the line, the whole key and what is allowed."""

import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

from wheelpin.errors import InputError
from wheelpin.values import Origin

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


class ProjectTableError(InputError):
    """A project's file is broken, has a key that means nothing, or a value that is not allowed there."""

    def __init__(self, origin: Origin, key: str, problem: str, hint: str | None = None) -> None:
        super().__init__(origin, key, problem, hint)
        self.origin, self.key, self.problem, self.hint = origin, key, problem, hint

    def __str__(self) -> str:
        return ": ".join(filter(None, [str(self.origin), self.key, self.problem]))


class _File(Struct, frozen=True):
    """The text that a table was read from."""

    name: str
    """As messages and locks name it."""
    text: str


class Table(Struct, frozen=True):
    """One table of a file. What is asked of it is checked then; `refuse_others` refuses the rest."""

    file: _File
    keys: tuple[str, ...]
    """The way to it from the file's top."""
    values: Mapping[str, Any]

    @classmethod
    def parse(cls, text: str, name: str) -> Self:
        """Read a whole file; *name* stands for it in messages. Raise `ProjectTableError`."""
        try:
            return cls(_File(name, text), (), tomllib.loads(text))
        except (ValueError, RecursionError) as error:
            raise ProjectTableError(Origin(name), "", f"no valid TOML: {error}") from error

    def origin_of(self, *keys: str) -> Origin:
        """Return the file and the line where a key of this table stands, without the line if that cannot be told."""
        return Origin(self.file.name, _line_of((*self.keys, *keys), self.file.text))

    def error(self, problem: str, *keys: str, hint: str | None = None) -> ProjectTableError:
        """Return an error about a key of this table, or about the table itself."""
        return ProjectTableError(self.origin_of(*keys), ".".join(map(_spelled, (*self.keys, *keys))), problem, hint)

    def refuse_others(self, allowed: Collection[str]) -> None:
        """Raise `ProjectTableError` for the first key that is not among *allowed*."""
        for key in self.values:
            if key not in allowed:
                raise self.error("there is no such key", key, hint=allowed_hint(key, allowed))

    def table(self, key: str) -> "Table":
        """Return the table under *key*, an empty one where there is none."""
        found = self.values.get(key, {})
        if not isinstance(found, dict):
            raise self.refusal(key, "a table")
        return replace(self, keys=(*self.keys, key), values=found)

    def tables(self, key: str) -> Iterator[tuple[str, "Table"]]:
        """Yield the tables within the table under *key*, by their names."""
        inside = self.table(key)
        yield from ((name, inside.table(name)) for name in inside.values)

    def text(self, key: str) -> str | None:
        """Return the string under *key*, which is not blank; None where there is none."""
        found = self.values.get(key)
        if found is not None and not isinstance(found, str):
            raise self.refusal(key, "a string")
        return None if found is None else self._filled(found, key)

    def moment(self, key: str) -> str | None:
        """Return the date or time under *key* as ISO 8601, from a string or TOML's own form, or None."""
        found = self.values.get(key)
        return found.isoformat() if isinstance(found, date | datetime) else self.text(key)

    def flag(self, key: str) -> bool:
        """Return the truth value under *key*, False where there is none."""
        found = self.values.get(key, False)
        if not isinstance(found, bool):
            raise self.refusal(key, "true or false")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the array of strings under *key*, none of them blank."""
        found = self.values.get(key, [])
        if not isinstance(found, list) or not all(isinstance(entry, str) for entry in found):
            raise self.refusal(key, "an array of strings")
        return tuple(self._filled(entry, key) for entry in found)

    def text_or_texts(self, key: str) -> tuple[str, ...]:
        """Return the array of strings under *key*, or the one string there."""
        found = self.values.get(key, [])
        entries = found if isinstance(found, list) else [found]
        if not all(isinstance(entry, str) for entry in entries):
            raise self.refusal(key, "a string or an array of strings")
        return tuple(entries)

    def text_by_key(self, key: str) -> Mapping[str, str]:
        """Return the table of strings under *key*."""
        inside = self.table(key)
        for name, found in inside.values.items():
            if not isinstance(found, str):
                raise inside.refusal(name, "a string")
        return inside.values

    def refusal(self, key: str, wanted: str) -> ProjectTableError:
        """Return the error that the value under *key* is not *wanted*."""
        found = self.values[key]
        odd = next((entry for entry in found if not isinstance(entry, str)), None) if isinstance(found, list) else None
        given = f"is {_kind(found)}" if odd is None else f"holds {_kind(odd)}"
        return self.error(f"{given}, and must be {wanted}", key)

    def _filled(self, text: str, key: str) -> str:
        if not text.strip():
            raise self.error("holds an empty string", key, hint="leave it out where there is nothing to say")
        return text


def allowed_hint(word: str, allowed: Collection[str]) -> str:
    """Say what is allowed instead of *word*, what comes near it first."""
    near = get_close_matches(word.replace("_", "-").lower(), allowed, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    return f"{guess}allowed here: {', '.join(allowed)}"


def _spelled(key: str) -> str:
    """Spell *key* as TOML has it."""
    if key and _BARE.issuperset(key):
        return key
    return json.dumps(key, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML's strings are those of JSON, DEL aside


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f"the string {value!r}"
        case int() | float():
            return f"the number {value}"
        case list():
            return "an array"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def _line_of(keys: tuple[str, ...], text: str) -> int | None:
    """Find the line on which the statement begins that first speaks of *keys*, counted from 1.

    A statement is over where the lines so far are valid TOML again.
    """
    lines = text.splitlines(keepends=True)
    for start, line in enumerate(lines):
        if not keys or keys[-1] not in line or (before := _read_lines(lines[:start])) is None or _has(before, keys):
            continue
        for end in range(start + 1, len(lines) + 1):
            if (after := _read_lines(lines[:end])) is not None:
                if _has(after, keys):
                    return start + 1
                break
    return None


def _read_lines(lines: list[str]) -> dict[str, Any] | None:
    try:
        return tomllib.loads("".join(lines))
    except ValueError:
        return None


def _has(found: object, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if not isinstance(found, dict) or key not in found:
            return False
        found = found[key]
    return True
