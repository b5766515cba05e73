"""Measure how long wheelpin, uv and pip take to lock the same requirements from the same local index.

Tools take turns within every round, so that a machine's moods hit all of them.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from benchmark.cases import DEFAULT_NAMES, Case, Kind, case_named
from benchmark.imports import imports_of, imports_table
from benchmark.index import LocalIndex, serving
from benchmark.jobs import Job, Pins, Tool
from benchmark.measure import Median, Sample, ToolFailedError, empty, memory_folder, run
from benchmark.report import Row, differences, machine, table
from benchmark.tools import TOOLS, is_present

_FRESH_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    kinds: tuple[Kind, ...]
    tools: tuple[Tool, ...]
    latencies_ms: tuple[int, ...]
    runs: int
    patience_s: float
    """A tool that takes longer than this without added latency is measured once."""

    def runs_of(self, took_s: float) -> int:
        return self.runs if took_s < self.patience_s else 1


class Situation:
    """One case in one state of the caches on a running index, the same for every tool."""

    def __init__(self, case: Case, kind: Kind, index: LocalIndex, folder: Path) -> None:
        self.case, self.kind = case, kind
        self._index, self._folder = index, folder

    def prepare(self, tool: Tool) -> float:
        """Return the seconds that *tool* takes with nothing to start from, while making what it shall find.

        On the way the index makes every answer that it will be asked for.
        """
        found = self._found(tool)
        self._index.switch(latency_s=0, page_max_age_s=0 if self.kind is Kind.STALE else _FRESH_S)
        if self.kind is Kind.ADDED:
            self._run_alone(tool, self._asked())
        took_s = self._run_alone(tool, self.case.requirements)
        self._job(tool, ()).folder.rename(found)
        if self.kind is Kind.COLD:
            empty(found)
        elif self.kind is Kind.LOCK:
            shutil.rmtree(found / "cache")
        elif self.kind is not Kind.ADDED:
            shutil.rmtree(found / "locks")
            (found / "locks").mkdir()
        return took_s

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

    def _run_alone(self, tool: Tool, requirements: tuple[str, ...]) -> float:
        job = self._job(tool, requirements)
        empty(job.folder)
        return run(tool, job).wall_s

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
    runs: dict[Tool, int] = {}
    for tool in plan.tools:
        if situation.kind in tool.kinds:
            try:
                runs[tool] = plan.runs_of(situation.prepare(tool))
            except ToolFailedError as error:
                _say(f"{situation.case.name}, {situation.kind.value}: {tool.name} failed\n{error}")
    tools = list(runs)
    for latency_ms in plan.latencies_ms:
        samples: dict[str, list[Sample]] = {tool.name: [] for tool in tools}
        for number in range(plan.runs):
            for tool in tools:
                if number < runs[tool]:
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


def _case_rows(case: Case, index: LocalIndex, plan: Plan) -> Iterator[Row]:
    for kind in plan.kinds:
        with memory_folder() as scratch:
            for row in _rows(Situation(case, kind, index, scratch), plan):
                _say("  ".join(row.cells()))
                yield row


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
    try:
        run(wheelpin, job)
    except ToolFailedError as error:
        _say(f"{case.name}: wheelpin failed\n{error}")
        return
    (command,) = wheelpin.commands(job)
    for title, arguments in (
        ("--version", ["--version"]),
        (f"warm lock of {case.name}", command[command.index("lock") :]),
    ):
        yield imports_table(title, imports_of(arguments, wheelpin.environ(job), job.folder))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _cases(text: str) -> tuple[Case, ...]:
    return tuple(map(case_named, _listed(text)))


def _kinds(text: str) -> tuple[Kind, ...]:
    known = {kind.name.lower(): kind for kind in Kind}
    if unknown := set(_listed(text)) - set(known):
        raise ValueError(unknown)
    return tuple(known[name] for name in _listed(text))


def _latencies_ms(text: str) -> tuple[int, ...]:
    return tuple(map(int, _listed(text)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    kinds = ",".join(kind.name.lower() for kind in Kind)
    tools = ",".join(tool.name for tool in TOOLS)
    cases = ",".join(DEFAULT_NAMES)
    parser.add_argument(
        "--cases", type=_cases, default=cases, help="besides: layered-N, targets-N, tangled-N (default: %(default)s)"
    )
    parser.add_argument("--kinds", type=_kinds, default=kinds, help="what tools find (default: %(default)s)")
    parser.add_argument("--tools", type=_listed, default=tools, help="where installed (default: %(default)s)")
    parser.add_argument("--latencies", type=_latencies_ms, default="0,30", help="ms per answer (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=5, help="measured runs of each tool (default: %(default)s)")
    parser.add_argument(
        "--patience", type=float, default=10, help="s of a run after which one is enough (default: %(default)s)"
    )
    parser.add_argument("--shape", choices=("json", "html"), default="json", help="like PyPI, or a plain mirror")
    parser.add_argument("--imports", action="store_true", help="also tell what wheelpin imports and what that costs")
    parser.add_argument("-o", "--output", type=Path, help="write the Markdown there too")
    return parser


def main() -> None:
    arguments = _parser().parse_args()
    plan = Plan(
        kinds=arguments.kinds,
        tools=tuple(tool for tool in TOOLS if tool.name in arguments.tools and is_present(tool)),
        latencies_ms=arguments.latencies,
        runs=arguments.runs,
        patience_s=arguments.patience,
    )
    rows: list[Row] = []
    parts: list[str] = []
    with memory_folder() as folder:
        for world, cases in groupby(arguments.cases, key=lambda case: str(case.world)):
            with serving(world, arguments.shape, folder) as index:
                for case in cases:
                    rows += _case_rows(case, index, plan)
                    if arguments.imports and len(case.targets) == 1:
                        with memory_folder() as scratch:
                            parts += _imports(case, index, scratch)
    text = "\n\n".join([machine(plan.tools), table(rows), *parts]) + "\n"
    print(text)
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")
