"""A second opinion on locks, from packaging and what a test says of the machine; nothing of wheelpin in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

_GLIBC_OF_OLD_NAMES = {"manylinux1": 5, "manylinux2010": 12, "manylinux2014": 17}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinuxMachine:
    """A CPython with the usual ABI on x86_64 and glibc."""

    python_full_version: str
    glibc_minor: int

    @property
    def release(self) -> tuple[int, int]:
        """The minor version as numbers."""
        major, minor, *_ = self.python_full_version.split(".")
        return int(major), int(minor)

    @property
    def markers(self) -> dict[str, str]:
        """All variables of PEP 508; those of the kernel are empty."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.python_full_version,
            "os_name": "posix",
            "platform_machine": "x86_64",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": self.python_full_version,
            "python_version": "{}.{}".format(*self.release),
            "sys_platform": "linux",
        }

    def takes(self, wheel: str) -> bool:
        """Tell whether a wheel of this name loads here."""
        return not self._tags().isdisjoint(parse_wheel_filename(wheel)[3])

    def _tags(self) -> frozenset[Tag]:
        tag = "cp{}{}".format(*self.release)
        abi = f"{tag}m" if self.release < (3, 8) else tag
        levels = [f"manylinux_2_{minor}_x86_64" for minor in range(5, self.glibc_minor + 1)]
        levels += [f"{name}_x86_64" for name, minor in _GLIBC_OF_OLD_NAMES.items() if minor <= self.glibc_minor]
        native = cpython_tags(self.release, abis=[abi], platforms=levels)
        return frozenset([*native, *compatible_tags(self.release, interpreter=tag, platforms=levels)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a wheel's METADATA says."""

    version: str
    requires_python: str | None
    requires: tuple[str, ...]


def faults(asked: Iterable[str], pinned: Mapping[str, Described], machine: LinuxMachine) -> Iterator[str]:
    """Tell what the pins lack of what was asked and what they ask in turn, and which of them nobody asked for."""
    reached: dict[str, set[str]] = {}
    waiting: list[tuple[str, Requirement]] = [("the test", Requirement(text)) for text in asked]
    while waiting:
        asker, requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (found := pinned.get(name)) is None:
            yield f"{asker} asks for {requirement}, which is not pinned"
            continue
        if not requirement.specifier.contains(found.version, prereleases=True):
            yield f"{asker} asks for {requirement}, and {found.version} is pinned"
        # The empty extra stands for what a project needs in any case.
        added = {"", *requirement.extras} - reached.setdefault(name, set())
        reached[name] |= added
        waiting += [(name, need) for need in _needs(found.requires, sorted(added), machine)]
    yield from (f"nobody asks for {name}" for name in pinned.keys() - reached.keys())
    for project, found in pinned.items():
        if not SpecifierSet(found.requires_python or "").contains(machine.python_full_version, prereleases=True):
            yield f"{project} {found.version} requires Python {found.requires_python}"


def _needs(requires: Iterable[str], extras: Sequence[str], machine: LinuxMachine) -> Iterator[Requirement]:
    for need in map(Requirement, requires):
        if need.marker is None:
            holds = "" in extras
        else:
            holds = any(need.marker.evaluate({**machine.markers, "extra": extra}) for extra in extras)
        if holds:
            yield need
