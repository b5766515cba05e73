"""What a real interpreter of the target's makes of a folder: it compiles the modules, or tries to import them.

Only this room starts interpreters over downloaded code, and only when the user asks for it by name. The place that
needs an engine, `ImagePython`, is imported from its own module, as most runs load no engine.
"""

from wheelpin.trials.compiling import compile_folder
from wheelpin.trials.failure import ModuleFailure
from wheelpin.trials.importing import Imported, ImportsFailedError, PassedOver, verify_imports
from wheelpin.trials.modules import top_level_modules
from wheelpin.trials.places import HostPython, Place, PythonFailedError, WrongPythonError

__all__ = [
    "HostPython",
    "Imported",
    "ImportsFailedError",
    "ModuleFailure",
    "PassedOver",
    "Place",
    "PythonFailedError",
    "WrongPythonError",
    "compile_folder",
    "top_level_modules",
    "verify_imports",
]
