"""What can be wrong with a lock's text, or with writing one."""

from packaging.utils import NormalizedName

from wheelpin.errors import InputError
from wheelpin.values import Origin

LOCK_ANEW = "restore the file, or lock anew with --upgrade, which keeps nothing of it"


class LockSyntaxError(InputError):
    """A line of a lock cannot be read, or does not pin what it should."""

    def __init__(self, origin: Origin, problem: str, hint: str) -> None:
        super().__init__(origin, problem, hint)
        self.origin, self.problem, self.hint = origin, problem, hint

    def __str__(self) -> str:
        return f"{self.origin}: {self.problem}"


class MarkedLineError(LockSyntaxError):
    """A line is for some environments only, and nobody said which one counts."""


class PinWithoutAddressError(InputError):
    """A pin that was read from a form without addresses cannot be written in a form that needs one."""

    hint = "write the lock as hashes, or lock anew so that an index names the file"

    def __init__(self, project: NormalizedName, version: str) -> None:
        super().__init__(project, version)
        self.project, self.version = project, version

    def __str__(self) -> str:
        return f"the pin {self.project} {self.version} has no address to write"


class TargetsAlikeError(InputError):
    """Two targets cannot share a pylock.toml, because an installer could not tell which of them it is on."""

    hint = "write a file for each: --output-dir instead of -o"

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first, second)
        self.first, self.second = first, second

    def __str__(self) -> str:
        return (
            f"no marker tells {self.first} and {self.second} apart: markers know the Python, the system and its "
            "architecture, but no libc, no ABI and no tag; one pylock.toml cannot be for both"
        )
