"""Container engines: docker and podman by their command lines, here or on another machine.

This is the one place that knows them. What runs in a container is the caller's; a container is gone when its
context ends, however it ends, and ends by itself at its time limit when nobody is left to end it.
"""

from wheelpin.engines.command_line import CommandLineEngine
from wheelpin.engines.errors import (
    EngineFailedError,
    ForeignArchitectureError,
    HostileResultError,
    ImageMissingError,
    ImageUnusableError,
    NoEngineError,
    NoSpaceError,
    PullFailedError,
    ResultMissingError,
    TimeLimitError,
)
from wheelpin.engines.find import find_engine
from wheelpin.engines.logs import RunLog
from wheelpin.engines.model import (
    Answer,
    Command,
    Container,
    ContainerOptions,
    Engine,
    EngineName,
    ImageFacts,
    Network,
    Sink,
)
from wheelpin.engines.signals import ending_in_order

__all__ = [
    "Answer",
    "Command",
    "CommandLineEngine",
    "Container",
    "ContainerOptions",
    "Engine",
    "EngineFailedError",
    "EngineName",
    "ForeignArchitectureError",
    "HostileResultError",
    "ImageFacts",
    "ImageMissingError",
    "ImageUnusableError",
    "Network",
    "NoEngineError",
    "NoSpaceError",
    "PullFailedError",
    "ResultMissingError",
    "RunLog",
    "Sink",
    "TimeLimitError",
    "ending_in_order",
    "find_engine",
]
