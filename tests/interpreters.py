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
    releases = [found for found in Path(root, "versions").glob("*") if _RELEASE.fullmatch(found.name)]
    in_order = sorted(releases, key=lambda found: Version(found.name))
    return {found.name.rpartition(".")[0]: found / "bin" / "python" for found in in_order}
