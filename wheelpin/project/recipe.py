"""How the wheels of one project are built where nobody published them: the tables ``build.NAME``."""

from collections.abc import Mapping

from msgspec import Struct, field
from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from wheelpin.project.table import Table
from wheelpin.requirements import parse_requirement


class Recipe(Struct, frozen=True, kw_only=True):
    """What a build of one project gets beyond its sdist and its build requirements. Empty: nothing."""

    system_packages: tuple[str, ...] = ()
    """Installed by the image's own package manager before the build, with the network."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables of the build, over those that wheelpin sets."""
    before_build: tuple[str, ...] = ()
    """Shell commands, run in order in the unpacked and patched sdist."""
    patches: tuple[str, ...] = ()
    """Patch files, applied in order; paths relative to the folder of the project's file."""
    config_settings: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """For the build backend (PEP 517)."""
    build_requires: tuple[str, ...] = ()
    """Requirements (PEP 508) beyond those that the sdist states, or limits on them."""
    network: bool = False
    """Whether the build itself may use the network."""
    image: str | None = None
    """The container image to build in, instead of the one that is chosen for the target."""
    optional_extensions: tuple[str, ...] = ()
    """Extension modules that the wheel may lack, ``yaml._yaml``; ``*`` stands for anything."""
    test_command: tuple[str, ...] = ()
    """Shell commands, run in order in a fresh container with the wheel installed."""
    test_requires: tuple[str, ...] = ()
    """Requirements (PEP 508) that the test command needs."""


_KEYS = (
    *("system-packages", "environment", "before-build", "patches", "config-settings", "build-requires"),
    *("network", "image", "optional-extensions", "test-command", "test-requires"),
)


def read_recipe(table: Table) -> Recipe:
    """Read one project's table; raise a branch of `InputError` that names the file, the key and what is allowed."""
    table.refuse_others(_KEYS)
    environment = table.text_by_key("environment")
    for name in environment:
        if not name or "=" in name or "\0" in name:
            raise table.error("is no name of a variable", "environment", name)
    settings = table.table("config-settings")
    return Recipe(
        system_packages=table.texts("system-packages"),
        environment=environment,
        before_build=table.text_or_texts("before-build"),
        patches=table.texts("patches"),
        config_settings={name: _setting(settings, name) for name in settings.values},
        build_requires=_requirements(table, "build-requires"),
        network=table.flag("network"),
        image=table.text("image"),
        optional_extensions=table.texts("optional-extensions"),
        test_command=table.text_or_texts("test-command"),
        test_requires=_requirements(table, "test-requires"),
    )


def read_recipes(table: Table) -> Mapping[NormalizedName, Recipe]:
    """Read the tables ``build.NAME`` of *table*, by the projects' normalised names."""
    recipes: dict[NormalizedName, Recipe] = {}
    for name, inside in table.tables("build"):
        try:
            project = canonicalize_name(name, validate=True)
        except InvalidName:
            raise inside.error("is no project's name") from None
        if project in recipes:
            raise inside.error(f"is the second table for {project}")
        recipes[project] = read_recipe(inside)
    return recipes


def _setting(settings: Table, name: str) -> str | tuple[str, ...]:
    texts = settings.text_or_texts(name)
    return texts if isinstance(settings.values[name], list) else texts[0]


def _requirements(table: Table, key: str) -> tuple[str, ...]:
    texts = table.texts(key)
    for text in texts:
        parse_requirement(text, table.origin_of(key))
    return texts
