"""What can go wrong with a build."""

from wheelpin.engines.errors import NoEngineError
from wheelpin.errors import BuildFailedError, InputError


class CannotBuildError(BuildFailedError):
    """Nothing is built for a target, or not in the image that was named."""

    def __init__(self, target: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(target, reason, hint)
        self.target, self.reason, self.hint = target, reason, hint

    def __str__(self) -> str:
        return f"nothing can be built for {self.target}: {self.reason}"


class NoBuildEngineError(BuildFailedError):
    """Something has to be built, and nothing here runs containers."""

    hint = NoEngineError.hint

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"nothing can be built: {self.reason}"


class SourceRefusedError(BuildFailedError):
    """An sdist or a folder is not one that a wheel could be built from."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(source, reason)
        self.source, self.reason = source, reason

    def __str__(self) -> str:
        return f"{self.source} cannot be built: {self.reason}"


class NoSuchSourceError(InputError):
    """What should be built is not there, or is neither an sdist nor a folder nor a pinned project."""

    hint = "name an sdist, a folder with a pyproject.toml or setup.py, or NAME==VERSION"

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(source, reason)
        self.source, self.reason = source, reason

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class BuildRequirementsError(BuildFailedError):
    """What a build needs cannot be had for the image's Python."""

    def __init__(self, subject: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(subject, reason, hint)
        self.subject, self.reason, self.hint = subject, reason, hint

    def __str__(self) -> str:
        return f"{self.subject}: the build's own requirements have no answer: {self.reason}"


class StepFailedError(BuildFailedError):
    """A step of a build failed."""

    def __init__(self, subject: str, step: str, reason: str, *, log: str | None, hint: str | None = None) -> None:
        super().__init__(subject, step, reason, log, hint)
        self.subject, self.step, self.reason, self.log, self.hint = subject, step, reason, log, hint

    def __str__(self) -> str:
        where = "" if self.log is None else f"; all that was said is in {self.log}"
        return f"{self.subject}: {self.step} failed: {self.reason}{where}"


class UnsoundBuildError(BuildFailedError):
    """A wheel was built that is not what the target needs, so it was not kept."""

    def __init__(self, subject: str, reason: str, *, log: str | None, hint: str | None = None) -> None:
        super().__init__(subject, reason, log, hint)
        self.subject, self.reason, self.log, self.hint = subject, reason, log, hint

    def __str__(self) -> str:
        where = "" if self.log is None else f"; all that was said is in {self.log}"
        return f"{self.subject}: the wheel is refused: {self.reason}{where}"
