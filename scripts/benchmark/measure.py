"""Run one tool on one job and say what it took."""

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmark.index import Traffic
from benchmark.jobs import Job, Tool

_MEMORY = Path("/dev/shm")


class ToolFailedError(Exception):
    """A tool ended with an error of its own."""

    def __init__(self, argv: Sequence[str], output: str) -> None:
        super().__init__(argv, output)
        self.argv, self.output = argv, output

    def __str__(self) -> str:
        last_lines = self.output.strip().splitlines()[-5:]
        return "\n  ".join([" ".join(self.argv), *last_lines])


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one run of a tool took; several commands one after the other count as one run."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    usage: Usage
    traffic: Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """The middle of several samples, each quantity by itself."""

    runs: int
    wall_s: float
    fastest_s: float
    cpu_s: float
    peak_bytes: float
    body_bytes: float
    index_cpu_s: float
    requests: Mapping[str, int]
    connections: Mapping[str, int]

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> "Median":
        return cls(
            runs=len(samples),
            wall_s=statistics.median(sample.usage.wall_s for sample in samples),
            fastest_s=min(sample.usage.wall_s for sample in samples),
            cpu_s=statistics.median(sample.usage.cpu_s for sample in samples),
            peak_bytes=statistics.median(sample.usage.peak_bytes for sample in samples),
            body_bytes=statistics.median(sample.traffic.body_bytes for sample in samples),
            index_cpu_s=statistics.median(sample.traffic.cpu_s for sample in samples),
            requests=_median_counts([sample.traffic.requests for sample in samples]),
            connections=_median_counts([sample.traffic.connections for sample in samples]),
        )


def _median_counts(counts: Sequence[Mapping[str, int]]) -> Mapping[str, int]:
    kinds = sorted({kind for count in counts for kind in count})
    return {kind: round(statistics.median(count.get(kind, 0) for count in counts)) for kind in kinds}


@contextmanager
def memory_folder() -> Iterator[Path]:
    """Make a folder that no disk slows down, where the system has a place for one."""
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        yield Path(folder)


def empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "locks").mkdir(parents=True)


def run(tool: Tool, job: Job) -> Usage:
    """Run *tool*; raises `ToolFailedError`.

    Peak memory is the largest of its commands', and never below this process's own, which the kernel lets a
    child start from.
    """
    return run_commands([(argv, job.folder) for argv in tool.commands(job)], tool.environ(job))


def run_commands(commands: Sequence[tuple[Sequence[str], Path]], environ: Mapping[str, str]) -> Usage:
    """Run commands one after the other, each in its folder; raises `ToolFailedError`."""
    wall_s = cpu_s = 0.0
    peak_kib = 0
    for argv, folder in commands:
        with tempfile.TemporaryFile() as output:
            started_at = time.perf_counter()
            process = subprocess.Popen(
                argv, env=environ, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall_s += time.perf_counter() - started_at
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                output.seek(0)
                raise ToolFailedError(argv, output.read().decode(errors="replace"))
        cpu_s += usage.ru_utime + usage.ru_stime
        peak_kib = max(peak_kib, usage.ru_maxrss)
    return Usage(wall_s=wall_s, cpu_s=cpu_s, peak_bytes=peak_kib * 1024)
