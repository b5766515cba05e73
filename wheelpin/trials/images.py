"""An interpreter in a container of an image, for whatever machine the target is."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from wheelpin.engines import Command, ContainerOptions, Engine, EngineFailedError, ImageUnusableError
from wheelpin.target import Linux, Target
from wheelpin.trials.places import ISOLATED, LONGEST_RUN_S, PythonFailedError, Ran, read_run, spelled

_FOLDER = "/vendored"


class ImagePython(Struct, frozen=True, kw_only=True):
    """Implements `Place`. The folder is copied in, so that the engine may be on another machine."""

    engine: Engine
    image: str
    python: str
    """The interpreter's name or path in the image."""
    architecture: str | None

    @classmethod
    def of(cls, image: str, target: Target, *, engine: Engine, python: str | None = None) -> "ImagePython":
        """Choose what the target needs of *image*."""
        prefix = "pypy" if target.interpreter.tag.startswith("pp") else "python"
        return cls(
            engine=engine,
            image=image,
            python=python or f"{prefix}{target.interpreter.minor}",
            architecture=target.platform.arch if isinstance(target.platform, Linux) else None,
        )

    @property
    def name(self) -> str:
        """Interpreter and image."""
        return f"{self.python} in {self.image}"

    def run(self, script: str, folder: Path, question: Mapping[str, object]) -> Ran:
        """Run it in a container of its own, without network.

        Raise `PythonFailedError`, `ImageMissingError` and `ForeignArchitectureError`.
        """
        options = ContainerOptions(
            image=self.image, time_limit_s=LONGEST_RUN_S, architecture=self.architecture, sleeper=self.python
        )
        try:
            with self.engine.open(options) as container:
                container.copy_in(folder.resolve(), _FOLDER)
                argv = (self.python, *ISOLATED, "-c", script, _FOLDER)
                answer = container.ask(Command(argv=argv), spelled(question))
        except (EngineFailedError, ImageUnusableError) as error:
            raise PythonFailedError(self.name, error.reason, hint=error.hint) from error
        return read_run(answer.exit_code, answer.stdout, answer.stderr)
