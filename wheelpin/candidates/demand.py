"""What is asked of one project: the question that a shelf of files answers."""

from functools import cached_property

from msgspec import Struct, field
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from wheelpin.values import Sha256


class Demand(Struct, frozen=True, kw_only=True, dict=True):
    """Everything that several requirements together ask of one project's files."""

    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    hashes: frozenset[Sha256] | None = None
    """When given, only these files."""
    preferred: Version | None = None
    """Put this version first if it may be chosen at all: an existing lock has it, or another target."""

    @cached_property
    def names_prerelease(self) -> bool:
        """Tell whether a specifier spells out a pre-release, which lets all of them in (PEP 440)."""
        return bool(self.specifier.prereleases)

    @cached_property
    def is_exact(self) -> bool:
        """Tell whether one version is spelled out, which alone lets a yanked file in (PEP 592)."""
        return any(
            spec.operator == "===" or (spec.operator == "==" and not spec.version.endswith(".*"))
            for spec in self.specifier
        )
