"""Which modules a run of wheelpin imports and what each costs: the time before anything useful happens."""

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)")


@dataclass(frozen=True, slots=True)
class Imported:
    name: str
    own_us: int
    whole_us: int


def imports_of(arguments: Sequence[str], environ: Mapping[str, str], folder: Path) -> list[Imported]:
    """Return what ``wheelpin ARGUMENTS`` imports, the costliest first; counted with all that each imports itself."""
    argv = [sys.executable, "-X", "importtime", "-m", "wheelpin", *arguments]
    ended = subprocess.run(argv, env=environ, cwd=folder, capture_output=True, text=True, check=True)
    found = (_LINE.match(line) for line in ended.stderr.splitlines())
    imported = [Imported(match[4], int(match[1]), int(match[2])) for match in found if match]
    return sorted(imported, key=lambda module: module.whole_us, reverse=True)


def imports_table(title: str, imported: Sequence[Imported], most: int = 15) -> str:
    total_ms = sum(module.own_us for module in imported) / 1_000
    rows = [
        f"| {module.name} | {module.whole_us / 1_000:.1f} | {module.own_us / 1_000:.1f} |" for module in imported[:most]
    ]
    heading = f"{title}: {len(imported)} modules, {total_ms:.0f} ms with the clock's own cost"
    return "\n".join([heading, "", "| module | with its own imports, ms | alone, ms |", "|---|--:|--:|", *rows])
