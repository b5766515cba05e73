"""Import every top-level module of a folder, and tell which one does not load and why."""

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from wheelpin.bundle import Tree
from wheelpin.errors import CheckFailedError
from wheelpin.ports import Reporter
from wheelpin.target import Target
from wheelpin.trials.failure import ModuleFailure
from wheelpin.trials.modules import top_level_modules
from wheelpin.trials.optional import missing_extra
from wheelpin.trials.places import Place, Ran, packaged_script, require_python

_OPTIONAL = "a module that nobody needs may be left out: --exclude PATTERN"
"""Projects have modules for requirements of extras that were not asked for, with nothing that tells them apart."""


class PassedOver(Struct, frozen=True, kw_only=True):
    """Modules of a project that want something for an extra that nobody asked for."""

    project: str
    missing: str
    """The name that nothing here provides."""
    modules: tuple[str, ...]

    def __str__(self) -> str:
        others = len(self.modules) - 1
        more = f" and {others} more module{'s' if others > 1 else ''} of {self.project}" if others else ""
        owner = "" if others else f" of {self.project}"
        need = "they need" if others else "it needs"
        return f"passed over {self.modules[0]}{owner}{more}: {need} {self.missing}, which nothing here provides"


class Imported(Struct, frozen=True, kw_only=True):
    """What came of a trial in which nothing failed that counts."""

    count: int
    """Of the modules that were imported."""
    passed_over: tuple[PassedOver, ...] = ()


class ImportsFailedError(CheckFailedError):
    """Modules of a folder do not import."""

    def __init__(
        self, folder: str, python: str, failures: tuple[ModuleFailure, ...], *, hint: str | None = None
    ) -> None:
        super().__init__(folder, python, failures, hint)
        self.folder, self.python, self.failures, self.hint = folder, python, failures, hint

    def __str__(self) -> str:
        others = len(self.failures) - 1
        more = f" (and {others} more module{'s' if others > 1 else ''})" if others else ""
        return f"{self.folder} does not import with {self.python}: {self.failures[0]}{more}"


def verify_imports(tree: Tree, folder: Path, place: Place, target: Target, reporter: Reporter) -> Imported:
    """Import the top-level modules of *tree*, which lies in *folder*; return what came of it.

    Modules of a namespace that `missing_extra` tells of are passed over. This runs downloaded code. Raise
    `ImportsFailedError`, `WrongPythonError` and `PythonFailedError`.
    """
    owners = top_level_modules(tree)
    left, failures, foreignness = sorted(owners), list[ModuleFailure](), None
    while left:
        reporter.progress(f"importing {len(left)} modules")
        ran = place.run(packaged_script("import_script.py.txt"), folder, _question(left, target))
        require_python(ran, place, target)
        foreignness = _foreignness(ran, place, target)
        failed = {str(answer["failed"]): answer for answer in ran.answers if "failed" in answer}
        for module, answer in failed.items():
            failures.append(_failure(module, owners[module], answer["errors"]))
        seen = {str(answer["imported"]) for answer in ran.answers if "imported" in answer} | failed.keys()
        # The module that took the interpreter down with it is the one that was begun and never done.
        fallen = [module for module in left if module not in seen][:1]
        for module in fallen:
            failures.append(ModuleFailure(module=module, project=owners[module], errors=(_fate(ran),)))
        left = [module for module in left if module not in seen and module not in fallen]
    counting, passed_over = _sorted_out(failures, tree, owners)
    if counting:
        for failure in failures:
            reporter.detail(str(failure))
        raise ImportsFailedError(str(folder), place.name, counting, hint=foreignness or _OPTIONAL)
    return Imported(count=len(owners) - len(failures), passed_over=passed_over)


def _sorted_out(
    failures: Sequence[ModuleFailure], tree: Tree, owners: Mapping[str, str]
) -> tuple[tuple[ModuleFailure, ...], tuple[PassedOver, ...]]:
    """Tell failures that count from those of optional modules, which are put together by what they miss."""
    failed = {failure.module for failure in failures}
    imported = {project for module, project in owners.items() if module not in failed}
    counting, optional = list[ModuleFailure](), dict[tuple[str, str], list[str]]()
    for failure in failures:
        if (missing := missing_extra(failure, tree, imported)) is None:
            counting.append(failure)
        else:
            optional.setdefault((failure.project, missing), []).append(failure.module)
    passed_over = (
        PassedOver(project=project, missing=missing, modules=tuple(modules))
        for (project, missing), modules in optional.items()
    )
    return tuple(counting), tuple(passed_over)


def _foreignness(ran: Ran, place: Place, target: Target) -> str | None:
    """Tell that compiled modules cannot load where the interpreter runs, None where it is a machine like the target."""
    found = next(((answer.get("system"), answer.get("machine")) for answer in ran.answers if "python" in answer), None)
    wanted = target.markers.get("sys_platform"), target.markers.get("platform_machine")
    if found is None or _folded(found) == _folded(wanted):
        return None
    theirs, own = (" ".join(map(str, each)) for each in (found, wanted))
    return f"{place.name} runs on {theirs}, and the target is {own}: compiled modules load there only"


def _folded(machine: tuple[object, object]) -> tuple[str, ...]:
    # Python 2 has linux2, and an image may run as a relative of the machine that it was made for.
    return tuple(str(part).casefold().removesuffix("2") for part in machine)


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
