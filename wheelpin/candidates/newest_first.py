"""Versions in order, asked again and again which of them a specifier takes."""

from bisect import bisect
from collections.abc import Iterable, Iterator

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

from wheelpin.candidates.versions import parse_version


class NewestFirst:
    """Versions, newest first; what lies beyond a bound is not looked at, and not even read."""

    def __init__(self, versions: Iterable[Version | str]) -> None:
        """Take *versions* or texts that spell some, which are in that order already."""
        self._versions = list(versions)
        self._bounds: dict[tuple[str, str], int] = {}

    def in_range(self, specifier: SpecifierSet) -> Iterator[Version]:
        """Yield what *specifier* takes, pre-releases too."""
        first, last = 0, len(self._versions)
        others = []
        for spec in specifier:
            match spec.operator:
                case "<" | "<=":
                    first = max(first, self._bound(spec))
                case ">" | ">=":
                    last = min(last, self._bound(spec))
                case _:
                    others.append(spec)
        for place in range(first, last):
            version = self._at(place)
            if all(spec.contains(version, prereleases=True) for spec in others):
                yield version

    def _bound(self, spec: Specifier) -> int:
        """Return the place where the answer of a one-sided *spec* changes: it changes once in all the versions."""
        key = (spec.operator, spec.version)
        if (known := self._bounds.get(key)) is None:
            is_upper = spec.operator in ("<", "<=")
            known = self._bounds[key] = bisect(
                range(len(self._versions)),
                0,
                key=lambda place: spec.contains(self._at(place), prereleases=True) is is_upper,
            )
        return known

    def _at(self, place: int) -> Version:
        version = self._versions[place]
        if isinstance(version, str):
            # Read once for all that spell it so, here or in the name of a file.
            version = self._versions[place] = parse_version(version) or Version(version)
        return version
