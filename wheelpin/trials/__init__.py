"""What a real interpreter of the target's makes of a folder: it compiles the modules, or tries to import them.

Only this room starts interpreters over downloaded code, and only when the user asks for it by name.
"""

from wheelpin.trials.compiling import compile_folder
from wheelpin.trials.importing import ImportsFailedError, ModuleFailure, verify_imports
from wheelpin.trials.modules import top_level_modules
from wheelpin.trials.places import (
    HostPython,
    ImagePython,
    NoEngineError,
    Place,
    PythonFailedError,
    WrongPythonError,
    find_engine,
)

__all__ = [
    "HostPython",
    "ImagePython",
    "ImportsFailedError",
    "ModuleFailure",
    "NoEngineError",
    "Place",
    "PythonFailedError",
    "WrongPythonError",
    "compile_folder",
    "find_engine",
    "top_level_modules",
    "verify_imports",
]
