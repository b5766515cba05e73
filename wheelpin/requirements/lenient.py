"""Requirements in the metadata of old distribution files, where the standard came later than the text.

A mistake with one possible meaning is repaired, and whoever asked is told the repaired text; whatever
could mean two things stays an error, which costs the candidate and nothing else.
"""

import re
from functools import lru_cache

from packaging.specifiers import SpecifierSet

from wheelpin.requirements.model import Requirement
from wheelpin.requirements.parse import requirement_of
from wheelpin.requirements.pep508 import Parsed, parse_pep508, parse_specifier
from wheelpin.requirements.syntax import InvalidText, RequirementSyntaxError
from wheelpin.values import Origin

_REPAIRS: tuple[tuple[str, str], ...] = (
    # >='3.6' and "numpy>=1.0": quotes from somebody's setup script
    (r"['\"]", ""),
    # >=4.0.* and <4.0.*: the wildcard adds nothing to these two (and is ambiguous after > and <=, so not there)
    (r"((?:>=|<(?!=))\s*\d+(?:\.\d+)*)\.\*", r"\1"),
    # !=3.0* and ==3.0*: the dot before the wildcard is missing
    (r"((?:!=|==)\s*\d+(?:\.\d+)*)\*", r"\1.*"),
    # !=~5.0: not any 5.0
    (r"!=\s*~\s*(\d+(?:\.\d+)*)(?![\w.*])", r"!=\1.*"),
    # >=9.0.0a1.0: a release number goes on after the pre-release has begun
    (r"(\d(?:a|b|rc|\.dev)\d+)(?:\.0)+(?![\w.])", r"\1"),
    # >=1.0<2 and >=1.0 !=1.5: no comma between two conditions
    (r"((?:[~!=<>]=|[<>])\s*[\w.*+!-]*[\w*])\s*(?=(?:[~!=<>]=|[<>])\s*\d)", r"\1,"),
)
"""Patterns and what goes in their place, applied in this order to what stands before the marker."""

_REMEMBERED = 2**16


def parse_metadata_requirement(text: str, origin: Origin) -> tuple[Requirement, str | None]:
    """Read a ``Requires-Dist``, with the repaired text if it had to be repaired, else None.

    An address is not examined, for its requirement may not apply. Raise `RequirementSyntaxError`.
    """
    try:
        parsed, repaired = _parse_leniently(text)
    except InvalidText as error:
        raise RequirementSyntaxError(text, error.reason, origin, error.position) from error
    return requirement_of(parsed, origin), repaired


@lru_cache(1024)
def parse_requires_python(text: str) -> SpecifierSet:
    """Read a ``Requires-Python``, repaired where that is needed; raise `RequirementSyntaxError`."""
    try:
        return parse_specifier(text)
    except InvalidText as error:
        try:
            return parse_specifier(_repair(text))
        except InvalidText:
            raise RequirementSyntaxError(text, error.reason, Origin("Requires-Python")) from error


@lru_cache(_REMEMBERED)
def _parse_leniently(text: str) -> tuple[Parsed, str | None]:
    try:
        return parse_pep508(text), None
    except InvalidText as error:
        head, semicolon, marker = text.partition(";")
        repaired = _repair(head) + semicolon + marker
        try:
            return parse_pep508(repaired), repaired
        except InvalidText:
            raise error from None


def _repair(text: str) -> str:
    for mistake, repair in _REPAIRS:
        text = re.sub(mistake, repair, text)
    return text
