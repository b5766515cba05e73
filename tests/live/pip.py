"""The pips that real interpreters carry, run as a user of that interpreter would."""

import json
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name
from packaging.version import Version

_TIMEOUT_S = 150


@cache
def pip_version(python: Path) -> Version:
    """Return the version of the interpreter's pip."""
    found = re.match(r"pip (\S+)", _run(python, "--version").stdout)
    assert found is not None
    return Version(found[1])


def install(python: Path, lock: Path, folder: Path, *options: str) -> None:
    """Install a lock's files into *folder*, or fail with what pip says."""
    done = _run(python, "install", "--no-deps", "--target", str(folder), "-r", str(lock), *options)
    assert done.returncode == 0, done.stdout + done.stderr


def would_install(python: Path, *asked: str) -> Mapping[str, str] | None:
    """Return the wheel of each project that pip would install on a bare interpreter, None if it finds no answer."""
    options = ("--dry-run", "--quiet", "--report", "-", "--ignore-installed", "--only-binary", ":all:")
    done = _run(python, "install", *options, *asked)
    if done.returncode != 0:
        return None
    report = json.loads(done.stdout)
    return {
        canonicalize_name(entry["metadata"]["name"]): _last_part(entry["download_info"]["url"])
        for entry in report["install"]
    }


def _last_part(url: str) -> str:
    return unquote(urlsplit(url).path).rpartition("/")[2]


def _run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-m", "pip", *arguments], check=False, capture_output=True, text=True, timeout=_TIMEOUT_S
    )
