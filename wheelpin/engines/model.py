"""What a container engine is asked for, and the ports that callers see."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from enum import Enum
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

Sink = Callable[[bytes], object]
"""Takes output as it comes, in pieces of any length; called on one thread at a time."""


class EngineName(Enum):
    """The engines that are known; the value is the program's name."""

    DOCKER = "docker"
    PODMAN = "podman"

    def __str__(self) -> str:
        return self.value


class Network(Enum):
    """What a container reaches."""

    NONE = "nothing"
    FULL = "the engine's default network"


class ContainerOptions(Struct, frozen=True, kw_only=True):
    """A container to be made."""

    image: str
    """A name, a name with a digest, or an image's id. It has to be there: opening a container pulls nothing."""
    time_limit_s: int
    """The container ends by itself then, with all that runs in it."""
    network: Network = Network.NONE
    architecture: str | None = None
    """As targets spell it, ``aarch64``. None for whatever the image is of."""
    sleeper: str | None = None
    """An interpreter of the image's that keeps the container alive; None for ``sleep``, which nearly all have."""


class Command(Struct, frozen=True, kw_only=True):
    """One program to run in a container that is open."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """On top of what the image sets."""
    working_folder: str | None = None
    user: str | None = None
    """``uid:gid`` or a name in the image; None for the image's own, which is mostly root."""


class Answer(Struct, frozen=True, kw_only=True):
    """What a command answered."""

    exit_code: int | None
    """None if the time limit came first."""
    stdout: bytes
    stderr: bytes


class ImageFacts(Struct, frozen=True, kw_only=True):
    """An image that an engine has."""

    image: str
    id: str
    """``sha256:…``; engines disagree on it for the same image."""
    digest: str | None
    """``sha256:…`` as a registry knows it; None for an image that came from none. Podman names one all the same."""
    architecture: str
    """As targets spell it."""
    environment: Mapping[str, str]

    @property
    def identity(self) -> str:
        """The digest, or else the id: what tells this image from all others under the same name."""
        return self.digest or self.id


class Container(Protocol):
    """A running container that does nothing of its own. Every method raises `EngineFailedError` and `NoSpaceError`."""

    def copy_in(self, source: Path, folder: str) -> None:
        """Put the file *source*, or all that lies in the folder *source*, into *folder*, made if need be.

        All of it belongs to root there. Links are kept as links; what is no file, folder or link is left out.
        """
        ...

    def run(self, command: Command, log: Sink) -> int:
        """Run *command* to its end and return its exit code; its output goes to *log*. Raise `TimeLimitError`.

        126 and 127 are also what engines say of a program that cannot be started or is not there.
        """
        ...

    def ask(self, command: Command, said: bytes = b"") -> Answer:
        """Run *command* with *said* on its standard input and keep what it answers."""
        ...

    def copy_out(self, path: str, to: Path) -> tuple[Path, ...]:
        """Bring the file *path*, or all that lies in the folder *path*, into the folder *to*; return the files.

        They belong to the caller. Raise `ResultMissingError`, and `HostileResultError` for anything but plain files and
        folders of a sensible size, `FileNotWritableError` if the system refuses.
        """
        ...

    def commit(self) -> str:
        """Keep the container's files as an image and return its id; `Engine.remove_image` is the caller's duty."""
        ...


class Engine(Protocol):
    """Runs containers. Every method may be called from any thread, and may raise `EngineFailedError`."""

    @property
    def name(self) -> EngineName:
        """Which one it is."""
        ...

    def facts_of(self, image: str) -> ImageFacts | None:
        """Return what is known of an image, or None if the engine does not have it. Nothing is pulled."""
        ...

    def has_image(self, image: str) -> bool:
        """Tell whether *image* is there."""
        ...

    def digest_of(self, image: str) -> str:
        """Return `ImageFacts.identity`; raise `ImageMissingError`."""
        ...

    def pull(self, image: str, architecture: str | None, log: Sink) -> None:
        """Fetch *image* from its registry, which may take long; announce it before. Raise `PullFailedError`."""
        ...

    def remove_image(self, image: str) -> None:
        """Remove an image that `Container.commit` made; one that is gone is no error."""
        ...

    def can_run(self, architecture: str) -> bool:
        """Tell whether programs of *architecture* run: the engine's own, or by an emulator that its kernel knows.

        Of a kernel that is not this machine's only its own architecture is known; then this says True.
        """
        ...

    def open(self, options: ContainerOptions) -> AbstractContextManager[Container]:
        """Start a container, removed at the end of the context.

        Raise `ForeignArchitectureError`, `ImageMissingError` and `ImageUnusableError`.
        """
        ...

    def stop(self) -> None:
        """Remove every container that is open, from any thread, and open no more.

        What runs in them, and whoever wants another one, fails with `EngineFailedError`.
        """
        ...
