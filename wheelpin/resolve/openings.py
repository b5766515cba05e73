"""Files that only some asks let in: by address (PEP 508), as yanked (PEP 592), or as pre-releases (PEP 440)."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace
from packaging.utils import NormalizedName
from packaging.version import Version

from wheelpin.resolve.asked import Asked
from wheelpin.resolve.asks import ProjectAsk, is_address


class Openings(Struct, frozen=True, kw_only=True):
    """What may still be let in for a project, by whoever asks for it later in a search.

    What is let in for some asks is let in for more of them, too, as long as it is in their range.
    """

    addressed: frozenset[NormalizedName] = frozenset()
    """Projects that an address may come for."""
    versions: Mapping[NormalizedName, frozenset[Version]] = MappingProxyType({})
    """Yanked files and pre-releases that asks let in which are known of."""
    askers: Mapping[NormalizedName, frozenset[NormalizedName]] = MappingProxyType({})
    """The projects that may ask for one, with some version or other."""

    def with_address_for(self, project: NormalizedName) -> "Openings":
        """Return these with an address that may come for *project*."""
        return replace(self, addressed=self.addressed | {project})

    def may_add_to(self, asked: Asked) -> bool:
        """Tell whether a further ask may let in a file that answers all of *asked* and is none of its choices."""
        versions = self.versions.get(asked.project, frozenset())
        is_addressed = asked.project in self.addressed
        if not (versions or is_addressed) or any(is_address(one.ask) for one in asked.askings):
            return False
        ranges = [one.ask.requirement.specifier for one in asked.askings if isinstance(one.ask, ProjectAsk)]
        fitting = {version for version in versions if all(one.contains(version, prereleases=True) for one in ranges)}
        return is_addressed or not fitting <= {choice.candidate.version for choice in asked}

    def deciding(self, projects: Iterable[NormalizedName]) -> frozenset[NormalizedName]:
        """Return whose choices decide what is asked of *projects*: those who may ask, and who may ask for them."""
        waiting, found = [*projects], set[NormalizedName]()
        for project in waiting:
            new = self.askers.get(project, frozenset()) - found
            found |= new
            waiting += new
        return frozenset(found)


NO_OPENINGS = Openings()
