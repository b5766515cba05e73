"""What a run may use: indexes, credentials, certificates, proxies, cache."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from msgspec import Struct, field

from wheelpin.errors import InputError
from wheelpin.values import IndexUrl, Origin

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from wheelpin.candidates.cut_off import CutOff


class ConfigurationError(InputError):
    """A setting is wrong; *origin* names the file and key, the variable or the option."""

    def __init__(self, origin: Origin, problem: str) -> None:
        super().__init__(origin, problem)
        self.origin, self.problem = origin, problem

    def __str__(self) -> str:
        return f"{self.origin}: {self.problem}"


class KeyringProvider(StrEnum):
    """How to ask the user's keyring; pip's words."""

    AUTO = "auto"
    DISABLED = "disabled"
    IMPORT = "import"
    SUBPROCESS = "subprocess"


class Credentials(Struct, frozen=True, kw_only=True):
    """User name and password; either may be a token, so neither is ever shown."""

    username: str
    password: str
    """Empty if the address had a user name only."""

    def __repr__(self) -> str:
        return "Credentials(...)"


class IndexLocation(Struct, frozen=True, kw_only=True):
    """An index or a find-links place."""

    url: IndexUrl
    """``https:``, ``http:`` or ``file:`` address without secrets; an index's ends with a slash.

    A find-links folder stays the path that the user gave.
    """
    credentials: Credentials | None = None


class Proxy(Struct, frozen=True, kw_only=True):
    """A proxy server."""

    url: str
    """Without secrets."""
    credentials: Credentials | None = None


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that configuration decides for one run; prints without secrets.

    The first index that lists a project answers for it, and `indexes` is the order. Whoever has a private
    index and needs PyPI as well names the private one as the index and PyPI as an extra one: then nobody can
    publish a newer namesake of a private project on PyPI and have it chosen.
    """

    index_url: IndexLocation
    extra_index_urls: tuple[IndexLocation, ...] = ()
    find_links: tuple[IndexLocation, ...] = ()
    no_index: bool = False
    """Only find-links count."""
    project_indexes: Mapping["NormalizedName", IndexLocation] = field(default_factory=dict)
    """Projects that are looked for on one index only."""

    cert: Path | None = None
    """File or folder of certificates to trust instead of the system's."""
    client_cert: Path | None = None
    """One file with the client's certificate and key."""
    trusted_hosts: tuple[str, ...] = ()
    """``host`` or ``host:port``, lower case: their certificates are not verified."""
    proxy: Proxy | None = None
    """For every request; the environment's proxies then do not count."""
    proxy_variables: Mapping[str, str] = field(default_factory=dict)
    """``http_proxy``, ``no_proxy`` … of the environment, names in lower case."""
    timeout_s: float = 15.0
    """For connecting, and for every wait on bytes."""
    retries: int = 3
    """How often a request is repeated after the first try failed."""
    keyring_provider: KeyringProvider = KeyringProvider.AUTO
    netrc_files: tuple[Path, ...] = ()
    """The first that exists is read."""

    cache_dir: Path
    use_cache: bool = True
    is_offline: bool = False
    refresh: bool = False
    """Ask the index again even about what the cache holds as fresh."""
    exclude_newer: "CutOff | None" = None
    """Files uploaded then or later do not exist."""
    image_registry: str | None = None
    """Where the official images that wheels are built in are fetched from, by the names that they have there."""

    def __repr__(self) -> str:
        shown = (name for name in self.__struct_fields__ if name != "proxy_variables")  # their addresses hold passwords
        return f"Settings({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    @property
    def indexes(self) -> tuple[IndexLocation, ...]:
        """The indexes in the order they are asked, each once; none with `no_index`."""
        if self.no_index:
            return ()
        return tuple({location.url: location for location in (*self.extra_index_urls[::-1], self.index_url)}.values())[
            ::-1
        ]


def split_credentials(url: str) -> tuple[str, Credentials | None]:
    """Take user name and password out of *url*; raise ValueError if it is no address."""
    parts = urlsplit(url)
    user_info, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    username, _, password = user_info.partition(":")
    bare = urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment))
    return bare, Credentials(username=unquote(username), password=unquote(password))
