"""How each tool is told to lock, and what it pinned; one command, or one per target where it knows only one."""

import json
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmark.cases import Kind, Target
from benchmark.jobs import Job, Pins, Tool
from benchmark.pylock_tools import Nab, Pdm, Pex

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
_SCRIPTS = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]


class Wheelpin:
    """All targets in one run."""

    name = "wheelpin"
    kinds = frozenset(Kind)

    def __init__(self) -> None:
        installed = _SCRIPTS / "wheelpin"
        self.argv = [str(installed)] if installed.exists() else [sys.executable, "-m", "wheelpin"]

    def version_command(self) -> list[str]:
        return [*self.argv, "--version"]

    def commands(self, job: Job) -> list[list[str]]:
        targets = [f"--target={target.name}" for target in job.targets]
        output = ["--output-dir", str(job.folder / "locks")]
        if len(job.targets) == 1:
            output = ["-o", str(job.lock_file(job.targets[0]))]
        options = ["-i", job.index_url, "--cert", str(job.ca_file), "--cache-dir", str(job.cache_dir)]
        return [[*self.argv, "lock", *job.requirements, *targets, *options, "--format=hashes", *output]]

    def environ(self, job: Job) -> dict[str, str]:
        return {**job.environ, "PYTHONPATH": str(ROOT)}

    def pins(self, job: Job) -> Pins:
        return {target.name: _pins_in(job.lock_file(target)) for target in job.targets}


class Uv:
    """One run a target, one after the other, over one cache."""

    name = "uv"
    kinds = frozenset(Kind)

    def version_command(self) -> list[str]:
        return ["uv", "--version"]

    def commands(self, job: Job) -> list[list[str]]:
        requirements = job.folder / "requirements.in"
        requirements.write_text("\n".join(job.requirements), encoding="utf-8")
        common = ["uv", "pip", "compile", "--quiet", "--generate-hashes", "--only-binary", ":all:"]
        common += ["--default-index", job.index_url, "--cache-dir", str(job.cache_dir), "--python", sys.executable]
        return [
            [
                *common,
                *("--python-version", target.python),
                *("--python-platform", f"{target.machine}-manylinux_{target.glibc}"),
                *("-o", str(job.lock_file(target)), str(requirements)),
            ]
            for target in job.targets
        ]

    def environ(self, job: Job) -> dict[str, str]:
        return {**job.environ, "SSL_CERT_FILE": str(job.ca_file), "UV_NO_CONFIG": "1", "UV_PYTHON_DOWNLOADS": "never"}

    def pins(self, job: Job) -> Pins:
        return {target.name: _pins_in(job.lock_file(target)) for target in job.targets}


class Pip:
    """A report of what it would install; it evaluates markers for the Python that it runs on."""

    name = "pip"
    kinds = frozenset({Kind.COLD, Kind.WARM})

    def version_command(self) -> list[str]:
        return [sys.executable, "-m", "pip", "--version"]

    def commands(self, job: Job) -> list[list[str]]:
        common = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        common += ["--only-binary=:all:", "--no-input", "--disable-pip-version-check", "--index-url", job.index_url]
        common += ["--cert", str(job.ca_file), "--cache-dir", str(job.cache_dir), "--target", str(job.folder / "site")]
        return [
            [
                *common,
                *("--python-version", target.python, "--implementation=cp"),
                *(f"--platform={platform}" for platform in platforms_of(target)),
                *("--report", str(job.lock_file(target)), *job.requirements),
            ]
            for target in job.targets
        ]

    def environ(self, job: Job) -> dict[str, str]:
        return job.environ

    def pins(self, job: Job) -> Pins:
        return {target.name: _pins_in_report(job.lock_file(target)) for target in job.targets}


TOOLS: tuple[Tool, ...] = (Uv(), Wheelpin(), Pip(), Nab(), Pdm(), Pex())
"""uv first: it is what the others are compared with."""


def is_present(tool: Tool) -> bool:
    return shutil.which(tool.version_command()[0]) is not None


def _pins_in(lock_file: Path) -> Mapping[str, str]:
    text = lock_file.read_text(encoding="utf-8")
    return {match[1].lower(): match[2] for match in _PIN.finditer(text)}


def _pins_in_report(report: Path) -> Mapping[str, str]:
    installs = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower(): item["metadata"]["version"] for item in installs}


def platforms_of(target: Target) -> list[str]:
    """Spell a glibc and everything older, as pip wants to be told."""
    newest = int(target.glibc.partition("_")[2])
    levels = [f"manylinux_2_{level}_{target.machine}" for level in range(newest, 4, -1)]
    legacy = ("manylinux2014", "manylinux2010", "manylinux1")
    return [*levels, *(f"{name}_{target.machine}" for name in legacy)]
