"""Measurements as Markdown."""

import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmark.measure import Median
from benchmark.tools import Pins, Tool

_COLUMNS = (
    "case",
    "found",
    "ms added",
    "tool",
    "s",
    "fastest",
    "to uv",
    "CPU s",
    "peak MiB",
    "requests",
    "MB",
    "index CPU s",
    "pins",
)


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
            f"{median.wall_s:.3f}",
            f"{median.fastest_s:.3f}",
            ratio,
            f"{median.cpu_s:.2f}",
            f"{median.peak_bytes / 2**20:.0f}",
            _requests(median),
            f"{median.body_bytes / 1e6:.1f}",
            f"{median.index_cpu_s:.2f}",
            str(self.pins),
        )


def _requests(median: Median) -> str:
    kinds = ("pages", "pages 304", "metadata", "metadata 304", "heads", "ranges", "files", "files 304", "missing")
    told = [f"{median.requests[kind]} {kind}" for kind in (*kinds, "unrecorded") if median.requests[kind]]
    return " + ".join(told) or "none"


def table(rows: Iterable[Row]) -> str:
    lines = [_line(_COLUMNS), _line(["---"] * 4 + ["--:"] * 5 + ["---"] + ["--:"] * 3)]
    return "\n".join([*lines, *(_line(row.cells()) for row in rows)])


def _line(cells: Sequence[str]) -> str:
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
