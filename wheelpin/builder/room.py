"""A build's container, and what is done in it, step by step."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import NoReturn

from msgspec import Struct
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from wheelpin.builder import places, repair
from wheelpin.builder.build_system import BuildSystem
from wheelpin.builder.diagnosis import Trouble, diagnose
from wheelpin.builder.errors import StepFailedError, UnsoundBuildError
from wheelpin.builder.loss import Loss, find_loss
from wheelpin.builder.pins import PIP, BuildPins, lay_in
from wheelpin.builder.places import Surroundings
from wheelpin.builder.renaming import renamed_for
from wheelpin.builder.request import BuildRequest
from wheelpin.builder.scripts import write_scripts
from wheelpin.builder.sdist_archive import SDIST_ENDINGS
from wheelpin.builder.settings import backend_settings, can_be_asked_with
from wheelpin.builder.siblings import compare_modules
from wheelpin.builder.steps import (
    Step,
    backend_step,
    environment_steps,
    folder_step,
    preparation_steps,
    unpack_steps,
)
from wheelpin.builder.tools import ToolBuilder
from wheelpin.builder.workshop import Workshop
from wheelpin.elf import audit_wheel, load_policy_tables, read_wheel_binaries
from wheelpin.engines import Container, ResultMissingError, RunLog
from wheelpin.folders.project_files import copy_project
from wheelpin.safe_write import FileNotWritableError

_LOOKED_AT_BYTES = 4 * 1024 * 1024
"""Of a log's end: the first error of a long build may stand far above its last line."""
_LINES_FOR_A_REASON = 400
_LONGEST_ANSWER_BYTES = 1024 * 1024

Explain = Callable[[int, Sequence[str]], Trouble]


class Room(Struct, kw_only=True):
    """An open container with a build in it."""

    container: Container
    request: BuildRequest
    system: BuildSystem
    around: Surroundings
    workshop: Workshop
    log: RunLog
    scratch: Path
    """A folder of this machine for what goes in and comes out."""
    tools: ToolBuilder
    _equipped_with: BuildPins | None = None

    def prepare(self) -> None:
        """Lay the source out, patched and ready."""
        source, recipe, patches = self.request.source, self.request.recipe, self.scratch / "patches"
        try:
            write_scripts(self.scratch / "scripts")
            if source.is_folder:
                copy_project(source.path, self.scratch / "source", source.outputs)
            patches.mkdir()
            for place, content in enumerate(self.request.patches):
                (patches / str(place)).write_bytes(content)
        except OSError as error:
            raise FileNotWritableError(str(self.scratch), error.strerror or str(error)) from error
        self.container.copy_in(self.scratch / "scripts", places.SCRIPTS)
        self.container.copy_in(self.scratch / "source" if source.is_folder else source.path, places.SOURCE)
        if self.request.patches:
            self.container.copy_in(patches, places.PATCHES)
        self.carry_out([folder_step(self.around)])
        self.carry_out(unpack_steps(self.around, None if source.is_folder else source.path.name))
        self.carry_out(preparation_steps(self.around, recipe.patches, recipe.before_build))

    def equip(self, pins: BuildPins) -> None:
        """Lay the build requirements in and install them, in place of what was there."""
        if pins == self._equipped_with:
            return
        folder = self.scratch / "dependencies"
        lay_in(pins.pins, folder, self.workshop, self.tools)
        self.container.copy_in(folder, places.DEPENDENCIES)
        chosen = [text for text in pins.names if not text.startswith(f"{PIP}==")]
        self.carry_out(environment_steps(self.around, pins.pip_wheel, chosen))
        self._equipped_with = pins

    def ask_backend(self, hook: str) -> tuple[str, ...]:
        """Return what the build backend wants beyond what the project states; its code runs for that."""
        can_be_told = can_be_asked_with(self.system.backend, self._setuptools)
        step = self._backend(hook, self._settings if can_be_told else {}, name="asking the build backend")
        found = self._answer(step)
        return tuple(map(str, found)) if isinstance(found, list) else ()

    @property
    def _setuptools(self) -> Version | None:
        return None if self._equipped_with is None else self._equipped_with.version_of("setuptools")

    @property
    def _settings(self) -> Mapping[str, object]:
        said = self.request.recipe.config_settings
        return backend_settings(said, self.system.backend, self._setuptools, target=self.request.target.name)

    def _backend(self, hook: str, *arguments: object, name: str) -> Step:
        return backend_step(self.around, self.system, hook, arguments, name=name)

    def _answer(self, step: Step) -> object:
        """Carry *step* out and read what it left as an answer: all that it says is log, and there may be much of it."""
        self.carry_out([step])
        folder = Path(mkdtemp(dir=self.scratch))
        try:
            (path,) = self.container.copy_out(places.ANSWER, folder)
            with path.open("rb") as file:
                return json.loads(file.read(_LONGEST_ANSWER_BYTES))["answer"]
        except (ResultMissingError, ValueError, KeyError, TypeError, RecursionError):
            self.log.note(f"# {step.name} left no answer")
            raise StepFailedError(
                self.request.subject, step.name, "it gave no answer", log=str(self.log.path)
            ) from None

    def build(self) -> Path:
        """Build the wheel and bring it out."""
        self.carry_out([self._backend("build_wheel", places.BUILT, self._settings, name="building the wheel")])
        return self._brought(places.BUILT, self.scratch / "built")

    def build_sdist(self) -> Path:
        """Let the build backend make an sdist, and bring it out."""
        name = self._answer(self._backend("build_sdist", places.SDISTS, self._settings, name="building the sdist"))
        files = self.container.copy_out(places.SDISTS, self.scratch / "sdists")
        if len(files) != 1 or files[0].name != name or not files[0].name.endswith(SDIST_ENDINGS):
            self.refuse(f"the build left {', '.join(path.name for path in files) or 'nothing'} as an sdist")
        return files[0]

    def _brought(self, folder: str, to: Path) -> Path:
        """Bring out the one wheel in *folder*, and check that it is what was wanted."""
        files = self.container.copy_out(folder, to)
        names = [path.name for path in files]
        try:
            (path,) = files
            project, _, _, _ = parse_wheel_filename(path.name)
        except (ValueError, InvalidWheelFilename):
            self.refuse(f"the build left {', '.join(names) or 'nothing'} where one wheel should be")
        if self.request.source.project not in {None, project}:
            self.refuse(f"the build made {path.name}, a wheel of another project")
        return path

    def carry_out(self, steps: Iterable[Step], explain: Explain = diagnose) -> None:
        """Run steps one after the other; raise `StepFailedError` for the first that fails, as *explain* words it."""
        for step in steps:
            self.log.note(f"# {step.name}: {places.spelled(step.command.argv)}")
            self.workshop.reporter.progress(f"{self.request.subject}: {step.name}")
            exit_code = self.container.run(step.command, self.log)
            if exit_code != 0:
                self._fail(step.name, exit_code, explain)

    def _fail(self, step: str, exit_code: int, explain: Explain = diagnose) -> NoReturn:
        trouble = explain(exit_code, log_lines(self.log.path)[-_LINES_FOR_A_REASON:])
        self.log.note(f"# {step} ended with exit code {exit_code}")
        raise StepFailedError(self.request.subject, step, trouble.reason, log=str(self.log.path), hint=trouble.hint)

    def refuse(self, reason: str, hint: str | None = None) -> NoReturn:
        """Raise `UnsoundBuildError`."""
        raise UnsoundBuildError(self.request.subject, reason, log=str(self.log.path), hint=hint)

    def check_loss(self, path: Path) -> tuple[Path, tuple[str, ...]]:
        """Return the wheel and what to know of it; raise `UnsoundBuildError` if it lacks what it should have.

        A wheel that may lack all its binaries, and does, gets a name that the target takes.
        """
        project, version, _, _ = parse_wheel_filename(path.name)
        with path.open("rb") as stream:
            binaries = read_wheel_binaries(stream, path.name)
        published = compare_modules(
            self.request.siblings, project, version, folder=self.scratch / "siblings", workshop=self.workshop
        )
        loss = find_loss(binaries, published, log_lines(self.log.path))
        if loss is None:
            return path, ()
        optional = self.request.recipe.optional_extensions
        if not loss.is_allowed_by(optional):
            if loss.is_certain:
                self.refuse(f"{path.name}: {loss.reason}", _hint_on(loss))
            return path, (loss.reason,)
        note = f"without {', '.join(loss.modules or optional)}, as its recipe allows"
        names = repair.policy_names(self.request.target, load_policy_tables())
        if names and binaries.lost_its_binaries:
            path = renamed_for(names[0], path)
        return path, (note,)

    def repaired(self, path: Path) -> tuple[Path, tuple[str, ...]]:
        """Repair the wheel in the container where it has binaries; return it and the tools that had a part in it."""
        with path.open("rb") as stream:
            binaries = read_wheel_binaries(stream, path.name)
        names = repair.policy_names(self.request.target, load_policy_tables())
        if not names or not repair.needs_repair(binaries):
            return path, ()
        answer = self.container.ask(repair.help_command(self.around))
        if answer.exit_code in {126, 127}:
            hint = "name an image that has it, as the official ones do"
            raise StepFailedError(
                self.request.subject,
                "auditwheel repair",
                "the image has no auditwheel",
                log=str(self.log.path),
                hint=hint,
            )
        auditwheel = repair.parse_help(answer.stdout.decode("utf-8", "replace"))
        platform = repair.choose_platform(auditwheel, names)
        if platform is None:
            known = ", ".join(sorted(auditwheel.platforms))
            self.refuse(
                f"the image's auditwheel knows none of {', '.join(names)}, only {known}",
                "the image is of another architecture or too old: name another one",
            )
        step = repair.repair_step(self.around, auditwheel, platform, path.name)
        demands = newest_demands_of(path)
        self.carry_out(
            [step], lambda code, lines: repair.read_answer(lines, platform, demands) or diagnose(code, lines)
        )
        return self._brought(places.REPAIRED, self.scratch / "repaired"), self._tools()

    def _tools(self) -> tuple[str, ...]:
        found = []
        for name in ("auditwheel", "patchelf"):
            answer = self.container.ask(self.around.command(name, "--version"))
            version = re.search(rb"\d+(?:\.\d+)+", answer.stdout)
            if answer.exit_code == 0 and version is not None:
                found.append(f"{name} {version[0].decode('ascii')}")
        return tuple(found)


def _hint_on(loss: Loss) -> str:
    names = ", ".join(f'"{name}"' for name in loss.modules) or '"*"'
    return (
        "lay in what the extension needs by the recipe's system-packages or build-requires; "
        f"if the wheel may do without, say optional-extensions = [{names}] in its recipe"
    )


def newest_demands_of(path: Path) -> tuple[str, ...]:
    """Return the newest symbol versions that a wheel's binaries need, and where: auditwheel does not tell."""
    with path.open("rb") as stream:
        audit = audit_wheel(stream, path.name)
    return tuple(f"{each.version} of {each.library} ({each.file})" for each in audit.newest_demands)


def log_lines(path: Path) -> list[str]:
    """Return the lines of a log, its end if it is very long."""
    with path.open("rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - _LOOKED_AT_BYTES))
        return stream.read().decode("utf-8", "replace").splitlines()
