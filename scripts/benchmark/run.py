"""Measure how long wheelpin, uv and pip take to lock the same requirements from the same local index.

Tools take turns within every round, so that a machine's moods hit all of them.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from benchmark.cases import DEFAULT_NAMES, Case, Kind, case_named
from benchmark.imports import imports_of, imports_table
from benchmark.index import LocalIndex, serving
from benchmark.measure import Median, Sample, ToolFailedError, empty, memory_folder, run
from benchmark.report import Row, differences, machine, table
from benchmark.tools import TOOLS, Job, Pins, Tool, is_present

_FRESH_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    kinds: tuple[Kind, ...]
    tools: tuple[Tool, ...]
    latencies_ms: tuple[int, ...]
    runs: int


class Situation:
    """One case in one state of the caches on a running index, the same for every tool."""

    def __init__(self, case: Case, kind: Kind, index: LocalIndex, folder: Path) -> None:
        self.case, self.kind = case, kind
        self._index, self._folder = index, folder

    def prepare(self, tool: Tool) -> None:
        """Make what *tool* shall find, and let the index make every answer that it will be asked for."""
        found = self._found(tool)
        self._index.switch(latency_s=0, page_max_age_s=0 if self.kind is Kind.STALE else _FRESH_S)
        for job in (self._job(tool, self.case.requirements), self._job(tool, self._asked())):
            empty(job.folder)
            run(tool, job)
            if not found.exists():
                job.folder.rename(found)
        if self.kind is Kind.COLD:
            empty(found)
        elif self.kind is Kind.LOCK:
            shutil.rmtree(found / "cache")
        elif self.kind is not Kind.ADDED:
            shutil.rmtree(found / "locks")
            (found / "locks").mkdir()

    def measure(self, tool: Tool, latency_ms: int) -> Sample:
        job = self._job(tool, self._asked())
        shutil.rmtree(job.folder, ignore_errors=True)
        shutil.copytree(self._found(tool), job.folder, symlinks=True)
        self._index.switch(latency_s=latency_ms / 1_000, page_max_age_s=0 if self.kind is Kind.STALE else _FRESH_S)
        self._index.take_traffic()
        usage = run(tool, job)
        return Sample(usage=usage, traffic=self._index.take_traffic())

    def pins(self, tool: Tool) -> Pins:
        """Return the last run's answer."""
        return tool.pins(self._job(tool, self._asked()))

    def _asked(self) -> tuple[str, ...]:
        added = (self.case.added,) if self.kind is Kind.ADDED else ()
        return (*self.case.requirements, *added)

    def _found(self, tool: Tool) -> Path:
        return self._folder / f"found-{tool.name}"

    def _job(self, tool: Tool, requirements: tuple[str, ...]) -> Job:
        return Job(
            requirements=requirements,
            targets=self.case.targets,
            index_url=self._index.url,
            ca_file=self._index.ca_file,
            folder=self._folder / tool.name,
        )


def _rows(situation: Situation, plan: Plan) -> Iterator[Row]:
    tools = []
    for tool in plan.tools:
        if situation.kind in tool.kinds:
            try:
                situation.prepare(tool)
                tools.append(tool)
            except ToolFailedError as error:
                _say(f"{situation.case.name}, {situation.kind.value}: {tool.name} failed\n{error}")
    for latency_ms in plan.latencies_ms:
        samples: dict[str, list[Sample]] = {tool.name: [] for tool in tools}
        for _ in range(plan.runs):
            for tool in tools:
                samples[tool.name].append(situation.measure(tool, latency_ms))
        medians = {name: Median.of(taken) for name, taken in samples.items()}
        for tool in tools:
            yield Row(
                case=situation.case.name,
                kind=situation.kind.value,
                latency_ms=latency_ms,
                tool=tool.name,
                median=medians[tool.name],
                base=medians.get("uv"),
                pins=sum(map(len, situation.pins(tool).values())),
            )
    for tool in tools[1:]:
        for line in differences(tool.name, situation.pins(tool), tools[0].name, situation.pins(tools[0])):
            _say(f"{situation.case.name}, {situation.kind.value}: {line}")


def _imports(case: Case, index: LocalIndex, folder: Path) -> Iterator[str]:
    """Tell what wheelpin imports to say its version and to repeat a lock of which all is fresh."""
    wheelpin = next(tool for tool in TOOLS if tool.name == "wheelpin")
    job = Job(
        requirements=case.requirements,
        targets=case.targets,
        index_url=index.url,
        ca_file=index.ca_file,
        folder=folder / "imports",
    )
    empty(job.folder)
    run(wheelpin, job)
    (command,) = wheelpin.commands(job)
    for title, arguments in (
        ("--version", ["--version"]),
        (f"warm lock of {case.name}", command[command.index("lock") :]),
    ):
        yield imports_table(title, imports_of(arguments, wheelpin.environ(job)))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    listed = {"type": lambda text: tuple(text.split(",")), "metavar": "A,B"}
    parser.add_argument(
        "--cases", default=DEFAULT_NAMES, help="recorded or layered-N, targets-N, backtracking-N", **listed
    )
    kinds = tuple(kind.name.lower() for kind in Kind)
    parser.add_argument("--kinds", default=kinds, help=f"what tools find: {', '.join(kinds)}", **listed)
    tools = tuple(tool.name for tool in TOOLS)
    parser.add_argument("--tools", default=tools, help=f"those of {', '.join(tools)} that are installed", **listed)
    parser.add_argument("--latencies", default=("0", "30"), help="ms added to every answer", **listed)
    parser.add_argument("--runs", type=int, default=5, help="measured runs of each tool (default: %(default)s)")
    parser.add_argument("--shape", choices=("json", "html"), default="json", help="like PyPI, or a plain mirror")
    parser.add_argument("--imports", action="store_true", help="also tell what wheelpin imports and what that costs")
    parser.add_argument("-o", "--output", type=Path, help="write the Markdown there too")
    return parser.parse_args(argv)


def main() -> None:
    arguments = _arguments(None)
    plan = Plan(
        kinds=tuple(Kind[name.upper()] for name in arguments.kinds),
        tools=tuple(tool for tool in TOOLS if tool.name in arguments.tools and is_present(tool)),
        latencies_ms=tuple(int(latency) for latency in arguments.latencies),
        runs=arguments.runs,
    )
    cases = [case_named(name) for name in arguments.cases]
    rows: list[Row] = []
    parts: list[str] = []
    with memory_folder() as folder:
        for world, same_world in groupby(cases, key=lambda case: case.world):
            with serving(world, arguments.shape, folder) as index:
                for case in same_world:
                    for kind in plan.kinds:
                        with memory_folder() as scratch:
                            for row in _rows(Situation(case, kind, index, scratch), plan):
                                rows.append(row)
                                _say("  ".join(row.cells()))
                    if arguments.imports and len(case.targets) == 1:
                        with memory_folder() as scratch:
                            parts += _imports(case, index, scratch)
                _say(f"the index itself: {index.cpu_s:.1f} s of CPU")
    text = "\n\n".join([machine(plan.tools), table(rows), *parts]) + "\n"
    print(text)
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")
