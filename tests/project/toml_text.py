"""Tables as TOML, for tests: every string escaped, so that any text may stand in it."""

import json
from collections.abc import Mapping
from datetime import date


def to_toml(table: Mapping[str, object]) -> str:
    """Write a table of strings, truth values, dates, arrays and tables."""
    return "".join(f"{_string(key)} = {_value(value)}\n" for key, value in table.items())


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _string(value)
        case date():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return "{" + ", ".join(f"{_string(key)} = {_value(inside)}" for key, inside in value.items()) + "}"
        case _:
            raise TypeError(value)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
