"""Targets by name: the runtimes of function platforms, one dated and sourced row each."""

import tomllib
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import msgspec


class Preset(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """What is known of one runtime on one architecture."""

    name: str
    tags: str
    """The target's spelling."""
    python_full_version: str | None = None
    """None if nobody recorded it: then the last known patch is assumed."""
    is_verified: bool
    """Somebody read it off the platform itself or its own documentation."""
    source: str
    checked_on: date
    layout: str
    """Name of the folder layout that the platform wants."""
    unzipped_limit_bytes: int | None = None
    zip_limit_bytes: int | None = None
    denied_platforms: tuple[str, ...] = ()
    note: str | None = None

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
    text = files("wheelpin.target").joinpath("presets.toml").read_text(encoding="utf-8")
    return MappingProxyType(read_presets(text))


def read_presets(text: str) -> dict[str, Preset]:
    """Read a table of presets; raise ValueError naming the row that is wrong."""
    found: dict[str, Preset] = {}
    for family, table in tomllib.loads(text).items():
        runtimes = table.pop("runtimes", {})
        for runtime, row in runtimes.items():
            for preset in _expand(f"{family}-{runtime}", {**table, **row}):
                if preset.name in found:
                    raise ValueError(f"preset {preset.name} is there twice")
                found[preset.name] = preset
    return dict(sorted(found.items()))


def _expand(name: str, row: dict[str, Any]) -> list[Preset]:
    """Make one preset an architecture; the first architecture also answers to the bare name."""
    try:
        archs, tags = row.pop("architectures"), row.pop("tags")
        names = [(name, archs[0]), *((f"{name}-{arch}", arch) for arch in archs)]
        return [msgspec.convert({"name": full, "tags": f"{tags}_{arch}", **row}, Preset) for full, arch in names]
    except (KeyError, IndexError, msgspec.ValidationError) as error:
        raise ValueError(f"preset {name}: {error}") from error


def find_preset(text: str) -> Preset | None:
    """Return the preset of that name, in any case."""
    name = text.strip().lower()
    # Every preset's name has a Python version with its dot; no tag spelling has one.
    return presets().get(name) if "." in name or "-python" in name else None


def preset_hint(text: str) -> str | None:
    """Name the presets that *text* may have meant."""
    name = text.strip().lower()
    families = {known.partition("-")[0] for known in presets()}
    if len(name) > 64 or not (name.partition("-")[0] in families or "python" in name):
        return None
    near = get_close_matches(name, list(presets()), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else "wheelpin target list shows all presets"
