"""The scripts that run in containers; their sources lie beside this module."""

from pathlib import Path
from pkgutil import get_data

_SCRIPTS = ("unpack", "backend", "sitecustomize")


def write_scripts(folder: Path) -> None:
    """Write every script into *folder*: ``unpack.py`` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _SCRIPTS:
        source = get_data("wheelpin.builder", f"{name}_script.py.txt") or b""
        (folder / f"{name}.py").write_bytes(source)
