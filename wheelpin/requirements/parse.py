"""One requirement as people write it: PEP 508, wheelpin's tags, or a bare address or path as pip takes them."""

import re
from collections.abc import Callable

from msgspec.structs import replace
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.requirements.addresses import (
    address_of_path,
    has_archive_ending,
    is_address,
    is_folder_address,
    project_of_address,
)
from wheelpin.requirements.model import Requirement
from wheelpin.requirements.pep508 import Parsed, parse_pep508
from wheelpin.requirements.syntax import (
    InvalidText,
    RequirementSyntaxError,
    UnsupportedRequirementError,
    UnsupportedText,
)
from wheelpin.values import Origin

_EDITABLE = re.compile(r"(?:-e|--editable)(?![\w-])")
_CHECKOUT = re.compile(r"(?:[^@;]*@)?\s*(?:git|hg|svn|bzr)(?:\+|://)", re.IGNORECASE)
_NAMED_ADDRESS = re.compile(r"[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*@")
_NAMED_VERSION = re.compile(r"[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*[<>=!~(]")
_TAGGED = re.compile(r"(?P<head>[^;@]*[<>=~!\])][^;@]*)\[(?P<tags>[^\[\]]*)\]\s*(?P<tail>;.*)?", re.DOTALL)
"""Brackets after a specifier or after other brackets; those after a bare name hold extras."""
_TAG = re.compile(r"\w[\w.+-]*", re.ASCII)
_EGG = re.compile(r"[#&]egg=(?P<name>[A-Za-z0-9][\w.-]*)(?:\[(?P<extras>[^\[\]]*)\])?")
_PATH = re.compile(r"(?P<path>.+?)(?:\[(?P<extras>[^\[\]]*)\])?", re.DOTALL)
_HAS_FOLDER = re.compile(r"[/\\]|\A\.")
_BEFORE_MARKER = re.compile(r"\s*;\s*")
_AFTER_ADDRESS = re.compile(r"\s+;\s*|;\s+")
"""A semicolon may be part of an address; the one before a marker has a blank beside it."""
_FILE_NOT_NAME = re.compile(r"[\w.-]+\.(?:txt|toml)", re.IGNORECASE)
"""Strangers can publish a project that is called ``requirements.txt``."""


def parse_requirement(text: str, origin: Origin) -> Requirement:
    """Read one requirement (PEP 508), with tags after it, or a bare address or path of a wheel or sdist.

    A relative path becomes a ``file:`` address that is relative still: `read_inputs` completes it.
    Raise `RequirementSyntaxError`, or `UnsupportedRequirementError` for what is neither wheel nor sdist.
    """
    text = text.strip()
    try:
        return requirement_of(_parse(text), origin)
    except InvalidText as error:
        raise RequirementSyntaxError(text, error.reason, origin, error.position) from error
    except UnsupportedText as error:
        raise UnsupportedRequirementError(text, error.reason, origin, error.hint) from error


def with_name(text: str, name_of: Callable[[str], NormalizedName | None]) -> str:
    """Write before the path of a folder the name that *name_of* finds there; return other texts as they are."""
    text = text.strip()
    if not _HAS_FOLDER.search(text) or is_address(text) or _NAMED_ADDRESS.match(text) or text.startswith("-"):
        return text
    before_marker, marker = _split(_BEFORE_MARKER, text)
    found = _PATH.fullmatch(before_marker)
    if found is None or not _is_path(found["path"]) or has_archive_ending(found["path"]):
        return text
    if (name := name_of(found["path"])) is None:
        return text
    path = found["path"]
    return f"{name}[{found['extras'] or ''}] @ {address_of_path(path)}" + (f" ; {marker}" if marker else "")


def requirement_of(parsed: Parsed, origin: Origin) -> Requirement:
    """Join what a text says with who said it."""
    return Requirement(
        name=parsed.name,
        extras=parsed.extras,
        specifier=parsed.specifier,
        url=parsed.url,
        marker=parsed.marker,
        tags=parsed.tags,
        origin=origin,
    )


def _parse(text: str) -> Parsed:
    if _EDITABLE.match(text):
        raise UnsupportedText(
            "is an editable project", "a lock has wheels: to have one built of it, write its path alone"
        )
    if _CHECKOUT.match(text):
        raise UnsupportedText("is a checkout", "name a released version, or build a wheel from it and name that")
    if _NAMED_ADDRESS.match(text):
        return _parse_named(text)
    if is_address(text):
        address, marker = _split(_AFTER_ADDRESS, text)
        return _parse_bare(address, egg=_EGG.search(address), marker=marker)
    before_marker, marker = _split(_BEFORE_MARKER, text)
    if (local := _PATH.fullmatch(before_marker)) and _is_path(local["path"]):
        return _parse_bare(address_of_path(local["path"]), extras=local["extras"], marker=marker)
    if _FILE_NOT_NAME.fullmatch(text):
        raise UnsupportedText("looks like a file, not like a project", f"to read it, write -r {text}")
    if tagged := _TAGGED.fullmatch(text):
        plain = parse_pep508(tagged["head"] + (tagged["tail"] or ""))
        return replace(plain, tags=_parse_tags(tagged["tags"], tagged.start("tags")))
    return parse_pep508(text)


def _parse_named(text: str) -> Parsed:
    parsed = parse_pep508(text)
    assert parsed.url is not None  # the grammar wants one after the at sign
    address = parsed.url if is_address(parsed.url) else address_of_path(parsed.url)
    if is_folder_address(address):
        return replace(parsed, url=address)
    project = project_of_address(address)
    if project not in {None, parsed.name}:
        raise InvalidText(f"the address is that of a file of {project}")
    return replace(parsed, url=address)


def _parse_bare(address: str, *, marker: str, extras: str | None = None, egg: re.Match[str] | None = None) -> Parsed:
    if re.search(r"\s", address):
        raise InvalidText("there is a blank in the address")
    project = None if is_folder_address(address) else project_of_address(address)
    if egg is not None:
        project, extras = project or canonicalize_name(egg["name"]), egg["extras"]
    if project is None:
        raise UnsupportedText("does not tell which project it is of", "write the project's name and @ before it")
    # Extras and marker are read as part of the requirement that they belong to.
    around = parse_pep508(f"{project}[{extras or ''}]" + (f"; {marker}" if marker else ""))
    return replace(around, url=address)


def _parse_tags(text: str, start: int) -> tuple[str, ...]:
    tags = tuple(tag.strip() for tag in text.split(","))
    for tag in tags:
        if not _TAG.fullmatch(tag):
            raise InvalidText(f"{tag!r} in the brackets is no tag", start)
    return tags


def _split(at: re.Pattern[str], text: str) -> tuple[str, str]:
    before, *after = at.split(text, maxsplit=1)
    return before, "".join(after)


def _is_path(text: str) -> bool:
    if _NAMED_VERSION.match(text):
        return False
    return "/" in text or "\\" in text or text.startswith(".") or has_archive_ending(text)
