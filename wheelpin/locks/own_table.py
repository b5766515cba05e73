"""A table of wheelpin's own in a pylock.toml, where somebody may have changed what wheelpin wrote."""

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from wheelpin.locks.errors import LOCK_ANEW, LockSyntaxError
from wheelpin.values import Origin

Kind = TypeVar("Kind")


class OwnTable:
    """The values under ``wheelpin`` of a ``tool`` table; a wrong type raises `LockSyntaxError`."""

    def __init__(self, table: Mapping[str, Any], origin: Origin) -> None:
        self._table, self._origin = table, origin

    @classmethod
    def under(cls, tool: Mapping[str, Any] | None, origin: Origin) -> Self:
        """Take wheelpin's table out of *tool*; empty if it has none."""
        table = (tool or {}).get("wheelpin", {})
        if not isinstance(table, Mapping):
            raise _refusal(origin, "tool.wheelpin is no table")
        return cls(table, origin)

    def value(self, key: str, kind: type[Kind]) -> Kind | None:
        """Return the value of *key*, None if it is not there."""
        value = self._table.get(key)
        if value is None or isinstance(value, kind):
            return value
        raise self.refusal(key, f"{value!r} and should be a {_NAMES[kind]}")

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of texts under *key*."""
        values = self.value(key, list) or []
        if not all(isinstance(value, str) for value in values):
            raise self.refusal(key, "no list of strings")
        return tuple(values)

    def tables(self, key: str) -> "tuple[OwnTable, ...]":
        """Return the list of tables under *key*."""
        values = self.value(key, list) or []
        if not all(isinstance(value, Mapping) for value in values):
            raise self.refusal(key, "no list of tables")
        return tuple(OwnTable(value, self._origin) for value in values)

    def refusal(self, key: str, problem: str) -> LockSyntaxError:
        """Say that the value of *key* cannot be used."""
        return _refusal(self._origin, f"{key} under tool.wheelpin is {problem}")


_NAMES: Mapping[type, str] = {str: "string", int: "number", list: "list", dict: "table"}


def _refusal(origin: Origin, problem: str) -> LockSyntaxError:
    return LockSyntaxError(origin, problem, LOCK_ANEW)
