"""How each tool is told to fill a folder from pins."""

import sys
from collections.abc import Mapping
from pathlib import Path

from benchmark.cases import Kind
from benchmark.jobs import Job, Pins, Tool
from benchmark.tools import Pip, Uv, Wheelpin, platforms_of
from benchmark.world import normalized

_KINDS = frozenset({Kind.COLD, Kind.WARM})


def is_wheelhouse(place: str) -> bool:
    """Tell whether the index of a job is a folder of wheels instead."""
    return place.startswith("/")


def filled_folder(job: Job) -> Path:
    return job.folder / "filled"


class FillingUv(Uv):
    kinds = _KINDS

    def commands(self, job: Job) -> list[list[str]]:
        (target,) = job.targets
        platform = f"{target.machine}-manylinux_{target.glibc}"
        command = ["uv", "pip", "install", "--quiet", "--target", str(filled_folder(job)), "--no-deps"]
        command += ["--require-hashes", "--only-binary", ":all:"]
        command += _links(job) if is_wheelhouse(job.index_url) else ["--default-index", job.index_url]
        command += ["--cache-dir", str(job.cache_dir), "--python", sys.executable]
        command += ["--python-version", target.python, "--python-platform", platform]
        return [[*command, "-r", str(job.lock_file(target))]]

    def pins(self, job: Job) -> Pins:
        return _pins_of(job)


class FillingWheelpin(Wheelpin):
    kinds = _KINDS

    def commands(self, job: Job) -> list[list[str]]:
        (target,) = job.targets
        options = _links(job) if is_wheelhouse(job.index_url) else ["-i", job.index_url, "--cert", str(job.ca_file)]
        options += ["--cache-dir", str(job.cache_dir)]
        options += [f"--target={target.name}", "--to", str(filled_folder(job))]
        return [[*self.argv, "vendor", str(job.lock_file(target)), *options]]

    def pins(self, job: Job) -> Pins:
        return _pins_of(job)


class FillingPip(Pip):
    kinds = _KINDS

    def commands(self, job: Job) -> list[list[str]]:
        (target,) = job.targets
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(filled_folder(job)), "--no-deps"]
        command += ["--require-hashes", "--only-binary=:all:", "--no-compile", "--no-input"]
        command += ["--disable-pip-version-check"]
        command += (
            _links(job) if is_wheelhouse(job.index_url) else ["--index-url", job.index_url, "--cert", str(job.ca_file)]
        )
        command += ["--cache-dir", str(job.cache_dir), "--python-version", target.python, "--implementation=cp"]
        command += [f"--platform={platform}" for platform in platforms_of(target)]
        return [[*command, "-r", str(job.lock_file(target))]]

    def pins(self, job: Job) -> Pins:
        return _pins_of(job)


FILLERS: tuple[Tool, ...] = (FillingUv(), FillingWheelpin(), FillingPip())
"""uv first, as among those who lock."""


def _links(job: Job) -> list[str]:
    return ["--no-index", "--find-links", job.index_url]


def _pins_of(job: Job) -> Pins:
    """Return what lies in the folder."""
    (target,) = job.targets
    return {target.name: _pins_in(filled_folder(job))}


def _pins_in(folder: Path) -> Mapping[str, str]:
    stems = [path.name.removesuffix(".dist-info") for path in folder.glob("*.dist-info")]
    return {normalized(name): version for name, _, version in (stem.partition("-") for stem in stems)}
