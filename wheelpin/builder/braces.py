"""Lists and ranges in braces, as shells spell them: ``cp3{9..13}-manylinux_2_28_{x86_64,aarch64}``. Pure."""

import re
from collections.abc import Iterator
from itertools import product

from wheelpin.errors import InputError

_MOST = 512
_PART = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d{1,4})\.\.(\d{1,4})")


class BracesError(InputError):
    """Braces that do not close, or that mean too much."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text, self.reason = text, reason
        self.hint = "write them as in cp3{9..13}-manylinux_2_28_x86_64 or {cp39,cp310}-musllinux_1_2_x86_64"

    def __str__(self) -> str:
        return f"{self.text!r}: {self.reason}"


def expand_braces(text: str) -> tuple[str, ...]:
    """Return every word that *text* stands for, in order, each once; raise `BracesError`."""
    plain = _PART.split(text)
    if any("{" in part or "}" in part for part in plain):
        raise BracesError(text, "the braces do not close, or stand in one another")
    choices = [list(_choices(part)) if place % 2 else [part] for place, part in enumerate(plain)]
    count = 1
    for each in choices:
        count *= len(each)
    if count > _MOST:
        raise BracesError(text, f"it stands for {count} words, and {_MOST} are the most")
    return tuple(dict.fromkeys("".join(parts) for parts in product(*choices)))


def _choices(part: str) -> Iterator[str]:
    """Yield what stands in one pair of braces."""
    for word in part.split(","):
        if (found := _RANGE.fullmatch(word.strip())) is None:
            yield word.strip()
            continue
        first, last = int(found[1]), int(found[2])
        step = 1 if first <= last else -1
        yield from map(str, range(first, last + step, step))
