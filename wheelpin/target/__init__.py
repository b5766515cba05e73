"""Where the wheels will run: tags, markers and the reasons why a file does not fit."""

from wheelpin.target.errors import (
    MarkerValueError,
    NarrowingError,
    PythonVersionError,
    TargetFileError,
    TargetSyntaxError,
    UnknownMarkerError,
)
from wheelpin.target.markers import Verdict
from wheelpin.target.misfit import Misfit, Part
from wheelpin.target.model import Target
from wheelpin.target.platforms import Emscripten, Libc, Linux, MacOS, Platform, Windows
from wheelpin.target.presets import Preset, presets
from wheelpin.target.python import Implementation, Interpreter

__all__ = [
    "Emscripten",
    "Implementation",
    "Interpreter",
    "Libc",
    "Linux",
    "MacOS",
    "MarkerValueError",
    "Misfit",
    "NarrowingError",
    "Part",
    "Platform",
    "Preset",
    "PythonVersionError",
    "Target",
    "TargetFileError",
    "TargetSyntaxError",
    "UnknownMarkerError",
    "Verdict",
    "Windows",
    "presets",
]
