"""What can be wrong with a requirement's text, and what its author probably meant."""

import re

from wheelpin.errors import InputError
from wheelpin.values import Origin, text_without_secrets

_SLIPS: tuple[tuple[str, str], ...] = (
    (r"\$\{(?P<it>[A-Z0-9_]+)\}", "the environment variable {it} is not set"),
    (r"^\s*-", "options belong in a requirements file or on the command line"),
    (
        r"^\s*[^;=<>!~\s]+\s*==(?!=)[^;,=<>!~\s]+\s+[A-Za-z][\w.-]*\s*[=<>!~]",
        "write one requirement a line",
    ),
    (r"^[^;]*(?P<it>=>|=<|=!)", "the operators are ==, !=, ~=, >=, <=, > and <, not {it}"),
    (r"^[^;=<>!~]+[\s\]]*(?<![=<>!~])=(?![=<>!~])", "write == for an exact version"),
    (r"^[^;]*(?P<it>\^|~(?!=))", "{it} is another tool's operator: write a range such as >=1.2,<2"),
    (r"^[^;]*[<>]=?\s*[^;,*]*\.\*", "a version that ends in .* goes with == and != only"),
    (r"^[^;]*[=<>!~]=?[^;,=<>!~]*[\w*][\s(]*[<>!=~]=?", "put a comma between the conditions"),
    (r"^\s*[A-Za-z0-9][\w.-]*(?:\[[^]]*\])?\s+v?\d[\w.]*\s*(?:;|$)", "write == before the version"),
    (r";.*[=<>!]\s*\d", "put the values of a marker in quotes"),
)
"""Patterns; the first that is found in a wrong text is told, ``{it}`` is the part of the text that it names."""


_LONGEST_SHOWN = 200


def hint_for(text: str) -> str | None:
    """Return the advice for a common slip in a requirement that could not be parsed, if it has one."""
    for slip, advice in _SLIPS:
        if found := re.search(slip, text):
            return advice.format(**found.groupdict())
    return None


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")


class RequirementSyntaxError(InputError):
    """A text is no requirement."""

    def __init__(self, text: str, reason: str, origin: Origin, position: int | None = None) -> None:
        self.text = text_without_secrets(text)
        self.reason = text_without_secrets(reason)
        self.origin = origin
        self.position = position if self.text == text else None
        """Where in the text it went wrong, counted from 0, if that is known."""
        super().__init__(self.text, self.reason, origin, self.position)

    def __str__(self) -> str:
        """Name the place, the text and the reason on one line."""
        where = "" if self.position is None else f" (at character {self.position + 1})"
        return f"{self.origin}: {_shown(self.text)} is no requirement: {self.reason}{where}"

    @property
    def hint(self) -> str | None:
        """What the author probably meant."""
        return hint_for(self.text)


class UnsupportedRequirementError(InputError):
    """A requirement is understood, but names something that wheelpin does not take."""

    def __init__(self, text: str, reason: str, origin: Origin, hint: str | None = None) -> None:
        self.text = text_without_secrets(text)
        self.reason = text_without_secrets(reason)
        self.origin = origin
        self.hint = hint
        super().__init__(self.text, self.reason, origin, hint)

    def __str__(self) -> str:
        """Name the place, the text and the reason on one line."""
        return f"{self.origin}: {_shown(self.text)} {self.reason}"


class InvalidText(ValueError):
    """A text is no requirement. Never leaves this room: callers know the origin and say it."""

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason, position)
        self.reason, self.position = reason, position


class UnsupportedText(ValueError):
    """A text names what wheelpin does not take. Never leaves this room either."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason, hint)
        self.reason, self.hint = reason, hint
