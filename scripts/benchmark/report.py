"""Measurements as Markdown."""

import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from benchmark.jobs import Pins, Tool
from benchmark.measure import Median

_LEFT, _RIGHT = "---", "--:"
_COLUMNS = {
    "case": _LEFT,
    "found": _LEFT,
    "ms added": _RIGHT,
    "tool": _LEFT,
    "runs": _RIGHT,
    "s": _RIGHT,
    "fastest": _RIGHT,
    "to uv": _RIGHT,
    "CPU s": _RIGHT,
    "peak MiB": _RIGHT,
    "requests": _LEFT,
    "connections": _LEFT,
    "MB": _RIGHT,
    "index CPU s": _RIGHT,
    "pins": _RIGHT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One tool in one situation."""

    case: str
    kind: str
    latency_ms: int
    tool: str
    median: Median
    base: Median | None
    """uv's in the same situation, if it was measured."""
    pins: int

    def cells(self) -> tuple[str, ...]:
        median = self.median
        ratio = f"{median.wall_s / self.base.wall_s:.2f}" if self.base else ""
        return (
            self.case,
            self.kind,
            str(self.latency_ms),
            self.tool,
            str(median.runs),
            f"{median.wall_s:.3f}",
            f"{median.fastest_s:.3f}",
            ratio,
            f"{median.cpu_s:.2f}",
            f"{median.peak_bytes / 2**20:.0f}",
            _counts(median.requests),
            _counts(median.connections),
            f"{median.body_bytes / 1e6:.1f}",
            f"{median.index_cpu_s:.2f}",
            str(self.pins),
        )


def _counts(counts: Mapping[str, int]) -> str:
    return " + ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "none"


def table(rows: Iterable[Row]) -> str:
    lines = [_line(_COLUMNS), _line(_COLUMNS.values())]
    return "\n".join([*lines, *(_line(row.cells()) for row in rows)])


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def machine(tools: Iterable[Tool]) -> str:
    versions = [subprocess.run(tool.version_command(), capture_output=True, text=True, check=True) for tool in tools]
    told = ", ".join(" ".join(version.stdout.split()[:2]) for version in versions)
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}; {told}"
    )


def differences(of: str, pins: Pins, other: str, other_pins: Pins) -> Iterator[str]:
    """Say where two tools' answers differ, a line a target."""
    for target in pins:
        mine, theirs = pins[target], other_pins.get(target, {})
        found = [
            f"{name} {mine.get(name, 'absent')} ≠ {theirs.get(name, 'absent')}"
            for name in sorted({*mine, *theirs})
            if mine.get(name) != theirs.get(name)
        ]
        if found:
            shown = "; ".join(found[:8]) + (f"; and {len(found) - 8} more" if len(found) > 8 else "")
            yield f"{of} ≠ {other} for {target}: {shown}"
