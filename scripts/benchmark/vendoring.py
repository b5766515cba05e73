"""Measure how long wheelpin, uv and pip take to fill a folder from the same pins, from the same local index.

Tools take turns within every round, so that a machine's moods hit all of them.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path

from benchmark.cases import LAMBDA
from benchmark.fillers import FILLERS, filled_folder
from benchmark.index import LocalIndex, serving
from benchmark.jobs import Job, Tool
from benchmark.measure import Median, Sample, empty, memory_folder, run
from benchmark.report import Row, differences, machine, table
from benchmark.tools import ROOT, is_present
from benchmark.wheels import PINS, write_pins


class Found(Enum):
    """What a tool finds when it starts; the folder to fill is never there."""

    COLD = "cold"
    """Nothing but an index."""
    WHEELHOUSE = "wheelhouse"
    """Nothing but a folder of the wheels, in place of an index."""
    WARM = "warm"
    """The cache of the run before, and the same wheelhouse."""


class Vendoring:
    """One set of pins on a running index; every tool has a folder of its own, with its cache in it."""

    def __init__(self, pins: Path, index: LocalIndex, folder: Path) -> None:
        self._pins, self._index, self._folder = pins, index, folder

    def job(self, tool: Tool, found: Found) -> Job:
        return Job(
            requirements=(),
            targets=(LAMBDA,),
            index_url=self._index.url if found is Found.COLD else str(self._pins.parent),
            ca_file=self._index.ca_file,
            folder=self._folder / tool.name,
        )

    def measure(self, tool: Tool, found: Found) -> Sample:
        """Fill a folder that is not there, with the cache of the run before only if *found* is warm."""
        job = self.job(tool, found)
        if found is not Found.WARM:
            empty(job.folder)
            shutil.copyfile(self._pins, job.lock_file(LAMBDA))
        shutil.rmtree(filled_folder(job), ignore_errors=True)
        self._index.take_traffic()
        usage = run(tool, job)
        return Sample(usage=usage, traffic=self._index.take_traffic())


def _rows(vendoring: Vendoring, tools: Sequence[Tool], *, name: str, runs: int) -> Iterator[Row]:
    for found in Found:
        samples: dict[str, list[Sample]] = {tool.name: [] for tool in tools}
        for _ in range(runs):
            for tool in tools:
                samples[tool.name].append(vendoring.measure(tool, found))
        medians = {name: Median.of(taken) for name, taken in samples.items()}
        pins = {tool.name: tool.pins(vendoring.job(tool, found)) for tool in tools}
        for tool in tools:
            yield Row(
                case=name,
                kind=found.value,
                latency_ms=0,
                tool=tool.name,
                median=medians[tool.name],
                base=medians.get("uv"),
                pins=len(pins[tool.name][LAMBDA.name]),
            )
            for line in differences(tool.name, pins[tool.name], tools[0].name, pins[tools[0].name]):
                print(line, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vendor", description=__doc__)
    tools = ",".join(tool.name for tool in FILLERS)
    parser.add_argument("--wheels", type=int, default=80, help="how many to generate (default: %(default)s)")
    parser.add_argument("--wheelhouse", type=Path, help="a folder of wheels to take instead of generated ones")
    parser.add_argument("--tools", default=tools, help="where installed (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=5, help="measured runs of each tool (default: %(default)s)")
    parser.add_argument("-o", "--output", type=Path, help="write the Markdown there too")
    return parser


def main() -> None:
    arguments = _parser().parse_args()
    tools = [tool for tool in FILLERS if tool.name in arguments.tools.split(",") and is_present(tool)]
    with memory_folder() as folder:
        wheels = folder / "wheels"
        wheels.mkdir()
        if arguments.wheelhouse is not None:
            for wheel in arguments.wheelhouse.glob("*.whl"):
                shutil.copy(wheel, wheels)
            write_pins(wheels)
        else:
            # A process of its own, because a tool's peak memory is never below that of the process that starts it.
            command = [sys.executable, "-m", "benchmark.wheels", str(wheels), str(arguments.wheels)]
            subprocess.run(command, cwd=ROOT / "scripts", check=True)
        with serving(str(wheels), "json", folder) as index:
            vendoring = Vendoring(wheels / PINS, index, folder)
            name = f"vendor-{len(list(wheels.glob('*.whl')))}"
            rows = list(_rows(vendoring, tools, name=name, runs=arguments.runs))
    text = f"{machine(tools)}\n\n{table(rows)}\n"
    print(text)
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")
