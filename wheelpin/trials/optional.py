"""Modules that a wheel has for an extra that nobody asked for: they cannot load, and nobody misses them."""

import re
from collections.abc import Collection, Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from wheelpin.bundle import Tree, Wheel
from wheelpin.trials.failure import ModuleFailure

_MISSING = re.compile(r"(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)'?")
_IMPORT_ERRORS = ("ModuleNotFoundError: ", "ImportError: ")


def missing_extra(failure: ModuleFailure, tree: Tree, imported: Collection[str]) -> str | None:
    """Return the name that a module wants in vain and may do without; None for a failure that counts.

    It may if all of this holds: the module lies in a namespace, where a wheel's modules stand beside each other
    without a package that would be tried in their stead; others of its project do load (those of *imported*); it
    raised ImportError, at the root of which is a name that no wheel here brings; and its project knows of an extra
    that requires something that is not here.
    """
    found = _MISSING.search(failure.errors[-1])
    if found is None or "." not in failure.module or not failure.errors[0].startswith(_IMPORT_ERRORS):
        return None
    name = found[1].partition(".")[0]
    if failure.project not in imported or name in tree.top_names:
        return None
    wheel = next((each for each in tree.wheels if each.project == failure.project), None)
    here = {each.project for each in tree.wheels}
    return name if wheel is not None and not here.issuperset(_wanted_by_extras(wheel)) else None


def _wanted_by_extras(wheel: Wheel) -> Iterator[NormalizedName]:
    for text in wheel.metadata.requires_dist:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is not None and "extra" in str(requirement.marker):
            yield canonicalize_name(requirement.name)
