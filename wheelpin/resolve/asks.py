"""The resolver's own terms: what is identified, asked for and chosen."""

from dataclasses import dataclass
from typing import NamedTuple

from packaging.utils import NormalizedName

from wheelpin.candidates.shelf import Candidate
from wheelpin.requirements.model import Requirement


class Identifier(NamedTuple):
    """What the resolver pins: a project, or one extra of it, which then asks for the very same file."""

    project: NormalizedName
    extra: NormalizedName | None = None

    def __str__(self) -> str:
        return self.project if self.extra is None else f"{self.project}[{self.extra}]"


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate in the role of an identifier."""

    candidate: Candidate
    extra: NormalizedName | None = None

    @property
    def identifier(self) -> Identifier:
        """What this is a choice for."""
        return Identifier(self.candidate.project, self.extra)

    def __str__(self) -> str:
        return f"{self.identifier} {self.candidate.version}"


@dataclass(frozen=True, slots=True, eq=False)
class ProjectAsk:
    """A requirement on a project or on one of its extras."""

    identifier: Identifier
    requirement: Requirement


@dataclass(frozen=True, slots=True, eq=False)
class SameFileAsk:
    """What an extra asks of its own project: the file that the extra was read from."""

    identifier: Identifier
    candidate: Candidate


@dataclass(frozen=True, slots=True, eq=False)
class ImpossibleAsk:
    """What nothing satisfies: it makes the resolver drop the candidate that has it, for *reason*."""

    identifier: Identifier
    reason: str


Ask = ProjectAsk | SameFileAsk | ImpossibleAsk
