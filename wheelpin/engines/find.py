"""Which engine to use: the one that the user names, or the one that is there."""

import shutil
from collections.abc import Mapping

from wheelpin.engines.command_line import CommandLineEngine
from wheelpin.engines.errors import EngineFailedError, NoEngineError
from wheelpin.engines.model import EngineName

_REMOTE = {EngineName.DOCKER: "DOCKER_HOST", EngineName.PODMAN: "CONTAINER_HOST"}
"""The variables by which a user says that an engine is elsewhere, and so which one is meant."""


def find_engine(choice: EngineName | None, environment: Mapping[str, str]) -> CommandLineEngine:
    """Return the engine of *choice*, or the first that answers; raise `NoEngineError`.

    Those for which *environment* names a machine come first, then docker, then podman.
    """
    names = [choice] if choice is not None else sorted(EngineName, key=lambda name: not environment.get(_REMOTE[name]))
    reasons: list[tuple[str, str]] = []
    for name in names:
        if (program := shutil.which(name.value, path=environment.get("PATH"))) is None:
            reasons.append((str(name), "is not on the PATH"))
            continue
        engine = CommandLineEngine(name, program)
        try:
            engine.check()
        except EngineFailedError as error:
            reasons.append((str(name), f"does not answer ({error.reason})"))
            continue
        return engine
    raise NoEngineError(tuple(reasons))
