"""Known vulnerabilities of a version, as indexes like PyPI tell them in their JSON API."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.checks.findings import Advisory, Finding, Kind
from wheelpin.locks import Pin
from wheelpin.values import IndexUrl

_SIMPLE = re.compile(r"(?P<root>https?://.*?)/simple/?")
_LONGEST_SUMMARY = 200


class AdvisoriesUnreadableError(ValueError):
    """An answer is none of the JSON API, or of one without vulnerability data."""


def advisories_address(index: IndexUrl, project: NormalizedName, version: Version) -> str | None:
    """Return where an index that is laid out like PyPI tells of a version; None if it is not laid out so."""
    if (match := _SIMPLE.fullmatch(index)) is None:
        return None
    return f"{match['root']}/pypi/{project}/{version}/json"


def parse_advisories(body: bytes) -> tuple[Advisory, ...]:
    """Read the vulnerabilities in an answer of the JSON API, without those that were withdrawn.

    Raise `AdvisoriesUnreadableError` where it has none to read, which is not the same as no vulnerability.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AdvisoriesUnreadableError("it is no JSON") from error
    listed = answer.get("vulnerabilities") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise AdvisoriesUnreadableError("it says nothing of vulnerabilities")
    found = (_advisory(each) for each in listed if isinstance(each, dict) and not each.get("withdrawn"))
    return tuple(sorted(found, key=lambda advisory: advisory.name))


def findings_of(pin: Pin, advisories: tuple[Advisory, ...]) -> Iterator[Finding]:
    """Yield what is known against a pin."""
    for advisory in advisories:
        others = f" ({', '.join(advisory.aliases)})" if advisory.aliases else ""
        summary = f": {advisory.summary}" if advisory.summary else ""
        remedy = f"fixed in {', '.join(advisory.fixed_in)}" if advisory.fixed_in else "no version is said to fix it"
        message = f"{pin.project} {pin.version} has {advisory.name}{others}{summary}; {remedy}"
        yield Finding(kind=Kind.VULNERABLE, message=message, project=pin.project, advisory=advisory)


def _advisory(said: Mapping[str, Any]) -> Advisory:
    summary = said.get("summary") or said.get("details") or ""
    link = said.get("link")
    return Advisory(
        name=str(said.get("id") or "an unnamed vulnerability"),
        aliases=tuple(sorted(_texts(said.get("aliases")))),
        summary=_shortened(str(summary)),
        fixed_in=tuple(_texts(said.get("fixed_in"))),
        link=link if isinstance(link, str) else None,
    )


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _shortened(text: str) -> str:
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= _LONGEST_SUMMARY else f"{line[:_LONGEST_SUMMARY].rstrip()}…"
