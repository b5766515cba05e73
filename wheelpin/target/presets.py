"""Targets by name: the runtimes of function platforms, one dated and sourced row each."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

import msgspec

from wheelpin.target.packaged import packaged_text


class Preset(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """What is known of one runtime on one architecture."""

    name: str
    tags: str
    """The target's spelling."""
    python_full_version: str | None = None
    """None if it may have moved since somebody recorded it: then the last known patch is assumed."""
    is_verified: bool
    """Read off the platform itself, off images its vendor publishes, or in its documentation."""
    source: str
    checked_on: date
    layout: str
    """Name of the folder layout that the platform wants."""
    unzipped_limit_bytes: int | None = None
    zip_limit_bytes: int | None = None
    denied_platforms: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to tell whoever uses it."""
        if self.is_verified:
            return ()
        return (
            f"preset {self.name} is not verified ({self.source}, {self.checked_on}): "
            "run `wheelpin target capture` on the platform to be sure",
        )


@cache
def presets() -> Mapping[str, Preset]:
    """Load the table, sorted by name."""
    return MappingProxyType(read_presets(packaged_text("presets.toml")))


def read_presets(text: str) -> dict[str, Preset]:
    """Read a table of presets; raise ValueError naming the row that is wrong."""
    import tomllib  # noqa: PLC0415 - most targets are spelled

    found: dict[str, Preset] = {}
    for family, defaults in tomllib.loads(text).items():
        for runtime, row in defaults.pop("runtimes", {}).items():
            found |= _expand(f"{family}-{runtime}", {**defaults, **row})
    return dict(sorted(found.items()))


def _expand(name: str, row: dict[str, Any]) -> dict[str, Preset]:
    """Make one preset an architecture; the first architecture also answers to the bare name."""
    try:
        archs, tags = row.pop("architectures"), row.pop("tags")
        names = {name: archs[0]} | {f"{name}-{arch}": arch for arch in archs}
        return {
            full: msgspec.convert({**row, "name": full, "tags": f"{tags}_{arch}"}, Preset)
            for full, arch in names.items()
        }
    except (KeyError, IndexError, msgspec.ValidationError) as error:
        raise ValueError(f"preset {name}: {error}") from error


_INTERPRETER = re.compile(r"(?:^|-)(?:cp|pp)\d")


def find_preset(text: str) -> Preset | None:
    """Return the preset of that name, in any case."""
    name = text.strip().lower()
    # Spellings name an interpreter and presets never do: most targets do not need the table.
    return None if _INTERPRETER.search(name) else presets().get(name)


def preset_hint(text: str) -> str | None:
    """Name the presets that *text* may have meant, None if it looks like no preset's name."""
    from difflib import get_close_matches  # noqa: PLC0415 - for a name that is wrong

    name = text.strip().lower()
    families = {known.split("-python")[0] for known in presets()}
    if len(name) > 64 or not ("python" in name or any(name.startswith(family) for family in families)):
        return None
    near = get_close_matches(name, list(presets()), n=3, cutoff=0.7)
    return f"did you mean {' or '.join(near)}?" if near else "`wheelpin target list` shows all presets"
