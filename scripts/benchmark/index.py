"""The local index as the benchmark holds it: started, switched and asked for its log."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SCRIPTS = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the index was asked between two looks at its log."""

    requests: Mapping[str, int]
    connections: Mapping[str, int]
    body_bytes: int
    cpu_s: float
    """What the index itself spent."""


class LocalIndex:
    """A running server of one world in one shape."""

    def __init__(self, process: "subprocess.Popen[str]", ca_file: Path) -> None:
        self._process = process
        self.ca_file = ca_file
        self.url = str(json.loads(self._read_line())["index_url"])

    def switch(self, *, latency_s: float, page_max_age_s: int) -> None:
        self._say(latency_s=latency_s, page_max_age_s=page_max_age_s)

    def take_traffic(self) -> Traffic:
        """Return what was asked since the last look."""
        return self._say(reset=True)

    def _say(self, **command: object) -> Traffic:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        log = json.loads(self._read_line())
        return Traffic(**log)

    def _read_line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def serving(world: str, shape: str, folder: Path) -> Iterator[LocalIndex]:
    """Serve *world* until the block ends; the certificate to trust is kept in *folder*."""
    ca_file = folder / "ca.pem"
    argv = [sys.executable, "-m", "benchmark.server", world, "--shape", shape, "--ca-file", str(ca_file)]
    environ = {**os.environ, "PYTHONPATH": str(_SCRIPTS)}
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True, env=environ) as process:
        yield LocalIndex(process, ca_file)
