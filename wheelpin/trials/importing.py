"""Import every top-level module of a folder, and tell which one does not load and why."""

import signal
from pathlib import Path

from msgspec import Struct

from wheelpin.bundle import Tree
from wheelpin.errors import CheckFailedError
from wheelpin.ports import Reporter
from wheelpin.target import Target
from wheelpin.trials.modules import top_level_modules
from wheelpin.trials.places import Place, Ran, packaged_script, require_python


class ModuleFailure(Struct, frozen=True, kw_only=True):
    """A module that does not import."""

    module: str
    project: str
    errors: tuple[str, ...]
    """What was raised, and what that was raised in place of; the loader's own words are among them."""

    def __str__(self) -> str:
        first, *others = (error.splitlines()[0] for error in self.errors)
        return f"{self.module} of {self.project}: {first}" + "".join(f"; from {other}" for other in others)


class ImportsFailedError(CheckFailedError):
    """Modules of a folder do not import."""

    def __init__(self, folder: str, python: str, failures: tuple[ModuleFailure, ...]) -> None:
        super().__init__(folder, python, failures)
        self.folder, self.python, self.failures = folder, python, failures

    def __str__(self) -> str:
        more = f" (and {len(self.failures) - 1} more modules)" if len(self.failures) > 1 else ""
        return f"{self.folder} does not import with {self.python}: {self.failures[0]}{more}"


def verify_imports(tree: Tree, folder: Path, place: Place, target: Target, reporter: Reporter) -> int:
    """Import the top-level modules of *tree*, which lies in *folder*; return how many there are.

    This runs downloaded code. Raise `ImportsFailedError`, `WrongPythonError` and `PythonFailedError`.
    """
    owners = top_level_modules(tree)
    left, failures = sorted(owners), list[ModuleFailure]()
    while left:
        reporter.progress(f"importing {len(left)} modules")
        ran = place.run(packaged_script("import_script.py.txt"), folder, _question(left, target))
        require_python(ran, place, target)
        failed = {str(answer["failed"]): answer for answer in ran.answers if "failed" in answer}
        for module, answer in failed.items():
            failures.append(_failure(module, owners[module], answer["errors"]))
        seen = {str(answer["imported"]) for answer in ran.answers if "imported" in answer} | failed.keys()
        # The module that took the interpreter down with it is the one that was begun and never done.
        fallen = [module for module in left if module not in seen][:1]
        for module in fallen:
            failures.append(ModuleFailure(module=module, project=owners[module], errors=(_fate(ran),)))
        left = [module for module in left if module not in seen and module not in fallen]
    if failures:
        for failure in failures:
            reporter.detail(str(failure))
        raise ImportsFailedError(str(folder), place.name, tuple(failures))
    return len(owners)


def _question(modules: list[str], target: Target) -> dict[str, object]:
    return {"python": str(target.interpreter), "modules": modules}


def _failure(module: str, project: str, errors: object) -> ModuleFailure:
    said = tuple(map(str, errors)) if isinstance(errors, list) else ()
    return ModuleFailure(
        module=module, project=project, errors=tuple(filter(None, said)) or ("an error without words",)
    )


def _fate(ran: Ran) -> str:
    """Tell how the interpreter ended."""
    if ran.exit_code is None:
        return "it did not come to an end"
    if ran.exit_code < 0:
        try:
            name = signal.Signals(-ran.exit_code).name
        except ValueError:
            name = f"signal {-ran.exit_code}"
        return f"the interpreter died of {name}"
    return f"the interpreter ended with exit code {ran.exit_code}" + (f": {ran.last_words}" if ran.last_words else "")
