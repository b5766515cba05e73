"""The rows of the table, and the table's text."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

_HEADER = """\
# Official images that wheels are built in, and the Pythons that each still holds in /opt/python.
#
# policy, architectures   the repository is POLICY_ARCHITECTURE in quay.io/pypa
# tag                     dated; only tags that are kept there for good, as others are deleted after some months
# digests                 by architecture, where the registry was asked; without one the tag is the pin
# is-kept-up              newer ones are still made; those that are not serve where no other holds a Python
# is-verified             tag, digests and Pythons were read from the registry; else source says where they are from
#
# Regenerate with scripts/update_images, which asks the registry for what stands here and for the newest tag.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Images of one policy and tag that hold the same Pythons."""

    policy: str
    tag: str
    architectures: tuple[str, ...]
    pythons: tuple[str, ...]
    is_kept_up: bool
    is_verified: bool
    checked_on: date
    source: str
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def age(self) -> str:
        """Sort by date, whichever form the tag has."""
        return self.tag.replace("-", ".")


def read_rows(text: str) -> list[Row]:
    """Read the table; raise KeyError or TypeError if it is none."""
    return [
        Row(
            policy=row["policy"],
            tag=row["tag"],
            architectures=tuple(row["architectures"]),
            pythons=tuple(row["pythons"]),
            is_kept_up=row["is-kept-up"],
            is_verified=row["is-verified"],
            checked_on=row["checked-on"],
            source=row["source"],
            digests=row.get("digests", {}),
        )
        for row in tomllib.loads(text)["image"]
    ]


def to_toml(rows: Iterable[Row]) -> str:
    """Spell the table."""
    return "\n".join([_HEADER, *map(_row_text, rows)])


def in_order(pythons: Iterable[str]) -> tuple[str, ...]:
    """Sort the names of interpreters as people do, CPython before PyPy."""
    return tuple(sorted(pythons, key=lambda name: (name[:2], _number(name), name)))


def _number(name: str) -> tuple[int, int]:
    digits = re.sub(r"\D", "", name.partition("-")[0])
    return int(digits[:1]), int(digits[1:] or 0)


def _row_text(row: Row) -> str:
    lines = [
        "[[image]]",
        f'policy = "{row.policy}"',
        f"is-kept-up = {str(row.is_kept_up).lower()}",
        f'tag = "{row.tag}"',
        f"architectures = {_list(row.architectures)}",
        f"pythons = {_list(row.pythons)}",
        f"is-verified = {str(row.is_verified).lower()}",
        f"checked-on = {row.checked_on}",
        f'source = "{row.source}"',
    ]
    if row.digests:
        lines += ["[image.digests]", *(f'{name} = "{digest}"' for name, digest in sorted(row.digests.items()))]
    return "\n".join(lines) + "\n"


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"
