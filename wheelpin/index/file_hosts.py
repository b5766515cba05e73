"""Where an index keeps its files: known before its first page has come, the way there can be made meanwhile."""

from collections.abc import Mapping
from threading import Lock
from types import MappingProxyType
from urllib.parse import urlsplit

from wheelpin.files import IndexFile
from wheelpin.index.access import Access
from wheelpin.values import PYPI, PYPI_FILES_HOST, IndexUrl

HOSTS = "file-hosts-1"
"""The kind of cache entry; counts up with its form."""

_WELL_KNOWN: Mapping[str, str] = MappingProxyType({PYPI: f"https://{PYPI_FILES_HOST}/"})


class FileHosts:
    """The hosts of files by index, as earlier runs saw them."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._lock = Lock()
        self._expected: dict[IndexUrl, str] = {}

    def expect(self, index: IndexUrl) -> None:
        """Have the connection to the files of *index* made, when it is first asked for a page."""
        with self._lock:
            if index in self._expected:
                return
            kept = self._access.kept(HOSTS, index)
            host = kept.decode(errors="replace") if kept is not None else _WELL_KNOWN.get(index, "")
            self._expected[index] = host
        if host:
            self._access.transport.expect(host)

    def learn(self, index: IndexUrl, file: IndexFile) -> None:
        """Keep for the runs to come where a file of *index* lies."""
        parts = urlsplit(file.url)
        host = f"{parts.scheme}://{parts.netloc}/"
        if host != self._expected.get(index, host):
            self._expected[index] = host
            self._access.keep(HOSTS, index, host.encode())
