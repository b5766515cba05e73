"""The user's choices on selection, as one value."""

from msgspec import Struct
from packaging.utils import NormalizedName

from wheelpin.candidates.cut_off import CutOff


class Rules(Struct, frozen=True, kw_only=True):
    """What may be chosen, apart from what the target and the requirements say."""

    allow_prereleases: bool = False
    """Take pre-releases like final ones; else only where asked for by a specifier, or where nothing final fits."""
    exclude_newer: CutOff | None = None
    """Leave out files uploaded then or later."""
    wheels_forbidden: frozenset[NormalizedName] = frozenset()
    """Projects under ``--no-binary``: the user wants them built."""
    all_wheels_forbidden: bool = False
    """``--no-binary :all:``."""
    builds_only: frozenset[NormalizedName] | None = None
    """Nothing but these projects may be built; None sets no limit, and empty forbids all builds."""
    builds_forbidden: frozenset[NormalizedName] = frozenset()
    """Projects under ``--only-binary``."""
    all_builds_forbidden: bool = False
    """``--only-binary :all:``."""

    def forbid_wheels_of(self, project: NormalizedName) -> bool:
        """Tell whether the user refused the published wheels of *project*."""
        return self.all_wheels_forbidden or project in self.wheels_forbidden

    def build_refusal(self, project: NormalizedName) -> str | None:
        """Return why the user would not have *project* built, or None."""
        if self.all_builds_forbidden or project in self.builds_forbidden:
            return "--only-binary forbids to build it"
        if self.builds_only is not None and project not in self.builds_only:
            return "--build names other projects only" if self.builds_only else "--build never forbids it"
        return None
