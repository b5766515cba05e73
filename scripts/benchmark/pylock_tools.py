"""Tools that know a target of their own kind and write PEP 751 or a format of their own: nab, PDM and Pex."""

import json
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from benchmark.cases import Kind, Target
from benchmark.jobs import Job, Pins
from wheelpin.target import Target as WheelpinTarget

_COLD_AND_WARM = frozenset({Kind.COLD, Kind.WARM})


class Nab:
    """One run a target; wheels only, as the others are told."""

    name = "nab"
    kinds = _COLD_AND_WARM

    def version_command(self) -> list[str]:
        return ["nab", "--version"]

    def commands(self, job: Job) -> list[list[str]]:
        project = job.folder / "pyproject.toml"
        index = f'[[tool.nab.indexes]]\nname = "local"\nurl = {json.dumps(job.index_url)}\n'
        project.write_text(_project(job) + index, encoding="utf-8")
        common = ["nab", "-q", "lock", str(project), "--cache-dir", str(job.cache_dir), "--format", "pylock"]
        common += ["--project-dist-policy", "wheel-only", "--project-mode", "specific"]
        return [
            [
                *common,
                *("--project-environment-python", target.python),
                *("--project-environment-platform", f"linux_{target.machine}", "libc=glibc"),
                f"runs-on-libc={target.glibc.replace('_', '.')}",
                *("--output", str(_pylock(job, target))),
            ]
            for target in job.targets
        ]

    def environ(self, job: Job) -> dict[str, str]:
        return {**job.environ, "SSL_CERT_FILE": str(job.ca_file)}

    def pins(self, job: Job) -> Pins:
        return _pins_of_pylocks(job)


class Pdm:
    """One run a target, which it writes as a pylock."""

    name = "pdm"
    kinds = _COLD_AND_WARM

    def version_command(self) -> list[str]:
        return ["pdm", "--version"]

    def commands(self, job: Job) -> list[list[str]]:
        source = f'[[tool.pdm.source]]\nname = "pypi"\nurl = {json.dumps(job.index_url)}\n'
        (job.folder / "pyproject.toml").write_text(_project(job) + source, encoding="utf-8")
        (job.folder / ".pdm-python").write_text(sys.executable, encoding="utf-8")
        common = ["pdm", "lock", "--quiet", "--project", str(job.folder)]
        return [
            [
                *common,
                *("--python", f"=={target.python}.*", "--platform", f"manylinux_{target.glibc}_{target.machine}"),
                *("--lockfile", str(_pylock(job, target))),
            ]
            for target in job.targets
        ]

    def environ(self, job: Job) -> dict[str, str]:
        settings = {"PDM_CHECK_UPDATE": "0", "PDM_LOCK_FORMAT": "pylock"}
        certificates = {"SSL_CERT_FILE": str(job.ca_file), "REQUESTS_CA_BUNDLE": str(job.ca_file)}
        return {**job.environ, **settings, **certificates, "PDM_CACHE_DIR": str(job.cache_dir)}

    def pins(self, job: Job) -> Pins:
        return _pins_of_pylocks(job)


class Pex:
    """One run for all targets, which lets a pip of its own resolve each."""

    name = "pex"
    kinds = _COLD_AND_WARM

    def version_command(self) -> list[str]:
        return ["pex3", "--version"]

    def commands(self, job: Job) -> list[list[str]]:
        common = ["pex3", "lock", "create", "--style", "strict", "--no-build", "--no-pypi"]
        common += ["--index", job.index_url, "--cert", str(job.ca_file), "--pex-root", str(job.cache_dir)]
        return [
            [
                *common,
                *("--complete-platform", str(_complete_platform(job, target))),
                *("-o", str(job.lock_file(target)), *job.requirements),
            ]
            for target in job.targets
        ]

    def environ(self, job: Job) -> dict[str, str]:
        return {**job.environ, "SSL_CERT_FILE": str(job.ca_file)}

    def pins(self, job: Job) -> Pins:
        return {target.name: _pins_in_pex_lock(job.lock_file(target)) for target in job.targets}


def _project(job: Job) -> str:
    """Spell a project for any Python that the tool itself may run on: the target is said elsewhere."""
    dependencies = json.dumps(job.requirements)
    return (
        f'[project]\nname = "application"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = {dependencies}\n\n'
    )


def _pylock(job: Job, target: Target) -> Path:
    return job.folder / "locks" / f"pylock.{target.name.replace('.', '_')}.toml"


def _pins_of_pylocks(job: Job) -> Pins:
    return {target.name: _pins_in_pylock(_pylock(job, target)) for target in job.targets}


def _pins_in_pylock(lock_file: Path) -> Mapping[str, str]:
    packages = tomllib.loads(lock_file.read_text(encoding="utf-8"))["packages"]
    return {package["name"]: package["version"] for package in packages if "version" in package}


def _pins_in_pex_lock(lock_file: Path) -> Mapping[str, str]:
    resolves = json.loads(lock_file.read_text(encoding="utf-8"))["locked_resolves"]
    return {pin["project_name"]: pin["version"] for resolve in resolves for pin in resolve["locked_requirements"]}


def _complete_platform(job: Job, target: Target) -> Path:
    read = WheelpinTarget.parse(target.name)
    path = job.folder / f"{target.name}.json"
    platform = {"marker_environment": dict(read.markers), "compatible_tags": [str(tag) for tag in read.tags]}
    path.write_text(json.dumps(platform), encoding="utf-8")
    return path
