"""Hundreds of real wheels of all architectures and both libcs, judged by wheelpin and by auditwheel.

Opt-in: half a gigabyte of downloads and some minutes of auditwheel.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.elf.test_agrees_with_auditwheel import needed_versions
from wheelpin.elf import audit_wheel

OPT_IN = "WHEELPIN_MANY_WHEELS"

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(OPT_IN not in os.environ, reason=f"{OPT_IN} is not set"),
]


@dataclass(frozen=True, slots=True)
class Row:
    """A wheel, and why auditwheel says something else of it, if it does."""

    project: str
    filename: str
    sha256: str
    difference: str = ""

    @property
    def version(self) -> str:
        return self.filename.split("-")[1]


ROWS = [
    Row(*line.split())
    for line in Path(__file__).with_name("many_wheels.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Download all of them: one file of pins for every first wheel of a project, one for every second…"""
    folder = tmp_path_factory.mktemp("many")
    rounds: dict[int, list[str]] = {}
    seen: Counter[str] = Counter()
    for row in ROWS:
        rounds.setdefault(seen[row.project], []).append(f"{row.project}=={row.version} --hash=sha256:{row.sha256}\n")
        seen[row.project] += 1
    for number, lines in rounds.items():
        pins = folder / f"{number}.txt"
        pins.write_text("".join(lines), encoding="utf-8")
        command = [sys.executable, "-m", "wheelpin", "download", str(pins), "-d", str(folder / "wheels")]
        subprocess.run(command, check=True)
    return folder / "wheels"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.filename)
def test_the_deserved_tag_and_the_needed_versions_are_the_same(row: Row, wheels: Path) -> None:
    path = wheels / row.filename
    with path.open("rb") as stream:
        audit = audit_wheel(stream, row.filename)
    command = [sys.executable, "-m", "auditwheel", "show", "--json", str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode != 0) == (row.difference == "crash")
    if row.difference == "crash":
        return
    shown = json.loads(done.stdout)
    assert needed_versions(audit) == shown["versioned_symbols"]
    assert audit.deserved is not None
    if audit.deserved.is_level_proven:
        assert (audit.deserved.name == shown["overall_tag"]) == (row.difference == "")
    else:  # musl's level cannot be seen: auditwheel names the newest, wheelpin what the wheel claims
        assert shown["overall_tag"].startswith("musllinux_1_2_")
        assert any(audit.deserved.name == name for name in audit.binaries.tags.platforms)
