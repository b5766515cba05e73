"""Options that name requirements."""

import click
from msgspec import Struct

from wheelpin.cli.params import field_names, gathering


class InputWords(Struct, frozen=True, kw_only=True):
    """The user's words on what to lock."""

    requirements: tuple[str, ...] = ()
    requirement_files: tuple[str, ...] = ()
    constraint_files: tuple[str, ...] = ()
    override_files: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    all_extras: bool = False
    groups: tuple[str, ...] = ()

    @property
    def are_given(self) -> bool:
        """Tell whether anything names a requirement."""
        return bool(self.requirements or self.requirement_files or self.groups)


input_options = gathering(
    "input_words",
    InputWords,
    click.argument("requirements", nargs=-1, metavar="[REQUIREMENT]..."),
    click.option(
        "-r",
        "--requirement",
        "requirement_files",
        metavar="FILE",
        multiple=True,
        help="A requirements file, pyproject.toml, pylock.toml or lock; - is standard input.",
    ),
    click.option(
        "-c",
        "--constraint",
        "constraint_files",
        metavar="FILE",
        multiple=True,
        help="Limits on versions of what is required anyway.",
    ),
    click.option(
        "--override",
        "override_files",
        metavar="FILE",
        multiple=True,
        help="Requirements that replace whatever anybody asks of their projects.",
    ),
    click.option(
        "--extra", "extras", metavar="NAME", multiple=True, help="An extra of the pyproject.toml or pylock.toml."
    ),
    click.option("--all-extras", is_flag=True, help="All extras of the pyproject.toml named."),
    click.option("--group", "groups", metavar="NAME", multiple=True, help="A dependency group (PEP 735)."),
    taking=field_names(InputWords),
)
