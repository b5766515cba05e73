"""The user's choices on selection, as one value."""

from dataclasses import dataclass
from datetime import datetime

from packaging.utils import NormalizedName


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What may be chosen, apart from what the target and the requirements say."""

    allow_prereleases: bool = False
    """Take pre-releases like final ones; else only where asked for by a specifier, or where nothing final fits."""
    exclude_newer: datetime | None = None
    """Leave out files uploaded at this moment (aware) or later."""
    wheels_forbidden: frozenset[NormalizedName] = frozenset()
    """Projects under ``--no-binary``: the user wants them built."""
    all_wheels_forbidden: bool = False
    """``--no-binary :all:``."""

    def forbid_wheels_of(self, project: NormalizedName) -> bool:
        """Tell whether the user refused the published wheels of *project*."""
        return self.all_wheels_forbidden or project in self.wheels_forbidden
