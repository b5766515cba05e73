"""Versions as file names spell them: read when they matter, and ordered without that where they are plain."""

import re
from functools import lru_cache

from packaging.version import Version

Order = tuple[int, tuple[int, ...], tuple[int, str, int], int, tuple[int, int], tuple[tuple[int, int, str], ...]]
"""What sorts as versions do (PEP 440): epoch, release without zeros at its end, stage, post, dev, local parts."""

_PLAIN = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})*")
_DEV_ONLY, _STAGE, _NO_STAGE = -1, 0, 1


@lru_cache(maxsize=65536)
def parse_version(text: str) -> Version | None:
    """Read a PEP 440 version, or return None: old releases have names that are none."""
    try:
        return Version(text)
    except ValueError:  # InvalidVersion, or a number of thousands of digits, which Python refuses to read.
        return None


def order_of_text(text: str) -> Order | None:
    """Return where the version that *text* spells stands, None if it is none; a plain one is not made for it."""
    if _PLAIN.fullmatch(text):
        return (0, _without_end(tuple(map(int, text.split(".")))), (_NO_STAGE, "", 0), -1, (1, 0), ())
    version = parse_version(text)
    return None if version is None else order_of(version)


def order_of(version: Version) -> Order:
    """Return where *version* stands: equal for equal versions."""
    stage: tuple[int, str, int]
    match version.pre:
        case (letter, number):
            stage = (_STAGE, letter, number)
        case _ if version.post is None and version.dev is not None:
            stage = (_DEV_ONLY, "", 0)
        case _:
            stage = (_NO_STAGE, "", 0)
    return (
        version.epoch,
        _without_end(version.release),
        stage,
        -1 if version.post is None else version.post,
        (1, 0) if version.dev is None else (0, version.dev),
        tuple(map(_order_of_local, version.local.split("."))) if version.local is not None else (),
    )


def _without_end(release: tuple[int, ...]) -> tuple[int, ...]:
    length = len(release)
    while length and release[length - 1] == 0:
        length -= 1
    return release[:length]


def _order_of_local(part: str) -> tuple[int, int, str]:
    return (1, int(part), "") if part.isdecimal() else (0, 0, part)
