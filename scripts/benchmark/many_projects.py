"""Measure one `wheelpin lock --recursive` over many project files, beside a run for each project and for each lock."""

import argparse
import hashlib
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from benchmark.cases import Target
from benchmark.index import LocalIndex, serving
from benchmark.jobs import Job
from benchmark.measure import Median, Sample, memory_folder, run_commands
from benchmark.report import machine
from benchmark.tools import Wheelpin
from benchmark.worlds import layered_roots

TARGETS = {
    "linux": Target(),
    "arm": Target(machine="aarch64"),
    "next": Target(python="3.13"),
}
_WORLD_SIZE = 300
_ROOTS_EACH = 2
_FRESH_S = 600

Command = tuple[list[str], Path]


class Way(Enum):
    """How the same locks are made."""

    TOGETHER = "one run"
    BY_PROJECT = "a run a project"
    BY_LOCK = "a run a lock"


class Found(Enum):
    """What a run finds when it starts."""

    NOTHING = "cold"
    """No cache and no locks."""
    FRESH = "second run"
    """Its cache and its locks, all of it fresh."""
    STALE = "stale"
    """The same, every page past its time and unchanged on the index."""
    CHANGED = "one requirement less"
    """Its fresh cache and its locks, and one project needs less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projects:
    """Folders with a project's file each, and how wheelpin is called there."""

    folder: Path
    count: int
    index: LocalIndex

    @property
    def job(self) -> Job:
        return Job(
            requirements=(),
            targets=tuple(TARGETS.values()),
            index_url=self.index.url,
            ca_file=self.index.ca_file,
            folder=self.folder,
        )

    @property
    def roots(self) -> list[Path]:
        return [self.folder / "services" / f"service-{number:02}" for number in range(self.count)]

    def lay(self) -> None:
        """Write the files, the same each time."""
        shutil.rmtree(self.folder, ignore_errors=True)
        rng = random.Random(self.count)
        targets = "".join(f'{name} = "{target.name}"\n' for name, target in TARGETS.items())
        for root in self.roots:
            root.mkdir(parents=True)
            needed = sorted(rng.sample(layered_roots(_WORLD_SIZE), _ROOTS_EACH))
            (root / "requirements.in").write_text("\n".join(needed) + "\n", encoding="utf-8")
            (root / "wheelpin.toml").write_text(
                f'requirements = ["requirements.in"]\nindex-url = "{self.index.url}"\n\n[targets]\n{targets}',
                encoding="utf-8",
            )

    def need_less(self) -> None:
        """Take one requirement from one project."""
        path = self.roots[0] / "requirements.in"
        path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[1:]) + "\n", encoding="utf-8")

    def commands(self, way: Way) -> list[Command]:
        options = ["--cert", str(self.job.ca_file), "--cache-dir", str(self.job.cache_dir)]
        lock = [*Wheelpin().argv, "lock", *options]
        match way:
            case Way.TOGETHER:
                return [([*lock, "--recursive", "services"], self.folder)]
            case Way.BY_PROJECT:
                return [(lock, root) for root in self.roots]
            case Way.BY_LOCK:
                return [([*lock, "--target", name], root) for root in self.roots for name in TARGETS]

    def digest(self) -> str:
        """Return a digest of all locks."""
        paths = sorted((self.folder / "services").rglob("lockfiles/*.txt"))
        assert len(paths) == self.count * len(TARGETS)
        return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()

    def measure(self, way: Way, found: Found) -> Sample:
        """Measure after what it takes to find what is to be found."""
        fresh_s = 0 if found is Found.STALE else _FRESH_S
        self.index.switch(latency_s=0, page_max_age_s=fresh_s)
        self.lay()
        before = None
        if found is not Found.NOTHING:
            # Twice, because what is remembered is what stands there then.
            for _ in range(2):
                run_commands(self.commands(way), Wheelpin().environ(self.job))
            before = self.digest()
        if found is Found.CHANGED:
            self.need_less()
        self.index.take_traffic()
        usage = run_commands(self.commands(way), Wheelpin().environ(self.job))
        sample = Sample(usage=usage, traffic=self.index.take_traffic())
        assert found is Found.CHANGED or before in (None, self.digest()), "an unchanged world changes no byte"
        return sample


def _rows(projects: Projects, situations: Sequence[Found], ways: Sequence[Way], runs: int) -> Iterator[str]:
    yield "| found | way | commands | s | CPU s | peak MiB | requests |"
    yield "|---|---|--:|--:|--:|--:|---|"
    for found in situations:
        for way in ways:
            median = Median.of([projects.measure(way, found) for _ in range(runs)])
            requests = " + ".join(f"{count} {kind}" for kind, count in median.requests.items() if count) or "none"
            yield (
                f"| {found.value} | {way.value} | {len(projects.commands(way))} | {median.wall_s:.2f} "
                f"| {median.cpu_s:.2f} | {median.peak_bytes / 2**20:.0f} | {requests} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(prog="projects", description=__doc__)
    parser.add_argument("--projects", type=int, default=60, help="how many project files (default: %(default)s)")
    parser.add_argument("--ways", default=",".join(way.name.lower() for way in Way), help="(default: %(default)s)")
    parser.add_argument(
        "--found", default=",".join(found.name.lower() for found in Found), help="(default: %(default)s)"
    )
    parser.add_argument("--runs", type=int, default=1, help="measured runs of each way (default: %(default)s)")
    arguments = parser.parse_args()
    ways = [Way[name.upper()] for name in arguments.ways.split(",")]
    situations = [Found[name.upper()] for name in arguments.found.split(",")]
    with memory_folder() as folder, serving(f"layered-{_WORLD_SIZE}", "json", folder) as index:
        projects = Projects(folder=folder / "work", count=arguments.projects, index=index)
        print(f"{machine([Wheelpin()])}\n")
        for row in _rows(projects, situations, ways, arguments.runs):
            print(row, flush=True)
