from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.index.opening import NOW, Notes
from wheelpin.cache import Cache
from wheelpin.files import IndexFile
from wheelpin.index.access import Access
from wheelpin.index.file_hosts import FileHosts
from wheelpin.ports import Request, Response, StreamedResponse
from wheelpin.values import PYPI, PYPI_FILES_HOST, IndexUrl

OWN = IndexUrl("https://index.example/simple/")
WHEEL = "foo-1.0-py3-none-any.whl"


class Expecting:
    """A transport that notes what it is told to expect."""

    def __init__(self) -> None:
        self.expected: list[str] = []

    def expect(self, url: str) -> None:
        self.expected.append(url)

    def fetch(self, request: Request) -> Future[Response]:
        raise AssertionError(request)

    def stream(self, request: Request) -> StreamedResponse:
        raise AssertionError(request)


def hosts_over(transport: Expecting, cache_dir: Path | None) -> FileHosts:
    cache = None if cache_dir is None else Cache(cache_dir, Notes())
    return FileHosts(Access(transport=transport, cache=cache, reporter=Notes(), now=NOW))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("index", "expected"), [(PYPI, [f"https://{PYPI_FILES_HOST}/"]), (OWN, [])], ids=["PyPI", "any other"]
)
def test_without_a_cache_only_the_files_of_pypi_are_known(index: IndexUrl, expected: list[str]) -> None:
    transport = Expecting()
    hosts = hosts_over(transport, None)
    for _ in range(3):
        hosts.expect(index)
    assert transport.expected == expected


def test_what_one_run_learnt_the_next_expects(tmp_path: Path) -> None:
    for seen in ("https://files.example:8443/", "https://files.example:8443/", "https://new.example/"):
        hosts = hosts_over(Expecting(), tmp_path)
        hosts.expect(OWN)
        hosts.learn(OWN, IndexFile(filename=WHEEL, url=f"{seen}packages/{WHEEL}?signed=1"))
        transport = Expecting()
        hosts_over(transport, tmp_path).expect(OWN)
        assert transport.expected == [seen]


def test_nothing_is_learnt_of_an_index_that_was_not_asked(tmp_path: Path) -> None:
    hosts_over(Expecting(), tmp_path).learn(OWN, IndexFile(filename=WHEEL, url=f"https://files.example/{WHEEL}"))
    assert list(tmp_path.iterdir()) == []
