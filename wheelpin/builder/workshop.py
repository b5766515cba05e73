"""What builds need of the world: an engine, places to fetch from and to keep in, and somebody to tell."""

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct, field

from wheelpin.builder.recipes import Recipes
from wheelpin.cache import Cache
from wheelpin.candidates.rules import Rules
from wheelpin.engines import Engine
from wheelpin.ports import Reporter
from wheelpin.target import Target
from wheelpin.wheelhouse import Supply

DEFAULT_TIME_LIMIT_S = 2 * 60 * 60
"""A build that takes longer hangs, with few exceptions."""


def _silent(_: str) -> None:
    """Say nothing."""


class Workshop(Struct, frozen=True, kw_only=True):
    """Everything that is the same for all builds of a run."""

    engine: Engine
    supply: Supply
    """Where build requirements come from; its index has to be there."""
    cache: Cache | None
    logs: Path
    """The folder of logs; each build writes its own."""
    choose_image: Callable[[Target, str | None], str]
    """The image for a target, given what its recipe says; raises `CannotBuildError`."""
    rules: Rules = field(default_factory=Rules)
    """Which build requirements may be chosen."""
    recipes: Recipes = field(default_factory=Recipes)
    """How build requirements are built that have no wheel."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """The caller's, for proxies."""
    time_limit_s: int = DEFAULT_TIME_LIMIT_S
    """For each container."""
    say: Callable[[str], object] = _silent
    """Takes what people should know before it happens."""
    live: Callable[[str], object] | None = None
    """Takes the log line by line, where somebody watches."""
    keeps_logs: bool = False
    """Also of builds that went well."""

    @property
    def reporter(self) -> Reporter:
        """Who is told of details."""
        return self.supply.reporter
