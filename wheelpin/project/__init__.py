"""What a project's file says of its locks and builds: ``[tool.wheelpin]`` in pyproject.toml, or wheelpin.toml."""

from wheelpin.project.recipe import Recipe, read_recipe, read_recipes
from wheelpin.project.table import ProjectTableError, Table

__all__ = [
    "ProjectTableError",
    "Recipe",
    "Table",
    "read_recipe",
    "read_recipes",
]
