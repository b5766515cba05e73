"""What can go wrong with engines, images and containers."""

from wheelpin.errors import BuildFailedError, InputError, IntegrityError

_HOW_TO_GET_ONE = "install docker or podman and start it, or name one elsewhere with DOCKER_HOST or CONTAINER_HOST"


class NoEngineError(InputError):
    """A container is wanted, and nothing here runs containers."""

    hint = _HOW_TO_GET_ONE

    def __init__(self, reasons: tuple[tuple[str, str], ...]) -> None:
        super().__init__(reasons)
        self.reasons = reasons
        """Each engine that was tried, and why it does not serve."""

    def __str__(self) -> str:
        return "nothing here runs containers: " + "; ".join(f"{engine} {why}" for engine, why in self.reasons)


class ImageMissingError(InputError):
    """An engine does not have an image, and nothing is pulled unasked."""

    def __init__(self, engine: str, image: str) -> None:
        super().__init__(engine, image)
        self.engine, self.image = engine, image
        self.hint = f"fetch it with {engine} pull {image}"

    def __str__(self) -> str:
        return f"{self.engine} has no image {self.image}"


class ForeignArchitectureError(InputError):
    """Programs of an architecture do not run on the engine's machine."""

    hint = (
        "install an emulator for it (Debian: qemu-user-static; elsewhere: docker run --privileged --rm "
        "tonistiigi/binfmt --install all), or name an engine on such a machine with DOCKER_HOST or CONTAINER_HOST"
    )

    def __init__(self, engine: str, architecture: str, image: str) -> None:
        super().__init__(engine, architecture, image)
        self.engine, self.architecture, self.image = engine, architecture, image

    def __str__(self) -> str:
        return f"{self.engine} cannot run {self.image}: this machine has no emulator for {self.architecture}"


class EngineFailedError(BuildFailedError):
    """An engine refused, broke off or went away."""

    hint: str | None = None

    def __init__(self, engine: str, doing: str, reason: str) -> None:
        super().__init__(engine, doing, reason)
        self.engine, self.doing, self.reason = engine, doing, reason

    def __str__(self) -> str:
        return f"{self.engine} failed to {self.doing}: {self.reason}"


class PullFailedError(EngineFailedError):
    """A registry did not give an image."""

    hint = "see whether the registry is reachable from the engine's machine, or name an image that is there"


class NoSpaceError(EngineFailedError):
    """A disk is full, the engine's or the container's."""

    def __init__(self, engine: str, doing: str, reason: str) -> None:
        super().__init__(engine, doing, reason)
        self.hint = f"make room where {engine} keeps its data; {engine} system prune removes what is not in use"


class ImageUnusableError(BuildFailedError):
    """A container of an image ends before anything was asked of it."""

    def __init__(self, image: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(image, reason, hint)
        self.image, self.reason, self.hint = image, reason, hint

    def __str__(self) -> str:
        return f"no container of {self.image} runs: {self.reason}"


class TimeLimitError(BuildFailedError):
    """What runs in a container takes too long."""

    def __init__(self, program: str, limit_s: int) -> None:
        super().__init__(program, limit_s)
        self.program, self.limit_s = program, limit_s

    def __str__(self) -> str:
        return f"{self.program} was stopped: its container had {self.limit_s} seconds"


class ResultMissingError(BuildFailedError):
    """A file that should come out of a container is not there."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"the container has no {self.path}"


class HostileResultError(IntegrityError):
    """What comes out of a container is not what may come out of one."""

    def __init__(self, member: str, reason: str) -> None:
        super().__init__(member, reason)
        self.member, self.reason = member, reason

    def __str__(self) -> str:
        return f"{self.member} does not leave the container: {self.reason}"
