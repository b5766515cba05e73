"""PEP 508 text to requirement, remembered: the same lines come by thousands in metadata."""

import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.requirements.syntax import InvalidText

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.requirements import Requirement as PackagingRequirement

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_CLAUSE = r"(?:~=|==|!=|<=|>=|<|>)[ \t]*[A-Za-z0-9._*+!-]+"
_CLAUSES = rf"{_CLAUSE}(?:[ \t]*,[ \t]*{_CLAUSE})*"
USUAL = re.compile(
    rf"[ \t]*({_NAME})[ \t]*"
    rf"(?:\[[ \t]*({_NAME}(?:[ \t]*,[ \t]*{_NAME})*)[ \t]*\])?[ \t]*"
    rf"(?:({_CLAUSES})|\([ \t]*({_CLAUSES})[ \t]*\))?[ \t]*"
    r"(?:;(.+))?"
)
"""Name, extras, specifier, specifier in parentheses, marker of nearly every line that exists."""

_ENDLESS_NUMBER = re.compile(r"\d{1000}")
_LONGEST = 4096
"""Longer texts are attacks on somebody's parser."""
_REMEMBERED = 2**16


class Parsed(Struct, frozen=True, kw_only=True):
    """What a requirement's text says, whoever said it; the fields are those of `Requirement`."""

    name: NormalizedName
    extras: frozenset[NormalizedName] = frozenset()
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    url: str | None = None
    marker: "Marker | None" = None
    tags: tuple[str, ...] = ()


@lru_cache(_REMEMBERED)
def parse_specifier(text: str) -> SpecifierSet:
    """Read a PEP 440 version specifier; raise `InvalidText`."""
    _refuse_endless(text)
    try:
        return SpecifierSet(text)
    except InvalidSpecifier as error:
        raise InvalidText(str(error)) from error


@lru_cache(_REMEMBERED)
def parse_marker(text: str) -> "Marker":
    """Read a PEP 508 marker; raise `InvalidText`."""
    marker = _parse_whole(f"x; {text}").marker
    assert marker is not None  # the grammar wants one after the semicolon
    return marker


@lru_cache(_REMEMBERED)
def parse_pep508(text: str) -> Parsed:
    """Read one PEP 508 requirement; raise `InvalidText`."""
    _refuse_endless(text)
    if (usual := USUAL.fullmatch(text)) is None:
        return _parse_whole(text)
    name, extras, bare, enclosed, marker = usual.groups()
    try:
        return Parsed(
            name=canonicalize_name(name),
            extras=frozenset(canonicalize_name(extra.strip(" \t")) for extra in extras.split(","))
            if extras
            else frozenset(),
            specifier=parse_specifier(bare or enclosed or ""),
            marker=parse_marker(marker.strip(" \t")) if marker else None,
        )
    except InvalidText:
        return _parse_whole(text)


def _refuse_endless(text: str) -> None:
    if len(text) > _LONGEST:
        raise InvalidText(f"it is longer than {_LONGEST} characters")
    if _ENDLESS_NUMBER.search(text):
        raise InvalidText("a number has more digits than any version")


def _parse_whole(text: str) -> Parsed:
    from packaging.requirements import InvalidRequirement  # noqa: PLC0415 - what has no marker does without
    from packaging.requirements import Requirement as PackagingRequirement  # noqa: PLC0415

    _refuse_endless(text)
    try:
        requirement = PackagingRequirement(text) if "\\" not in text else _parse_with_escapes(text)
    except InvalidRequirement as error:
        # The syntax error behind it has the position, but no public type.
        span = getattr(error.__cause__, "span", None)
        message = getattr(error.__cause__, "message", None)
        raise InvalidText(message or str(error), span[1] if span else None) from error
    except (ValueError, SyntaxError, RecursionError) as error:
        raise InvalidText("the marker is nested too deeply or has a value that cannot be spelled") from error
    if not requirement.name[-1].isalnum():
        raise InvalidText("a project's name ends in a letter or a digit", len(requirement.name) - 1)
    return Parsed(
        name=canonicalize_name(requirement.name),
        extras=frozenset(map(canonicalize_name, requirement.extras)),
        specifier=requirement.specifier,
        url=requirement.url,
        marker=requirement.marker,
    )


def _parse_with_escapes(text: str) -> "PackagingRequirement":
    """Read a text whose marker may hold escapes, which go through Python's own reader of strings."""
    from packaging.requirements import Requirement as PackagingRequirement  # noqa: PLC0415 - as above

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        requirement = PackagingRequirement(text)
    str(requirement.marker)  # fails for a value with both kinds of quotes, which has no spelling and no hash
    return requirement
