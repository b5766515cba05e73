"""What engines' complaints mean."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from wheelpin.engines.errors import EngineFailedError, NoSpaceError

_CEREMONY = re.compile(
    r"^(?:docker: |Error: |Error response from daemon: |OCI runtime \w+ failed: |time=\S+ level=\w+ msg=)+",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"^(?:See '|Run ')")
_FULL = "no space left on device"
_NO_IMAGE = ("no such image", "image not known", "unable to find image", "does not exist in local storage")
_NO_CONTAINER = ("no such container", "no container with name", "is not running", "container state improper")
_NO_PROGRAM = re.compile(r'exec: "[^"]*": .*(?:not found|no such file)')
_ANOTHER_MACHINE = ("exec format error",)
_NOTHING_THERE = (
    "could not find the file",
    "could not be found",
    "no such file or directory",
    "no such container:path",
)


def last_words(stderr: bytes) -> str:
    """Return the line that says what happened, without what engines put before it."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines()]
    said = [line for line in lines if line and not _ASIDE.match(line)]
    return _CEREMONY.sub("", said[-1]) if said else "it said nothing"


def failure(engine: str, doing: str, stderr: bytes) -> EngineFailedError:
    """Return the error that an engine's complaint stands for."""
    text = stderr.decode("utf-8", "replace").lower()
    kind = NoSpaceError if _FULL in text else EngineFailedError
    return kind(engine, doing, last_words(stderr))


@contextmanager
def telling(engine: str, doing: str) -> Iterator[None]:
    """Turn what the system refuses into the engine's failure."""
    try:
        yield
    except OSError as error:
        raise EngineFailedError(engine, doing, error.strerror or str(error)) from error


def tells_of_no_image(stderr: bytes) -> bool:
    """Tell whether the complaint is about an image that the engine does not have."""
    return _says(stderr, _NO_IMAGE)


def tells_of_no_container(stderr: bytes) -> bool:
    """Tell whether the complaint is about a container that is gone, or does not run any more."""
    return _says(stderr, _NO_CONTAINER)


def tells_of_no_program(stderr: bytes) -> bool:
    """Tell whether the complaint is about a program that an image does not have."""
    return _NO_PROGRAM.search(stderr.decode("utf-8", "replace").lower()) is not None


def tells_of_another_machine(stderr: bytes) -> bool:
    """Tell whether the complaint is about a program of another architecture."""
    return _says(stderr, _ANOTHER_MACHINE)


def tells_of_nothing_there(stderr: bytes) -> bool:
    """Tell whether the complaint is about a path that a container does not have."""
    return _says(stderr, _NOTHING_THERE)


def _says(stderr: bytes, phrases: tuple[str, ...]) -> bool:
    text = stderr.decode("utf-8", "replace").lower()
    return any(phrase in text for phrase in phrases)
