"""The image that stands for a machine that is not this one."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from wheelpin.target import Target

_UNPACK_AND_CALL = """\
import json, sys, zipfile
zipfile.ZipFile("/archive.zip").extractall("/var/task")
sys.path.insert(0, "/var/task")
module, function = sys.argv[1].split(".")
print(json.dumps(getattr(__import__(module), function)(json.loads(sys.argv[2]), None)))
"""
"""What a platform does with an archive: unpack it, put its folder on the path, import the handler and call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image with the interpreter of a target, and its libc."""

    engine: str
    """The command line of docker or podman."""
    name: str
    target: Target

    @property
    def python(self) -> str:
        """The interpreter's name in the image."""
        return f"python{self.target.interpreter.minor}"

    def call(self, archive: Path, handler: str, event: str) -> str:
        """Call ``module.function`` of *archive* with *event* in a container without network; return the answer."""
        words = ["create", "--network", "none", "--pull", "never", "--entrypoint", self.python, self.name]
        container = self._run(*words, "-I", "-S", "-c", _UNPACK_AND_CALL, handler, event).strip()
        try:
            self._run("cp", str(archive), f"{container}:/archive.zip")
            return self._run("start", "--attach", container)
        finally:
            self._run("rm", "--force", container)

    def _run(self, *words: str) -> str:
        done = subprocess.run([self.engine, *words], check=False, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout
