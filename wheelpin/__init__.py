"""Lock, fetch, prove and ship Python wheels for a machine that is not this one."""

from wheelpin.version import __version__

__all__ = ["__version__"]
