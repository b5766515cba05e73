"""Scripts for the target's interpreter: made from declared commands, or shipped by a wheel and made to fit."""

import io
import zipfile
from enum import Enum

from wheelpin.bundle.entry_points import Command
from wheelpin.target import Target, Windows

_BODY = """\
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath({own_path}))))

from {module} import {name}

if __name__ == "__main__":
    sys.exit({attribute}())
"""
"""Runs on every Python from 2.6 on; the folder above ``bin`` is the one that holds the modules."""

_FIXED_DATE = (1980, 1, 1, 0, 0, 0)


class Launcher(Enum):
    """What starts a command; the values of Windows are installer's."""

    SHEBANG = "posix"
    WINDOWS_X86 = "win-ia32"
    WINDOWS_AMD64 = "win-amd64"
    WINDOWS_ARM64 = "win-arm64"

    @classmethod
    def of(cls, target: Target) -> "Launcher":
        """Return what the target's system needs, whatever the host is."""
        match target.platform:
            case Windows(arch=arch):
                return _OF_WINDOWS[arch]
            case _:
                return cls.SHEBANG


_OF_WINDOWS = {
    "x86": Launcher.WINDOWS_X86,
    "amd64": Launcher.WINDOWS_AMD64,
    "arm64": Launcher.WINDOWS_ARM64,
}


def default_interpreter(target: Target) -> str:
    """Return what a script's first line calls: the target's very minor version, wherever it is installed."""
    if isinstance(target.platform, Windows):
        return "python.exe"
    prefix = "pypy" if target.interpreter.tag.startswith("pp") else "python"
    return f"/usr/bin/env {prefix}{target.interpreter.minor}"


def command_script(command: Command, launcher: Launcher, interpreter: str) -> tuple[str, bytes]:
    """Return the file name and the bytes of the script for *command*; equal commands give equal bytes."""
    own_path = "__file__" if launcher is Launcher.SHEBANG else "sys.argv[0]"
    name = command.attribute.partition(".")[0]
    body = _BODY.format(own_path=own_path, module=command.module, name=name, attribute=command.attribute).encode()
    if launcher is Launcher.SHEBANG:
        return command.name, f"#!{interpreter}\n".encode() + body
    from installer.scripts import Script  # noqa: PLC0415 - for targets that are Windows only

    script = Script(command.name, command.module, command.attribute, "gui" if command.is_gui else "console")
    filename, executable = script.generate(interpreter, launcher.value)
    # What follows the launcher and its first line is an archive, which installer dates by the clock.
    starter = executable[: executable.rindex(b"PK\x03\x04")]
    return filename, starter + _archive_of(body)


def fitted_script(body: bytes, interpreter: str) -> bytes:
    """Let a script that asks for any Python call *interpreter* (binary distribution format); leave others alone."""
    if not body.startswith((b"#!python", b"#!pythonw")):
        return body
    _, end, rest = body.partition(b"\n")
    return f"#!{interpreter}".encode() + end + rest


def _archive_of(body: bytes) -> bytes:
    info = zipfile.ZipInfo("__main__.py", _FIXED_DATE)
    info.create_system, info.external_attr = 3, 0o100644 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, body)
    return buffer.getvalue()
