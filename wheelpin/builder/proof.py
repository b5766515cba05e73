"""Proof that a wheel is what the target needs: by the host's own audit first, then in a container by an import."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec import Struct

from wheelpin.builder.diagnosis import diagnose
from wheelpin.builder.errors import StepFailedError, UnsoundBuildError
from wheelpin.builder.places import GIVEN, WORK, Surroundings
from wheelpin.bundle import Tree, tree_of_wheels
from wheelpin.bundle import vendor as lay_into_folder
from wheelpin.elf import Audit, audit_wheel
from wheelpin.engines import Container, RunLog
from wheelpin.ports import Reporter
from wheelpin.target import Target
from wheelpin.trials import ImportsFailedError, ModuleFailure, verify_imports
from wheelpin.trials.places import Ran
from wheelpin.wheelhouse import Housed

_INSTALLED = f"{GIVEN}/installed"
_ISOLATED = ("-E", "-s", "-S", "-B")
_TRIED_IN = f"{WORK}-trial"
_NO_MODULE = re.compile(r"(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)'?")


def audit_for_target(path: Path, target: Target, *, subject: str, log: RunLog) -> Audit:
    """Hold the wheel's tags and binaries to *target*; raise `UnsoundBuildError` with the first thing that is wrong."""
    with path.open("rb") as stream:
        audit = audit_wheel(stream, path.name, target=target)
    found = tuple(dict.fromkeys((*audit.broken_for_target, *audit.broken_claims)))
    for violation in found:
        log.note(f"# {path.name}: {violation}")
    if found:
        more = f" (and {len(found) - 1} more findings)" if len(found) > 1 else ""
        raise UnsoundBuildError(subject, f"{path.name}: {found[0]}{more}", log=str(log.path))
    return audit


def lay_out_wheels(housed: Sequence[Housed], target: Target, folder: Path, reporter: Reporter) -> Tree:
    """Lay wheels out as a folder to import from, each file checked against its RECORD."""
    tree = tree_of_wheels(housed, target)
    lay_into_folder(tree, folder, target=target.name, reporter=reporter)
    return tree


class ContainerPython(Struct, frozen=True, kw_only=True):
    """The target's interpreter in an open container; a `Place`."""

    container: Container
    around: Surroundings

    @property
    def name(self) -> str:
        """The interpreter's path."""
        return self.around.python

    def run(self, script: str, folder: Path, question: Mapping[str, object]) -> Ran:
        """Run *script* over a folder that lies in the container already."""
        command = self.around.command(self.around.python, *_ISOLATED, "-c", script, _INSTALLED, folder="/")
        said = (json.dumps(question) + "\n").encode("utf-8")
        answer = self.container.ask(command, said)
        words = answer.stderr.decode("utf-8", "replace").strip().splitlines()
        return Ran(
            answers=tuple(_answers(answer.stdout)),
            exit_code=_signal_or_code(answer.exit_code),
            last_words=words[-1] if words else "",
        )


class Trial(Struct, frozen=True, kw_only=True):
    """A container with wheels laid out in it, for those who try them."""

    container: Container
    around: Surroundings
    subject: str
    log: RunLog
    optional: tuple[str, ...] = ()
    """Extension modules that the wheel may lack."""

    def bring(self, folder: Path) -> None:
        """Copy a folder of wheels in."""
        self.container.copy_in(folder, _INSTALLED)

    def import_all(self, tree: Tree, folder: Path, target: Target, reporter: Reporter) -> int:
        """Import every top-level module; return how many there are. Raise `UnsoundBuildError`.

        What fails over another project's module, which is not there yet, or over one that is optional, is passed over.
        """
        place = ContainerPython(container=self.container, around=self.around)
        try:
            return verify_imports(tree, folder, place, target, reporter).count
        except ImportsFailedError as error:
            own = tree.top_names
            failures = [
                each
                for each in error.failures
                if not _wants_others(each, own) and not _wants_optional(each, self.optional)
            ]
            for failure in error.failures:
                self.log.note(f"# {failure}")
            if failures:
                reason = f"it does not import in the image: {failures[0]}"
                raise UnsoundBuildError(self.subject, reason, log=str(self.log.path)) from error
            return 0

    def test(self, commands: Sequence[str]) -> None:
        """Run the recipe's test commands with the wheels importable; raise `StepFailedError`."""
        self.container.run(self.around.command("mkdir", "-p", _TRIED_IN, folder="/"), self.log)
        for command in commands:
            self.log.note(f"# test-command: {command}")
            step = self.around.command("sh", "-c", command, folder=_TRIED_IN, packages=_INSTALLED)
            exit_code = self.container.run(step, self.log)
            if exit_code != 0:
                trouble = diagnose(exit_code, self.log.tail)
                raise StepFailedError(
                    self.subject,
                    "test-command",
                    trouble.reason,
                    log=str(self.log.path),
                    hint=f"the command was: {command}",
                )


def _wants_others(failure: ModuleFailure, own: Collection[str]) -> bool:
    found = _NO_MODULE.search(failure.errors[0])
    return found is not None and found[1].partition(".")[0] not in own


def _wants_optional(failure: ModuleFailure, optional: Sequence[str]) -> bool:
    """Tell whether a module is, or wants, an optional one, or says that it is not there itself for want of one."""
    found = _NO_MODULE.search(failure.errors[0])
    missing = failure.module if found is None else found[1]
    says_so_itself = found is not None and missing == failure.module
    return bool(optional) and (
        says_so_itself or any(fnmatchcase(name, each) for each in optional for name in (failure.module, missing))
    )


def _answers(output: bytes) -> list[Mapping[str, object]]:
    found: list[Mapping[str, object]] = []
    for line in output.decode("utf-8", "replace").splitlines():
        try:
            answer = json.loads(line)
        except ValueError:  # what broke off
            continue
        if isinstance(answer, dict):
            found.append(answer)
    return found


def _signal_or_code(exit_code: int | None) -> int | None:
    """Return an exit code as `Ran` has it: engines say 139 for what ends with signal 11."""
    return 128 - exit_code if exit_code is not None and exit_code > 128 else exit_code
