"""An engine that runs nothing: it answers as a build's container would, and fails where it is told to."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.builders import BuiltFile
from wheelpin.builder.places import ANSWER, SOURCE
from wheelpin.engines import (
    Answer,
    Command,
    ContainerOptions,
    EngineName,
    ImageFacts,
    ImageMissingError,
    PullFailedError,
    ResultMissingError,
    Sink,
)

HELP = b"usage: auditwheel repair [--plat PLATFORM] [--only-plat]\n- manylinux_2_28_x86_64\n- manylinux_2_31_x86_64\n"


def facts(*, minor: int = 9, abi: str = "cp39") -> bytes:
    """Spell what the capture script says of an interpreter of the image's."""
    version = f"3.{minor}.1"
    said = {
        "wheelpin-facts": 1,
        "implementation": "cpython",
        "version": [3, minor],
        "abi": abi,
        "machine": "x86_64",
        "libc": ["glibc", "2.28"],
        "macos": "",
        "emscripten": None,
        "denied-glibc-minors": [],
        "markers": {"python_full_version": version, "python_version": f"3.{minor}", "os_name": "posix"},
    }
    return json.dumps(said).encode()


@dataclass(kw_only=True)
class Script:
    """What happens in the containers of one test."""

    built: Sequence[BuiltFile] = ()
    """What a build leaves."""
    built_of: Mapping[str, BuiltFile] = field(default_factory=dict)
    """By the name of an sdist: what its build leaves instead."""
    repaired: Sequence[BuiltFile] = ()
    sdist: BuiltFile | None = None
    requires: Sequence[str] = ()
    """What the backend asks for dynamically."""
    failures: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """By a word of a command: its exit code and what it says."""
    errors: Mapping[str, Exception] = field(default_factory=dict)
    """By a word of a command: what the engine raises."""
    says: Mapping[str, str] = field(default_factory=dict)
    """By a word of a command: what it says and ends well."""
    facts: bytes = field(default_factory=facts)
    broken_modules: Mapping[str, str] = field(default_factory=dict)
    """Modules that do not import, with the error."""
    manager: str = "yum"
    is_silent: bool = False
    """The build backend leaves no answer."""


class FakeEngine:
    """Implement `wheelpin.engines.Engine`."""

    name = EngineName.PODMAN

    def __init__(self, script: Script, *, images: Sequence[str] = ("stand-in",), architectures: str = "x86_64") -> None:
        self.script, self.images, self.architectures = script, set(images), architectures
        self.pullable: set[str] = set()
        self.opened: list[ContainerOptions] = []
        self.commands: list[Command] = []
        self.copied: list[tuple[str, list[str]]] = []
        self.removed: list[str] = []
        self.open_now = 0
        self.stopped = False

    def facts_of(self, image: str) -> ImageFacts | None:
        if image not in self.images:
            return None
        return ImageFacts(
            image=image, id=f"sha256:{'1' * 64}", digest=None, architecture="x86_64", environment={"PATH": "/bin"}
        )

    def has_image(self, image: str) -> bool:
        return image in self.images

    def digest_of(self, image: str) -> str:
        if (found := self.facts_of(image)) is None:
            raise ImageMissingError("podman", image)
        return found.identity

    def pull(self, image: str, architecture: str | None, log: Sink) -> None:
        log(b"fetching\n\n")
        if image not in self.pullable:
            raise PullFailedError("podman", f"fetch {image}", "no such host")
        self.images.add(image)

    def remove_image(self, image: str) -> None:
        self.removed.append(image)

    def can_run(self, architecture: str) -> bool:
        return architecture in self.architectures

    @contextmanager
    def open(self, options: ContainerOptions) -> Iterator["FakeContainer"]:
        self.opened.append(options)
        self.open_now += 1
        try:
            yield FakeContainer(self)
        finally:
            self.open_now -= 1

    def stop(self) -> None:
        self.stopped = True


class FakeContainer:
    """Implement `wheelpin.engines.Container`."""

    def __init__(self, engine: FakeEngine) -> None:
        self._engine, self._script = engine, engine.script
        self._source = ""
        self._answer = b""

    def copy_in(self, source: Path, folder: str) -> None:
        names = [path.name for path in source.rglob("*")] if source.is_dir() else [source.name]
        self._engine.copied.append((folder, sorted(names)))
        if folder == SOURCE:
            self._source = source.name

    def run(self, command: Command, log: Sink) -> int:
        self._engine.commands.append(command)
        self._raise(command)
        spelled = " ".join(command.argv)
        for word, (exit_code, said) in self._script.failures.items():
            if word in spelled:
                log(f"{said}\n".encode())
                return exit_code
        for word, said in self._script.says.items():
            if word in spelled:
                log(f"{said}\n".encode())
        if "backend.py" in spelled:
            self._answer = self._backend(json.loads(command.argv[-1]))
        return 0

    def ask(self, command: Command, said: bytes = b"") -> Answer:
        self._engine.commands.append(command)
        self._raise(command)
        spelled = " ".join(command.argv)
        for word, (exit_code, told) in self._script.failures.items():
            if word in spelled:
                return Answer(exit_code=exit_code, stdout=b"", stderr=f"{told}\n".encode())
        answer = next((answer for word, answer in self._answers(command, said).items() if word in spelled), None)
        return Answer(exit_code=1, stdout=b"", stderr=b"") if answer is None else answer()

    def _answers(self, command: Command, said: bytes) -> dict[str, Callable[[], Answer]]:
        return {
            "capture.py": lambda: _good(self._script.facts),
            "auditwheel repair --help": lambda: _good(HELP),
            "auditwheel --version": lambda: _good(b"auditwheel 6.4.2 installed"),
            "patchelf --version": lambda: _good(b"patchelf 0.17.2"),
            f"command -v {self._script.manager}": lambda: _good(b""),
            "ls -d /opt/python": lambda: _good(b"/opt/python/cp38-cp38\n"),
            "-S -B -c": lambda: self._imports(json.loads(said)),
        }

    def _backend(self, question: dict[str, object]) -> bytes:
        if question["hook"] == "build_sdist":
            return json.dumps({"answer": self._script.sdist and self._script.sdist.filename}).encode()
        return json.dumps({"answer": list(self._script.requires)}).encode()

    def _imports(self, question: dict[str, list[str]]) -> Answer:
        lines: list[dict[str, object]] = [{"python": question["python"]}]
        for module in question["modules"]:
            broken = self._script.broken_modules.get(module)
            lines.append({"failed": module, "errors": [broken]} if broken else {"imported": module})
        return _good("\n".join(map(json.dumps, lines)).encode() + b"\nnoise\n")

    def copy_out(self, path: str, to: Path) -> tuple[Path, ...]:
        files: dict[str, Sequence[BuiltFile]] = {
            "built": [found] if (found := self._script.built_of.get(self._source)) else self._script.built,
            "repaired": self._script.repaired,
            "sdists": [self._script.sdist] if self._script.sdist else (),
        }
        name = path.rpartition("/")[2]
        if path == ANSWER and not self._script.is_silent:
            (to / name).write_bytes(self._answer)
            return (to / name,)
        if name not in files:
            raise ResultMissingError(path)
        to.mkdir(parents=True, exist_ok=True)
        for file in files[name]:
            (to / file.filename).write_bytes(file.body)
        return tuple(to / file.filename for file in files[name])

    def commit(self) -> str:
        self._engine.images.add("prepared")
        return "prepared"

    def _raise(self, command: Command) -> None:
        for word, error in self._script.errors.items():
            if word in " ".join(command.argv):
                raise error


def _good(stdout: bytes, stderr: bytes = b"") -> Answer:
    return Answer(exit_code=0, stdout=stdout, stderr=stderr)
