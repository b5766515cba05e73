"""Real wheels from PyPI, judged by wheelpin and by auditwheel."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from wheelpin.elf import Audit, audit_wheel

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(sys.platform != "linux", reason="auditwheel's own analysis needs Linux, which is missing"),
]

ROWS = [
    line.split()
    for line in Path(__file__).with_name("wheels.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def download(row: list[str], folder: Path) -> Path:
    requirement, platform, python, abi = row
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--platform", platform, "--python-version", python, "--abi", abi, "--dest", str(folder), requirement]
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def needed_versions(audit: Audit) -> dict[str, list[str]]:
    """Return versions by library as auditwheel lists them, which leaves out what is needed of the linker itself."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in audit.binaries.elf_files:
        for need in file.facts.needed_versions:
            if not need.library.startswith(("ld-linux", "ld64.so.")):
                found[need.library].add(need.version)
    return {library: sorted(versions) for library, versions in found.items()}


@pytest.mark.parametrize("row", ROWS, ids="-".join)
def test_the_deserved_tag_and_the_needed_versions_are_the_same(row: list[str], tmp_path: Path) -> None:
    wheel = download(row, tmp_path)
    command = [sys.executable, "-m", "auditwheel", "show", "--json", str(wheel)]
    shown = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    with wheel.open("rb") as stream:
        audit = audit_wheel(stream, wheel.name)
    assert audit.is_sound
    assert audit.deserved is not None
    assert audit.deserved.name == shown["overall_tag"]
    assert needed_versions(audit) == shown["versioned_symbols"]
