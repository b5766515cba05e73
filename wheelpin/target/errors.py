"""What can be wrong with a target, as its user spells, narrows or captures it."""

from wheelpin.errors import InputError
from wheelpin.values import Origin

_OF_LOCKS = frozenset({"extras", "dependency_groups"})
"""Variables that no target can have."""


class TargetSyntaxError(InputError):
    """A target's spelling has a part that is wrong, missing or contradicted by another."""

    def __init__(self, text: str, problem: str, *, origin: Origin, hint: str | None = None) -> None:
        super().__init__(text, problem, origin, hint)
        self.text, self.problem, self.origin, self.hint = text, problem, origin, hint

    def __str__(self) -> str:
        return f"target {self.text!r} ({self.origin}): {self.problem}"


class PythonVersionError(InputError):
    """The full Python version given beside a target is none, or another minor's."""

    def __init__(self, python_full_version: str, target: str, problem: str, *, origin: Origin) -> None:
        super().__init__(python_full_version, target, problem, origin)
        self.python_full_version, self.target, self.problem, self.origin = python_full_version, target, problem, origin
        self.hint = "give major, minor and patch, for example 3.6.15"

    def __str__(self) -> str:
        return f"Python version {self.python_full_version!r} for target {self.target} ({self.origin}): {self.problem}"


class MarkerValueError(InputError):
    """A marker value given beside a target names no PEP 508 variable, or one that the target settles."""

    def __init__(self, variable: str, problem: str, *, origin: Origin, hint: str | None = None) -> None:
        super().__init__(variable, problem, origin, hint)
        self.variable, self.problem, self.origin, self.hint = variable, problem, origin, hint

    def __str__(self) -> str:
        return f"marker value {self.variable!r} ({self.origin}): {self.problem}"


class UnknownMarkerError(InputError):
    """A marker's answer hangs on a variable that the target does not know, or not as a version."""

    def __init__(self, marker: str, variable: str, *, value: str | None = None) -> None:
        super().__init__(marker, variable, value)
        self.marker, self.variable, self.value = marker, variable, value

    @property
    def hint(self) -> str:
        """Name the option that settles it."""
        if self.variable in _OF_LOCKS:
            return f"{self.variable} is a variable of pylock.toml alone (PEP 751): a requirement has extra"
        return f"say what the target has: --marker {self.variable}=…"

    def __str__(self) -> str:
        if self.value is None:
            return f"marker {self.marker!r} hangs on {self.variable}, which the target does not settle"
        return f"marker {self.marker!r} compares versions, but {self.variable} is {self.value!r}"


class NarrowingError(InputError):
    """Tags beside one requirement name something outside the run's target."""

    def __init__(self, parts: tuple[str, ...], target: str, *, outside: str, origin: Origin) -> None:
        super().__init__(parts, target, outside, origin)
        self.parts, self.target, self.outside, self.origin = parts, target, outside, origin
        self.hint = "inline tags may only narrow: the same interpreter and architecture, the same or an older libc"

    def __str__(self) -> str:
        return f"[{','.join(self.parts)}] ({self.origin}): {self.outside} is not within target {self.target}"


class TargetFileError(InputError):
    """A captured target or another tool's complete-platform file cannot be read."""

    def __init__(self, problem: str, *, origin: Origin) -> None:
        super().__init__(problem, origin)
        self.problem, self.origin = problem, origin
        self.hint = "write it with: wheelpin target capture --python PATH"

    def __str__(self) -> str:
        return f"target file {self.origin}: {self.problem}"
