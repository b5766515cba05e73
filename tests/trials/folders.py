"""Vendored folders to try, and the target that this very interpreter is."""

import platform
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from tests.builders import BuiltFile, make_wheel
from tests.reporters import RecordingReporter
from wheelpin.bundle import Layout, Tree, lay_out, open_wheel, vendor
from wheelpin.bundle.selection import read_member
from wheelpin.target import Target


def own_target() -> Target:
    """Describe the interpreter that runs the tests; its platform does not matter here."""
    kind = "pp" if platform.python_implementation() == "PyPy" else "cp"
    threads = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    return Target.parse(f"{kind}{sys.version_info[0]}{sys.version_info[1]}{threads}-manylinux_2_17_x86_64")


def folder_of(where: Path, *wheels: BuiltFile, target: Target) -> tuple[Tree, Path]:
    """Lay *wheels* out below *where*."""
    (where / "wheels").mkdir()
    opened = []
    for wheel in wheels:
        path = where / "wheels" / wheel.filename
        path.write_bytes(wheel.body)
        opened.append(open_wheel(path))
    tree = lay_out(opened, Layout.of(target), read_member)
    vendor(tree, where / "vendored", target=target.name, reporter=RecordingReporter())
    return tree, where / "vendored"


def project(name: str, files: Mapping[str, bytes | str]) -> BuiltFile:
    """Build a wheel of *files*."""
    return make_wheel(name, files=files)
