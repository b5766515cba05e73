"""What every reader of remote indexes is given, and what they report alike."""

from datetime import datetime

from msgspec import Struct

from wheelpin.cache import Cache
from wheelpin.errors import IndexUnavailableError
from wheelpin.ports import Reporter, Transport
from wheelpin.values import without_secrets


class Access(Struct, frozen=True, kw_only=True):
    """The way to what is remote."""

    transport: Transport
    cache: Cache | None
    reporter: Reporter
    now: datetime
    """When the run began (UTC): what is fresh then is fresh for all of it."""
    is_offline: bool = False
    """Nothing is asked: the cache answers, whatever its age."""
    must_revalidate: bool = False
    """Nothing in the cache counts as fresh."""

    def kept(self, kind: str, key: str) -> bytes | None:
        """Return what an earlier run kept, if there is a cache."""
        return None if self.cache is None else self.cache.get(kind, key)

    def keep(self, kind: str, key: str, *parts: bytes | memoryview) -> None:
        """Keep the blob of *parts* for later runs, if there is a cache."""
        if self.cache is not None:
            self.cache.put(kind, key, *parts)

    def drop(self, kind: str, key: str) -> None:
        """Let go of what was kept."""
        if self.cache is not None:
            self.cache.drop(kind, key)


class NotCachedError(IndexUnavailableError):
    """Something is needed that the cache does not hold, and the network may not be used."""

    hint = "run once without --offline, with the same cache folder"

    def __init__(self, url: str) -> None:
        self.url = without_secrets(url)
        super().__init__(self.url)

    def __str__(self) -> str:
        return f"{self.url} is not in the cache, and the run is offline"


class IndexRefusedError(IndexUnavailableError):
    """An index lets nobody in without credentials, or not with these.

    The search ends here, because the next index may list a stranger's project of the same name.
    """

    hint = (
        "give credentials in the index's address, in a netrc file or in a keyring; "
        "if this index never has the project, name the one that does with --project-index"
    )

    def __init__(self, url: str, status: int) -> None:
        url = without_secrets(url)
        super().__init__(url, status)
        self.url, self.status = url, status

    def __str__(self) -> str:
        return f"{self.url} refuses with status {self.status}"
