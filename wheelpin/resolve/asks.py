"""The resolver's own terms: what is asked for and what is chosen. Its identifier is the project.

Extras are part of a choice, not of the identifier: one pin answers all asks for a project, and an ask for
an extra that the pin lacks makes the resolver pin again with both. No two pins then have to agree on a file.
"""

from msgspec import Struct
from packaging.utils import NormalizedName

from wheelpin.candidates.shelf import Candidate
from wheelpin.requirements.model import Requirement


class Choice(Struct, frozen=True):
    """A candidate with the extras that are asked of it."""

    candidate: Candidate
    extras: frozenset[NormalizedName] = frozenset()

    @property
    def project(self) -> NormalizedName:
        """What this is a choice for."""
        return self.candidate.project

    def __str__(self) -> str:
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        return f"{self.project}{extras} {self.candidate.version}"


class ProjectAsk(Struct, frozen=True, eq=False):
    """A requirement that applies to the target."""

    requirement: Requirement

    @property
    def project(self) -> NormalizedName:
        """What is asked for."""
        return self.requirement.name


class ImpossibleAsk(Struct, frozen=True, eq=False):
    """What nothing satisfies: it makes the resolver drop the candidate that has it, for *reason*."""

    project: NormalizedName
    """A name that no project has."""
    reason: str


Ask = ProjectAsk | ImpossibleAsk


def is_address(ask: Ask) -> bool:
    """Tell whether an ask names the one file that it wants (PEP 508 URL)."""
    return isinstance(ask, ProjectAsk) and ask.requirement.url is not None
