"""A requirement, and all that a set of inputs asks for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from wheelpin.values import Origin, Sha256, without_secrets

if TYPE_CHECKING:
    from packaging.markers import Marker


class Requirement(Struct, frozen=True, kw_only=True):
    """A project that somebody needs (PEP 508), and who said so."""

    name: NormalizedName
    extras: frozenset[NormalizedName] = frozenset()
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    url: str | None = None
    """A direct reference: ``https:`` or ``file:`` address of one wheel or sdist, hash fragment included."""
    marker: "Marker | None" = None
    hashes: frozenset[Sha256] = frozenset()
    """With ``--hash=sha256:…``: only these files may be chosen."""
    tags: tuple[str, ...] = ()
    """Target parts in ``pip==1.3.1[manylinux1,cp36,x86_64]``: this project is chosen for that narrower target."""
    origin: Origin

    def __str__(self) -> str:
        """Spell the requirement as PEP 508 does, without hashes, tags and secrets."""
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        # A marker after an address needs a space before its semicolon, or it would be part of the address.
        wanted = str(self.specifier) if self.url is None else f" @ {without_secrets(self.url)} "
        marker = "" if self.marker is None else f"; {self.marker}"
        return f"{self.name}{extras}{wanted}{marker}".rstrip()


class IndexOptions(Struct, frozen=True, kw_only=True):
    """Where to look, as the lines of a requirements file say it; None and empty mean "not said"."""

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    trusted_hosts: tuple[str, ...] = ()


class FormatControl(Struct, frozen=True, kw_only=True):
    """``--only-binary`` and ``--no-binary`` of a requirements file; ``:all:`` stands for every project."""

    only_binary: frozenset[str] = frozenset()
    no_binary: frozenset[str] = frozenset()


class PythonDemand(Struct, frozen=True, kw_only=True):
    """A project file or lock that says for which Pythons it is meant."""

    specifier: SpecifierSet
    origin: Origin


class Inputs(Struct, frozen=True, kw_only=True):
    """Everything that requirement files, project files and the command line ask for together."""

    requirements: tuple[Requirement, ...] = ()
    constraints: tuple[Requirement, ...] = ()
    options: IndexOptions = field(default_factory=IndexOptions)
    format_control: FormatControl = field(default_factory=FormatControl)
    allow_prereleases: bool = False
    target: str | None = None
    """From ``# wheelpin: target=…``."""
    python_full_version: str | None = None
    """From ``# wheelpin: target=… python-full-version=…``."""
    directive_origin: Origin | None = None
    warnings: tuple[str, ...] = ()
    """What was read but has no meaning here, each with its file and line."""
    python_demands: tuple[PythonDemand, ...] = ()
    """``requires-python`` of every pyproject.toml and pylock.toml that was read."""
    project_indexes: Mapping[NormalizedName, str] = field(default_factory=dict)
    """Projects pinned to one index."""
