"""Requirements in metadata that only an extra asks for: most lines are, and need not be read where nobody wants it."""

import re
from functools import lru_cache

from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.requirements.pep508 import USUAL

_RELEASE = r"[0-9]{1,9}(?:\.[0-9]{1,9})*"
_CLAUSE = re.compile(
    rf" ?(?:(?:<=|>=|<|>|[!=]=) ?{_RELEASE}(?:(?:a|b|rc|\.dev|\.post)[0-9]{{1,9}})?"
    rf"|[!=]= ?{_RELEASE}\.\*|~= ?[0-9]{{1,9}}\.{_RELEASE}) ?"
)
_COMPARISON = re.compile(
    r"(?:os_name|sys_platform|platform_machine|platform_system|python_version|python_full_version|implementation_name)"
    r""" ?(?:===?|!=|<=?|>=?|~=| in | not in ) ?(?:"[^"'\\]*"|'[^"'\\]*')"""
)
"""One whose answer every target knows."""
_EXTRA = re.compile(r"""extra ?== ?(["'])([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\1""")
_JOINT = re.compile(" and | or ")
_LONGEST = 512


@lru_cache(2**16)
def extra_behind(text: str) -> NormalizedName | None:
    """Return the extra without which the requirement *text* asks for nothing.

    None also where that cannot be told at a glance: then the text has to be read. A text with an answer is right.
    """
    if "extra" not in text or len(text) > _LONGEST or (usual := USUAL.fullmatch(text)) is None:
        return None
    _, _, bare, enclosed, marker = usual.groups()
    if marker is None or not all(map(_CLAUSE.fullmatch, (bare or enclosed or "==0").split(","))):
        return None
    terms = _terms(marker.strip(" "))
    extras = [found[2] for term in terms if (found := _EXTRA.fullmatch(term))]
    if len(extras) != 1 or not all(_EXTRA.fullmatch(term) or _COMPARISON.fullmatch(term) for term in terms):
        return None
    return canonicalize_name(extras[0])


def _terms(marker: str) -> list[str]:
    """Split what has to hold all together; of brackets at the beginning only if there is no extra in them."""
    inner, bracket, rest = marker.partition(") and ")
    if bracket and inner[0] == "(" and all(map(_COMPARISON.fullmatch, _JOINT.split(inner[1:]))):
        return rest.split(" and ")
    return marker.split(" and ")
