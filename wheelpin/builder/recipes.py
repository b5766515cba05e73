"""The recipes of a project's file, with the patches that they name."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field
from packaging.utils import NormalizedName

from wheelpin.builder.errors import SourceRefusedError
from wheelpin.project.recipe import Recipe

_PLAIN = Recipe()


class Recipes(Struct, frozen=True, kw_only=True):
    """What is said on how to build, by project."""

    by_project: Mapping[NormalizedName, Recipe] = field(default_factory=dict)
    folder: Path = Path()
    """Where the paths of patches start."""

    def of(self, project: NormalizedName | None) -> Recipe:
        """Return a project's recipe, an empty one where nothing is said."""
        return _PLAIN if project is None else self.by_project.get(project, _PLAIN)

    def patches_of(self, project: NormalizedName | None) -> tuple[bytes, ...]:
        """Return the contents of a project's patches; raise `SourceRefusedError` for one that is not there."""
        return read_patches(self.of(project), self.folder)


def read_patches(recipe: Recipe, folder: Path) -> tuple[bytes, ...]:
    """Return the contents of a recipe's patches; raise `SourceRefusedError` for one that is not there."""
    found = []
    for name in recipe.patches:
        try:
            found.append((folder / name).read_bytes())
        except OSError as error:
            raise SourceRefusedError(f"the patch {name}", error.strerror or str(error)) from error
    return tuple(found)
