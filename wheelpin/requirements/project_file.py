"""What a pyproject.toml asks for: dependencies, extras and dependency groups, each with its place."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace
from packaging.markers import Marker
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.errors import InputError
from wheelpin.requirements.lenient import parse_requires_python
from wheelpin.requirements.model import PythonDemand, Requirement
from wheelpin.requirements.parse import parse_requirement
from wheelpin.requirements.syntax import RequirementSyntaxError
from wheelpin.values import Origin


class ProjectFileError(InputError):
    """A pyproject.toml is broken, or does not have what was asked of it."""

    def __init__(self, place: str, reason: str, hint: str | None = None) -> None:
        super().__init__(place, reason, hint)
        self.place, self.reason, self.hint = place, reason, hint

    def __str__(self) -> str:
        """Name the place and the reason."""
        return f"{self.place}: {self.reason}"


class ProjectFile(Struct, frozen=True):
    """One pyproject.toml. Whatever is read of it is checked then, and the rest may be wrong unnoticed."""

    name: str
    text: str
    table: Mapping[str, Any]

    @classmethod
    def parse(cls, text: str, name: str) -> Self:
        """Read the TOML; *name* stands for the file in origins. Raise `ProjectFileError`."""
        try:
            return cls(name, text, tomllib.loads(text))
        except (ValueError, RecursionError) as error:
            raise ProjectFileError(name, f"no valid TOML: {error}") from error

    @property
    def project(self) -> NormalizedName | None:
        """The project's own name, if it has one."""
        name = self._sub_table("project").get("name")
        return canonicalize_name(name) if isinstance(name, str) else None

    @property
    def extras(self) -> Mapping[NormalizedName, str]:
        """The extras by their normalised names, as the file spells them."""
        return self._by_normalised_name("project", "optional-dependencies")

    @property
    def groups(self) -> Mapping[NormalizedName, str]:
        """The dependency groups by their normalised names, as the file spells them."""
        return self._by_normalised_name("dependency-groups")

    def python_demand(self) -> PythonDemand | None:
        """Return what ``requires-python`` says; None if it is not there."""
        place = f"{self.name}, [project] requires-python"
        match self._sub_table("project").get("requires-python"):
            case None:
                return None
            case str(text):
                try:
                    return PythonDemand(specifier=parse_requires_python(text), origin=Origin(place))
                except RequirementSyntaxError as error:
                    raise ProjectFileError(place, f"{text!r} is no version specifier") from error
            case _:
                raise ProjectFileError(place, "must be a string")

    def iter_dependencies(self) -> Iterator[Requirement]:
        """Yield what the project needs, and what the extras of itself need that it names."""
        table = self._sub_table("project")
        if not table:
            hint = "export poetry's dependencies to a requirements file" if self._is_poetrys() else None
            raise ProjectFileError(self.name, "has no [project] table", hint)
        self._refuse_dynamic("dependencies")
        yield from self._iter_listed(table.get("dependencies", []), _Place("project", "dependencies"), frozenset())

    def iter_extra(
        self, extra: NormalizedName, without: frozenset[NormalizedName] = frozenset()
    ) -> Iterator[Requirement]:
        """Yield what *extra* adds, the project's other extras that it names included, but none of *without*."""
        if extra in without:
            return
        self._refuse_dynamic("optional-dependencies")
        if (spelled := self.extras.get(extra)) is None:
            raise ProjectFileError(self.name, f"has no extra {extra!r}", _known("extras", self.extras))
        listed = self._sub_table("project", "optional-dependencies")[spelled]
        yield from self._iter_listed(listed, _Place("project.optional-dependencies", spelled), without | {extra})

    def iter_group(self, group: str, chain: tuple[NormalizedName, ...] = ()) -> Iterator[Requirement]:
        """Yield what a dependency group asks for, included groups in place (PEP 735)."""
        name = canonicalize_name(group)
        if name in chain:
            way = " → ".join((*chain, name))
            raise ProjectFileError(f"{self.name}, [dependency-groups]", f"a group includes itself: {way}")
        if (spelled := self.groups.get(name)) is None:
            where = f", [dependency-groups] {chain[-1]}" if chain else ""
            raise ProjectFileError(self.name + where, f"has no group {group!r}", _known("groups", self.groups))
        place = _Place("dependency-groups", spelled)
        listed = self._sub_table("dependency-groups")[spelled]
        if not isinstance(listed, list):
            raise ProjectFileError(f"{self.name}, {place}", "must be an array")
        for entry in listed:
            match entry:
                case {"include-group": str(included), **rest} if not rest:
                    yield from self.iter_group(included, (*chain, name))
                case str(text):
                    yield from self._iter_one(text, place, frozenset())
                case _:
                    reason = f"holds {entry!r}, which is neither a requirement nor an include-group"
                    raise ProjectFileError(f"{self.name}, {place}", reason)

    def _iter_listed(
        self, listed: object, place: "_Place", without: frozenset[NormalizedName]
    ) -> Iterator[Requirement]:
        if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
            raise ProjectFileError(f"{self.name}, {place}", "must be an array of strings")
        for text in listed:
            yield from self._iter_one(text, place, without)

    def _iter_one(self, text: str, place: "_Place", without: frozenset[NormalizedName]) -> Iterator[Requirement]:
        requirement = parse_requirement(text, Origin(f"{self.name}, {place}", place.line_of(text, self.text)))
        if requirement.name != self.project or requirement.url is not None:
            yield requirement
            return
        # The project itself is not locked: in its stead stands what it and the named extras need.
        if place.table == "dependency-groups":
            yield from (_only_if(requirement.marker, needed) for needed in self.iter_dependencies())
        for extra in sorted(requirement.extras):
            yield from (_only_if(requirement.marker, needed) for needed in self.iter_extra(extra, without))

    def _refuse_dynamic(self, field: str) -> None:
        dynamic = self._sub_table("project").get("dynamic", [])
        if isinstance(dynamic, list) and field in dynamic:
            raise ProjectFileError(
                f"{self.name}, [project]",
                f"its {field} are dynamic: only its build backend could tell them",
                "list them in a requirements file, and lock that",
            )

    def _is_poetrys(self) -> bool:
        return "poetry" in self._sub_table("tool")

    def _by_normalised_name(self, *keys: str) -> Mapping[NormalizedName, str]:
        names: dict[NormalizedName, str] = {}
        for spelled in self._sub_table(*keys):
            if (name := canonicalize_name(spelled)) in names:
                place = f"{self.name}, [{'.'.join(keys)}]"
                raise ProjectFileError(place, f"{names[name]!r} and {spelled!r} are the same name")
            names[name] = spelled
        return names

    def _sub_table(self, *keys: str) -> Mapping[str, Any]:
        table: object = self.table
        for depth, key in enumerate(keys, start=1):
            table = table.get(key, {}) if isinstance(table, dict) else None
            if not isinstance(table, dict):
                raise ProjectFileError(f"{self.name}, [{'.'.join(keys[:depth])}]", "must be a table")
        assert isinstance(table, dict)  # the loop has just made sure
        return table


class _Place(Struct, frozen=True):
    """An array of requirements in the file."""

    table: str
    key: str

    def __str__(self) -> str:
        return f"[{self.table}] {self.key}"

    def line_of(self, requirement: str, text: str) -> int | None:
        """Find the line where the array has *requirement*, if it is spelled there without escapes."""
        start = 0
        for heading in (rf"\[{re.escape(self.table)}\]", rf"[\"']?{re.escape(self.key)}[\"']?\s*="):
            if (found := re.compile(rf"^[ \t]*{heading}", re.MULTILINE).search(text, start)) is None:
                return None
            start = found.end()
        places = [place for quote in "\"'" if (place := text.find(f"{quote}{requirement}{quote}", start)) >= 0]
        return text.count("\n", 0, min(places)) + 1 if places else None


def _only_if(marker: Marker | None, requirement: Requirement) -> Requirement:
    if marker is None:
        return requirement
    return replace(requirement, marker=marker if requirement.marker is None else marker & requirement.marker)


def _known(what: str, names: Mapping[NormalizedName, str]) -> str:
    return f"its {what} are: {', '.join(sorted(names))}" if names else f"it has no {what}"
