"""Lock, fetch, prove and ship Python wheels for a machine that is not this one.

::

    import wheelpin

    (answer,) = wheelpin.lock(["cryptography"], targets=["manylinux1-cp36-x86_64"])
    print(wheelpin.to_text(answer.lock, wheelpin.LockFormat.HASHES))

    answers = wheelpin.lock_project("services/mail")
"""

from wheelpin.version import __version__

TYPE_CHECKING = False  # the one of typing takes as long to load as all else that an answer from memory needs
if TYPE_CHECKING:
    from wheelpin.api import lock, lock_project
    from wheelpin.errors import WheelpinError
    from wheelpin.locks import Lock, LockFormat, to_text
    from wheelpin.settings import ExplicitOptions
    from wheelpin.target import Target

__all__ = [
    "ExplicitOptions",
    "Lock",
    "LockFormat",
    "Target",
    "WheelpinError",
    "__version__",
    "lock",
    "lock_project",
    "to_text",
]

_HOMES = {
    "ExplicitOptions": "wheelpin.settings",
    "Lock": "wheelpin.locks",
    "LockFormat": "wheelpin.locks",
    "Target": "wheelpin.target",
    "WheelpinError": "wheelpin.errors",
    "lock": "wheelpin.api",
    "lock_project": "wheelpin.api",
    "to_text": "wheelpin.locks",
}


def __getattr__(name: str) -> object:
    """Load what is asked for only then: a command that answers from memory needs none of it."""
    if (home := _HOMES.get(name)) is None:
        raise AttributeError(f"module 'wheelpin' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - as above

    return getattr(import_module(home), name)
