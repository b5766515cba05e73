"""One lock to make, and what a tool has to tell to be asked for it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmark.cases import Kind, Target

Pins = Mapping[str, Mapping[str, str]]
"""Target → project → version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One lock to make; everything that a tool may keep lies in *folder*."""

    requirements: tuple[str, ...]
    targets: tuple[Target, ...]
    index_url: str
    ca_file: Path
    folder: Path

    @property
    def cache_dir(self) -> Path:
        return self.folder / "cache"

    def lock_file(self, target: Target) -> Path:
        return self.folder / "locks" / f"{target.name}.txt"

    @property
    def environ(self) -> dict[str, str]:
        """Return the same bare environment for every tool: no configuration, no proxy, no other cache."""
        paths = {name: str(self.folder) for name in ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PIP_CONFIG_FILE": os.devnull, **paths}


class Tool(Protocol):
    name: str
    kinds: frozenset[Kind]
    """The states that mean something to it."""

    def version_command(self) -> list[str]: ...

    def commands(self, job: Job) -> list[list[str]]: ...

    def environ(self, job: Job) -> dict[str, str]: ...

    def pins(self, job: Job) -> Pins: ...
