"""An image of a few megabytes: a shell and what tests do with it."""

import io
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

_PROGRAMS = ("sh", "sleep", "dd", "ls")
_LIBRARY = re.compile(r"(/\S+)")


def small_image() -> bytes:
    """Pack programs of this machine and the libraries that they need as the files of an image."""
    stream = io.BytesIO()
    packed: set[str] = set()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name in _PROGRAMS:
            if (program := shutil.which(name)) is None:
                pytest.skip(f"{name} is not on the PATH")
            _add(archive, packed, Path(program).resolve(), f"bin/{name}")
            needed = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
            for library in _LIBRARY.findall(needed):
                _add(archive, packed, Path(library).resolve(), library.lstrip("/"))
    return stream.getvalue()


def _add(archive: tarfile.TarFile, packed: set[str], path: Path, name: str) -> None:
    if name not in packed:
        packed.add(name)
        archive.add(path, name)
