"""The ranked tags of a target (PEP 425, 384, 803).

The order is wheelpin's own and frozen, so that a lock never changes because a library did:
exact ABI, stable ABI, no ABI; then the stable ABI of older minors; then ``pyXY``, ``pyX`` and older; then the
same without a platform. Within each, platforms in their own order.
"""

from collections.abc import Iterator, Sequence

from wheelpin.target.python import Implementation, Interpreter

_FIRST_STABLE_MINOR = 2


def ranked_tags(interpreter: Interpreter, platforms: Sequence[str]) -> Iterator[str]:
    """Yield every tag that *interpreter* loads on *platforms*, best first."""
    for python in _pythons(interpreter):
        for platform in platforms:
            yield f"{python}-{platform}"
    if interpreter.implementation is Implementation.CPYTHON:
        yield f"{interpreter.tag}-none-any"
    else:
        yield f"{interpreter.implementation}{interpreter.version[0]}-none-any"
    for tag in _generic_interpreters(interpreter.version):
        yield f"{tag}-none-any"


def _pythons(interpreter: Interpreter) -> Iterator[str]:
    """Yield interpreter and ABI of the tags that name a platform."""
    stable = interpreter.stable_abi
    if interpreter.abi != stable:
        yield f"{interpreter.tag}-{interpreter.abi}"
    if stable:
        yield f"{interpreter.tag}-{stable}"
    yield f"{interpreter.tag}-none"
    if stable:
        major, minor = interpreter.version
        for older in range(minor - 1, _FIRST_STABLE_MINOR - 1, -1):
            yield f"cp{major}{older}-{stable}"
    for tag in _generic_interpreters(interpreter.version):
        yield f"{tag}-none"


def _generic_interpreters(version: tuple[int, int]) -> Iterator[str]:
    major, minor = version
    yield f"py{major}{minor}"
    yield f"py{major}"
    for older in range(minor - 1, -1, -1):
        yield f"py{major}{older}"


class TagRanks:
    """Answers for tag sets as wheels spell them: ``py2.py3-none-any`` stands for every combination of its parts."""

    def __init__(self, tags: Sequence[str]) -> None:
        self._ranks = {tag: rank for rank, tag in reversed(list(enumerate(tags)))}
        self._sets: dict[str, int | None] = {}
        parts = [tag.split("-") for tag in tags]
        self._known = tuple(frozenset(part[place] for part in parts) for place in range(3))

    def rank(self, tag_set: str) -> int | None:
        """Return the best rank in *tag_set*, or None if none of its tags is there."""
        try:
            return self._sets[tag_set]
        except KeyError:
            rank = self._sets[tag_set] = self._best(tag_set)
            return rank

    def _best(self, tag_set: str) -> int | None:
        parts = tag_set.lower().split("-")
        if len(parts) != 3:
            return None
        # Sets are hostile input: a hundred names in each part would be a million tags. Only known names count.
        interpreters, abis, platforms = (
            known.intersection(part.split(".")) for known, part in zip(self._known, parts, strict=True)
        )
        ranks = (
            self._ranks.get(f"{interpreter}-{abi}-{platform}")
            for interpreter in interpreters
            for abi in abis
            for platform in platforms
        )
        return min((rank for rank in ranks if rank is not None), default=None)
