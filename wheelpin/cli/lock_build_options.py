"""The options of ``wheelpin lock`` on wheels that nobody published."""

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from msgspec import Struct
from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from wheelpin.cli.build_options import ENGINES, time_limit_option
from wheelpin.cli.params import FILE, field_names, gathering

_MISSING, _NEVER = "missing", "never"


def _projects(text: str) -> frozenset[NormalizedName] | None:
    """Read ``never``, ``missing`` or names: those that may be built, None for all."""
    if text == _MISSING:
        return None
    if text == _NEVER:
        return frozenset()
    try:
        return frozenset(canonicalize_name(name.strip(), validate=True) for name in text.split(","))
    except InvalidName:
        raise click.BadParameter(f"{text!r} is neither never nor missing, nor names of projects") from None


class MissingWords(Struct, frozen=True, kw_only=True):
    """The user's words on what to do where no wheel fits."""

    only: frozenset[NormalizedName] | None = None
    is_spelled: bool = False
    """Whether the command line says so, and not a variable, which is the machine's own affair."""
    engine: str | None = None
    time_limit_min: int | None = None
    wheelhouse: Path | None = None
    wheelhouse_url: str | None = None

    @property
    def command_words(self) -> tuple[str, ...]:
        """The options that shape the answer."""
        words: list[str] = []
        if self.only is not None and self.is_spelled:
            words += ["--build", ",".join(sorted(self.only)) or _NEVER]
        if self.wheelhouse is not None:
            words += ["--wheelhouse", self.wheelhouse.as_posix()]
        if self.wheelhouse_url is not None:
            words += ["--wheelhouse-url", self.wheelhouse_url]
        return tuple(words)


def _words(**said: Any) -> MissingWords:
    source = click.get_current_context().get_parameter_source("only")
    return MissingWords(**said, is_spelled=source is ParameterSource.COMMANDLINE)


missing_options = gathering(
    "missing",
    _words,
    click.option(
        "--build",
        "only",
        type=_projects,
        default=_MISSING,
        envvar="WHEELPIN_BUILD",
        metavar="never|missing|NAME,...",
        help="What to build in containers where no wheel fits (WHEELPIN_BUILD); by default whatever is missing.",
    ),
    click.option("--engine", type=click.Choice(ENGINES), help="The container engine; else the one that is there."),
    time_limit_option,
    click.option(
        "--wheelhouse", type=FILE, metavar="DIR", help="The folder of built wheels; else one beside the lock."
    ),
    click.option(
        "--wheelhouse-url", metavar="URL", help="Where that folder is published; else wheels are pinned by path."
    ),
    taking=tuple(name for name in field_names(MissingWords) if name != "is_spelled"),
)
