"""One module that does not import, and what it raised."""

from msgspec import Struct


class ModuleFailure(Struct, frozen=True, kw_only=True):
    """A module that does not import."""

    module: str
    project: str
    errors: tuple[str, ...]
    """What was raised, and what that was raised in place of; the loader's own words are among them."""

    def __str__(self) -> str:
        first, *others = map(_headline, self.errors)
        return f"{self.module} of {self.project}: {first}" + "".join(f"; from {other}" for other in others)


def _headline(error: str) -> str:
    """Return the first words of an error; some begin their message on a line of its own."""
    first, *others = [line.strip() for line in error.splitlines() if line.strip()]
    return f"{first} {others[0]}" if first.endswith(":") and others else first
