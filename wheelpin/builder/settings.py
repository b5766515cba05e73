"""What a recipe says to a build backend, in the form that the backend's release understands. Pure."""

import shlex
from collections.abc import Mapping

from packaging.version import Version

from wheelpin.builder.errors import CannotBuildError

Setting = str | tuple[str, ...]

_GLOBAL, _OWN = "--global-option", "--build-option"
_TOLD_APART_SINCE = Version("64")
"""Older releases of setuptools give what is called global to the command, and do not know the other key."""


def backend_settings(
    settings: Mapping[str, Setting], backend: str, setuptools: Version | None, *, target: str
) -> Mapping[str, object]:
    """Return ``config_settings`` (PEP 517) for *backend*; *setuptools* is the release at hand, if any.

    Raise `CannotBuildError` for what an old setuptools cannot be told.
    """
    if setuptools is None or backend.partition(":")[0] != "setuptools.build_meta":
        return {name: value if isinstance(value, str) else list(value) for name, value in settings.items()}
    said: dict[str, object] = {
        name: _words(value) if name in {_GLOBAL, _OWN} or not isinstance(value, str) else value
        for name, value in settings.items()
    }
    if setuptools >= _TOLD_APART_SINCE:
        return said
    if said.get(_GLOBAL):
        reason = f"setuptools {setuptools}, the release for this Python, takes no {_GLOBAL} before a command"
        raise CannotBuildError(target, reason, hint=f"say {_OWN} in config-settings, or a variable in environment")
    return {_GLOBAL if name == _OWN else name: value for name, value in said.items() if name != _GLOBAL}


def can_be_asked_with(backend: str, setuptools: Version | None) -> bool:
    """Tell whether *backend* takes settings along with a question: an old setuptools gives them to its own command."""
    is_setuptools = backend.partition(":")[0] == "setuptools.build_meta"
    return setuptools is None or not is_setuptools or setuptools >= _TOLD_APART_SINCE


def _words(value: Setting) -> list[str]:
    return shlex.split(value) if isinstance(value, str) else list(value)
