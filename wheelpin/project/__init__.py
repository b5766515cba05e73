"""What a project's file says of its locks and builds: ``[tool.wheelpin]`` in pyproject.toml, or wheelpin.toml."""

from wheelpin.project.model import NamedTarget, Project, ProjectIndexes, ProjectInputs
from wheelpin.project.reading import parse_own_file, parse_pyproject, read_project
from wheelpin.project.recipe import Recipe, read_recipe, read_recipes
from wheelpin.project.table import ProjectTableError, Table

__all__ = [
    "NamedTarget",
    "Project",
    "ProjectIndexes",
    "ProjectInputs",
    "ProjectTableError",
    "Recipe",
    "Table",
    "parse_own_file",
    "parse_pyproject",
    "read_project",
    "read_recipe",
    "read_recipes",
]
