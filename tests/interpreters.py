"""The real interpreters of this machine, for tests that ask them."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from packaging.version import Version

_RELEASE = re.compile(r"\d+\.\d+\.\d+")


@cache
def pyenv_interpreters() -> dict[str, Path]:
    """Find pyenv's CPythons, each with a pip of its own: the newest patch by minor, such as ``3.6``."""
    if (pyenv := shutil.which("pyenv")) is None:
        return {}
    root = subprocess.run([pyenv, "root"], check=True, capture_output=True, text=True).stdout.strip()
    pythons = {path.parts[-3]: path for path in Path(root, "versions").glob("*/bin/python")}
    releases = sorted(filter(_RELEASE.fullmatch, pythons), key=Version)
    return {release.rpartition(".")[0]: pythons[release] for release in releases}
